// A built-in guardrail: a definition, and two things that show what it does, one that it bites on and one that it lets pass.
import type { Definition, Effect, GuardrailDocument, ParameterValues } from '../schema.ts'

export type Example = Partial<Omit<GuardrailDocument, 'classification'>> & {
  readonly rank?: number
  readonly caveats?: readonly string[]
}

export type Entry = {
  readonly name: string
  readonly definition: Definition
  /** Values for the examples, where there is no default. */
  readonly parameters: ParameterValues
  readonly bites: Example
  readonly passes: Example
  /** What both were before, where that matters. */
  readonly before: Example | undefined
}

type Given = Omit<Definition, 'category' | 'version' | 'effects' | 'effect'> & {
  readonly effects?: Effect[]
  readonly effect?: Effect
  readonly version?: string
  readonly values?: ParameterValues
  readonly bites: Example
  readonly passes: Example
  readonly before?: Example
}

/** May refuse, or only say. What is known while a thing is written can be refused then. */
const refusable: Effect[] = ['deny', 'audit', 'disabled']
/** What changes by itself, by age or by use, is found out later: nobody is there to be refused. */
export const watched: Effect[] = ['audit', 'disabled']
export const attested: Effect[] = ['manual', 'disabled']
export const corrected: Effect[] = ['modify', 'audit', 'disabled']
export const kept: Effect[] = ['remediate', 'audit', 'disabled']

export const inCategory =
  (category: string) =>
  (
    name: string,
    { effects = refusable, effect = effects[0]!, version = '1.0.0', values = {}, bites, passes, before, ...rest }: Given,
  ): Entry => ({
    name,
    definition: { ...rest, category, version, effects, effect },
    parameters: values,
    bites,
    passes,
    before,
  })

/** An example as a whole document; of the first kind that the guardrail is about, unless it says which. */
export const exampleDocument = (
  { definition: { kinds } }: Entry,
  { rank = 0, caveats = [], ...given }: Example,
): GuardrailDocument => ({
  kind: kinds[0] === '*' ? 'deployment' : kinds[0]!,
  id: 'example_00000000000000000000000000',
  scope: '/research',
  scopeId: 'folder_00000000000000000000000000',
  name: 'example',
  labels: {},
  classification: { rank, caveats },
  owner: 'user_00000000000000000000000000',
  spec: {},
  facts: {},
  ...given,
})

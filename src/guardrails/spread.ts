// An assignment, spread into the guardrails it means: its own, or each of its initiative's with the values that come down to it.
import { bind } from './language/parameters.ts'
import { own, type Fault } from './language/reading.ts'
import { builtin } from './library/index.ts'
import type { Assignment, Definition, Effect, Initiative, ParameterValues, Value } from './schema.ts'
import type { GuardrailFacts } from './store.ts'

export type Assigned = Assignment & { readonly id: string; readonly scopeId: string }

export type Member = {
  readonly guardrail: string
  /** Absent when there is none of this name. */
  readonly definition: Definition | undefined
  readonly effect: Effect
  readonly parameters: ParameterValues
  readonly faults: readonly Fault[]
}

type Part = Initiative['guardrails'][number]
type Known = Pick<GuardrailFacts, 'definitions' | 'initiatives'>

export const definitionIn = ({ definitions }: Pick<Known, 'definitions'>, ref: string): Definition | undefined =>
  builtin.definitions.get(ref) ?? definitions.get(ref)
export const initiativeIn = ({ initiatives }: Pick<Known, 'initiatives'>, ref: string): Initiative | undefined =>
  builtin.initiatives.get(ref) ?? initiatives.get(ref)

export const spread = (assigned: Assignment, known: Known): Member[] => {
  const { guardrail, initiative } = assigned
  if (guardrail !== undefined && initiative === undefined) return [single(assigned, guardrail, known)]
  if (initiative !== undefined && guardrail === undefined) return ofInitiative(assigned, initiative, known)
  return [missing(guardrail ?? '', { at: '/guardrail', message: 'either a guardrail or an initiative is assigned' })]
}

const missing = (guardrail: string, fault: Fault): Member => ({
  guardrail,
  definition: undefined,
  effect: 'audit',
  parameters: {},
  faults: [fault],
})

const single = ({ parameters = {}, effect, effects }: Assignment, guardrail: string, known: Known): Member => {
  const definition = definitionIn(known, guardrail)
  if (!definition) return missing(guardrail, { at: '/guardrail', message: `there is no guardrail ${guardrail}` })
  const faults = effects === undefined ? [] : [{ at: '/effects', message: 'are for an initiative; use effect' }]
  return member(guardrail, definition, { effect, parameters, at: '', faults })
}

type Given = { effect: Effect | undefined; parameters: ParameterValues; at: string; faults: readonly Fault[] }

const member = (
  guardrail: string,
  definition: Definition,
  { effect = definition.effect, parameters, at, faults }: Given,
): Member => {
  const bound = bind(definition.parameters ?? {}, parameters, `${at}/parameters`)
  const allowed = effect === 'disabled' || definition.effects.includes(effect)
  const odd = { at: `${at}/effect`, message: `${guardrail} has the effects ${definition.effects.join(', ')}` }
  return {
    guardrail,
    definition,
    effect,
    parameters: bound.values,
    faults: [...faults, ...bound.faults, ...(allowed ? [] : [odd])],
  }
}

const ofInitiative = (assigned: Assignment, ref: string, known: Known): Member[] => {
  const initiative = initiativeIn(known, ref)
  if (!initiative) return [missing(ref, { at: '/initiative', message: `there is no initiative ${ref}` })]
  const bound = bind(initiative.parameters ?? {}, assigned.parameters ?? {}, '/parameters')
  const [first, ...others] = membersIn(initiative, bound.values, known, assigned.effects)
  // What is wrong with the whole is said once, of the first.
  return first ? [{ ...first, faults: [...bound.faults, ...strays(assigned, initiative), ...first.faults] }, ...others] : []
}

/** Each guardrail of an initiative, with the values that its own parameters hand down. */
export const membersIn = (
  { guardrails }: Initiative,
  values: ParameterValues,
  known: Pick<Known, 'definitions'>,
  effects: Readonly<Record<string, Effect>> = {},
): Member[] => guardrails.map((given, i) => inherited(given, { at: `/guardrails/${i}`, values, known, effects }, guardrails))

const strays = ({ effect, effects = {} }: Assignment, { guardrails }: Initiative): Fault[] => [
  ...(effect === undefined ? [] : [{ at: '/effect', message: 'is for one guardrail; use effects' }]),
  ...Object.keys(effects)
    .filter((ref) => !guardrails.some(({ guardrail }) => guardrail === ref))
    .map((ref) => ({ at: `/effects/${ref}`, message: 'is not in this initiative' })),
]

type Above = {
  at: string
  values: ParameterValues
  known: Pick<Known, 'definitions'>
  effects: Readonly<Record<string, Effect>>
}

const inherited = (
  { guardrail, effect, parameters = {} }: Part,
  { at, values, known, effects }: Above,
  all: readonly Part[],
): Member => {
  const definition = definitionIn(known, guardrail)
  if (!definition) return missing(guardrail, { at, message: `there is no guardrail ${guardrail}` })
  const twice = all.filter((other) => other.guardrail === guardrail).length > 1
  return member(guardrail, definition, {
    effect: Object.hasOwn(effects, guardrail) ? effects[guardrail] : effect,
    parameters: handedDown(parameters, values),
    at,
    faults: twice ? [{ at, message: `${guardrail} is named twice` }] : [],
  })
}

/** Values said in the initiative, and those it takes from its own parameters; a name that it lacks is left for bind() to miss. */
const handedDown = (given: NonNullable<Part['parameters']>, values: ParameterValues): ParameterValues =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]): [string, Value][] => {
      const param = own(value, 'param')
      if (typeof param !== 'string') return [[name, value as Value]] // bind() looks at what it is
      return Object.hasOwn(values, param) ? [[name, values[param]!]] : []
    }),
  )

// A guardrail tried over what there is, before it is put to work: what it would say, of how many, and whom it would lock out. Nothing is changed.
import { Type, type Static } from 'typebox'
import {
  Assignment,
  builtin,
  checkDefinition,
  coverOf,
  Definition,
  lockOut,
  published,
  tryOut,
  type GuardrailDocument,
  type LockOut,
  type Verdict,
} from '#guardrails'
import { noScope, resolveScope, type Scope } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid, Problem } from '#platform/problem.ts'
import { documentsIn, findReferenced, get } from '#resources'
import { definitionIn } from './guardrails.ts'
import { Named } from './naming.ts'

export const trialDocumentsMax = 10_000
const pageRows = 500
/** After which no further page is begun. */
const trialMsMax = 3_000
const samplesMax = 20

export const Trial = Type.Object(
  {
    definition: Type.Optional(Definition),
    guardrail: Type.Optional(Named('guardrail')),
    parameters: Assignment.properties.parameters,
    effect: Assignment.properties.effect,
    scope: Type.Optional(Type.String({ maxLength: 1_000, description: 'Path or id; absent means the organisation' })),
    kinds: Type.Optional(
      Type.Array(Type.String({ maxLength: 80 }), { minItems: 1, maxItems: 50, description: 'Of those the guardrail is about' }),
    ),
  },
  { additionalProperties: false },
)
export type Trial = Static<typeof Trial>

export const Tried = Type.Object({
  judged: Type.Integer(),
  more: Type.Boolean({ description: 'There is more that was not looked at' }),
  counts: Type.Object({
    compliant: Type.Integer(),
    'non-compliant': Type.Integer(),
    unknown: Type.Integer(),
    'not-applicable': Type.Integer(),
  }),
  samples: Type.Array(
    Type.Object({
      resource: Type.Object({ id: Type.String(), kind: Type.String(), scope: Type.String(), name: Type.String() }),
      state: Type.String(),
      message: Type.Optional(Type.String()),
      changes: Type.Optional(Type.Array(Type.Object({ path: Type.String(), value: Type.Unknown() }))),
    }),
    { description: 'Of what does not meet it, or cannot be judged' },
  ),
  lockOut: Type.Optional(
    Type.Object(
      { reason: Type.String(), explanation: Type.String() },
      { description: 'Enforced now, it would lock everyone out' },
    ),
  ),
})
export type Tried = Static<typeof Tried>

/** Over what the caller may read: a message of a guardrail quotes what it is about. */
export const tryGuardrail = async (ctx: Context, trial: Trial): Promise<Tried> => {
  const scope = await placeOf(ctx, trial.scope)
  const definition = await definitionOf(ctx, trial)
  const given = { parameters: trial.parameters ?? {}, effect: trial.effect ?? definition.effect }
  const told: Told[] = []
  const where = { scopeId: scope.id, kinds: kindsIn(definition, trial), limit: pageRows, readable: true }
  let page = await documentsIn(ctx, where)
  const found = lockOut(definition, given, page, ctx.now())
  for (const startedMs = performance.now(); page.length > 0;) {
    const verdicts = tryOut(definition, given, page, ctx.now())
    told.push(...page.flatMap((doc, i) => (verdicts[i] ? { doc, verdict: verdicts[i] } : [])))
    if (told.length >= trialDocumentsMax || performance.now() - startedMs > trialMsMax) break
    page = page.length < pageRows ? [] : await documentsIn(ctx, { ...where, after: page.at(-1)!.id })
  }
  return { ...summary(told), more: page.length === pageRows, ...(found ? { lockOut: wordsOf(found) } : {}) }
}

/** Where one may not look, there is no scope, or its name could be guessed. */
const placeOf = async (ctx: Context, which: string | undefined): Promise<Scope> => {
  const scope = await resolveScope(ctx, which)
  await ctx.authorize('guardrail.read', { kind: 'guardrail', scope: scope.id }).catch((error: unknown) => {
    throw scope.parentId !== undefined && error instanceof Problem && error.status === 404 ? noScope(which!) : error
  })
  return scope
}

const kindsIn =
  ({ kinds }: Definition, trial: Trial) =>
  (kind: string): boolean =>
    coverOf(kinds)(kind) && (trial.kinds?.includes(kind) ?? true)

const wordsOf = ({ reason, explanation }: LockOut) => ({ reason, explanation })

type Told = { doc: GuardrailDocument; verdict: Verdict }

const summary = (told: readonly Told[]): Omit<Tried, 'more'> => {
  const counts = { compliant: 0, 'non-compliant': 0, unknown: 0, 'not-applicable': 0, exempt: 0 }
  for (const { verdict } of told) counts[verdict.state]++
  const worth = told.filter(({ verdict: { state } }) => state === 'non-compliant' || state === 'unknown')
  return { judged: told.length, counts, samples: worth.slice(0, samplesMax).map(sampleOf) }
}

const sampleOf = ({ doc: { id, kind, scope, name }, verdict: { state, message, changes } }: Told): Tried['samples'][number] => ({
  resource: { id, kind, scope, name },
  state,
  ...(message === undefined ? {} : { message }),
  ...(changes ? { changes: [...changes] } : {}),
})

const definitionOf = async (ctx: Context, { definition, guardrail }: Trial): Promise<Definition> => {
  if ((definition === undefined) === (guardrail === undefined))
    throw invalid('Say either a definition or a guardrail.', {
      faults: [{ at: '/guardrail', message: 'or definition, and not both' }],
    })
  if (definition !== undefined) return checkDefinition(definition)
  const known = builtin.definitions.get(guardrail!) ?? (await published(ctx)).definitions.get(guardrail!)
  return known ?? definitionIn(await get(ctx, 'guardrail', (await findReferenced(ctx, guardrail!))?.id ?? guardrail!))
}

import { Type, type Static } from 'typebox'
import { Classification } from './schema.ts'

export const reachedMax = 200

const Governing = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  scope: Type.String(),
  spec: Type.Record(Type.String(), Type.Unknown()),
})
export type Governing = Static<typeof Governing>

const Reaching = Type.Object({
  assignment: Type.String(),
  guardrail: Type.String(),
  title: Type.String(),
  effect: Type.String(),
  enforced: Type.Boolean(),
})
export type Reaching = Static<typeof Reaching>

const Failing = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  assignment: Type.String(),
  guardrail: Type.String(),
  state: Type.String(),
  message: Type.Optional(Type.String()),
})
export type Failing = Static<typeof Failing>

/** Gained and lost by what moves and by all that lies in it. */
const both = <T extends ReturnType<typeof Type.Object>>(item: T) =>
  Type.Object({ gained: Type.Array(item, { maxItems: reachedMax }), lost: Type.Array(item, { maxItems: reachedMax }) })

export const MovePreview = Type.Object({
  from: Type.String({ description: 'Path of the scope it lies in' }),
  to: Type.String({ description: 'Path of the scope it would lie in' }),
  inside: Type.Object({ scopes: Type.Integer(), resources: Type.Integer() }, { description: 'What moves along with it' }),
  governing: Type.Object(both(Governing).properties, {
    description: 'Roles given, approval rules, locks and whatever else is given at a scope and holds below',
  }),
  guardrails: both(Reaching),
  failing: Type.Array(Failing, {
    maxItems: reachedMax,
    description: 'What moves and is not what a guardrail of the new place wants',
  }),
  classification: Type.Object(
    { before: Classification, after: Classification },
    { description: 'What everything in it is classified as at the least' },
  ),
  hidden: Type.Integer({ description: 'How many more are gained or lost that you may not see' }),
  truncated: Type.Boolean({ description: `Some list ends after ${reachedMax}` }),
})
export type MovePreview = Static<typeof MovePreview>

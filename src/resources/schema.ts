import { Type, type Static, type TObject } from 'typebox'
import type { Verdict } from '#guardrails'

export const namePattern = '^[a-z][a-z0-9-]{0,62}$'
const labelsMax = 64

export const Labels = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9./-]{0,62}$' }),
  Type.String({ maxLength: 256, pattern: '^[^\\u0000-\\u001f]*$' }),
  { maxProperties: labelsMax, additionalProperties: false },
)

/** In rising order: how much it matters that a thing goes on working. */
export const criticalities = ['low', 'medium', 'high', 'mission'] as const
export const Criticality = Type.Union([
  Type.Literal('low'),
  Type.Literal('medium'),
  Type.Literal('high'),
  Type.Literal('mission'),
])
export type Criticality = Static<typeof Criticality>

const caveatsMax = 50
export const Classification = Type.Object(
  {
    level: Type.Optional(Type.String({ maxLength: 80 })),
    caveats: Type.Optional(Type.Array(Type.String({ maxLength: 80 }), { maxItems: caveatsMax })),
  },
  { additionalProperties: false },
)
const Classified = Type.Object({ level: Type.String(), caveats: Type.Array(Type.String()) })

const common = {
  id: Type.String(),
  kind: Type.String(),
  scope: Type.String({ description: 'Path of the scope it lies in' }),
  scopeId: Type.String(),
  name: Type.String(),
  labels: Labels,
  owner: Type.String(),
  generation: Type.Integer({ minimum: 1 }),
  etag: Type.String(),
  classification: Classified,
  effectiveClassification: Type.Object(Classified.properties, {
    description: 'Its own and that of every scope it lies in, joined',
  }),
  criticality: Type.Optional(Criticality),
  effectiveCriticality: Criticality,
  dependsOn: Type.Optional(Type.Array(Type.String(), { description: 'Ids of what was declared as needed' })),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
}

/** A resource of a kind not named in its type: spec and status are whatever the kind says. */
export const Resource = Type.Object({
  ...common,
  spec: Type.Record(Type.String(), Type.Unknown()),
  status: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type Resource = Static<typeof Resource>

export const resourceOf = (kind: { kind: string; spec: TObject; status?: TObject }): TObject =>
  Type.Object({
    ...common,
    kind: Type.Literal(kind.kind),
    spec: kind.spec,
    ...(kind.status ? { status: Type.Optional(kind.status) } : {}),
  })

const applied = {
  scope: Type.Optional(Type.String({ maxLength: 1000, description: 'Path or id of the scope; absent means the organisation' })),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  labels: Type.Optional(Labels),
  classification: Type.Optional(Classification),
  criticality: Type.Optional(Criticality),
  dependsOn: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1200 }), {
      maxItems: 100,
      description: 'What it needs, by id or as kind:/scope/name',
    }),
  ),
}

export const reasonMax = 1_000
export const Reason = Type.String({ minLength: 1, maxLength: reasonMax, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' })

export const applyOf = (kind: { spec: TObject }): TObject =>
  Type.Object({ ...applied, reason: Type.Optional(Reason), spec: kind.spec }, { additionalProperties: false })

/** One document of `holdfast apply -f`. */
export const Desired = Type.Object(
  { kind: Type.String({ maxLength: 80 }), ...applied, spec: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
  { additionalProperties: false },
)
export type Desired = Static<typeof Desired>

export const Outcome = Type.Union([
  Type.Literal('created'),
  Type.Literal('changed'),
  Type.Literal('unchanged'),
  Type.Literal('deleted'),
])
export type Outcome = Static<typeof Outcome>

export const GuardrailVerdict = Type.Unsafe<Verdict>(
  Type.Object({
    assignment: Type.String(),
    guardrail: Type.String(),
    initiative: Type.Optional(Type.String()),
    effect: Type.String(),
    enforced: Type.Boolean(),
    state: Type.String(),
    message: Type.Optional(Type.String()),
    policyVersion: Type.String(),
    exemption: Type.Optional(Type.String()),
    exemptUntil: Type.Optional(Type.String()),
    changes: Type.Optional(Type.Array(Type.Object({ path: Type.String(), value: Type.Unknown() }))),
  }),
)

export const Approval = Type.Object({
  rule: Type.String(),
  action: Type.String(),
  scope: Type.String(),
  quorum: Type.Integer(),
  approverRole: Type.Optional(Type.String()),
})

export const Applied = Type.Object({
  outcome: Outcome,
  resource: Resource,
  before: Type.Optional(Resource),
  verdicts: Type.Optional(Type.Unsafe<readonly Verdict[]>(Type.Array(GuardrailVerdict))),
  approvals: Type.Optional(Type.Array(Approval, { description: 'Of a dry run: who else must approve' })),
})
export type Applied = Static<typeof Applied>

export const Revision = Type.Object({
  generation: Type.Integer(),
  change: Type.Union([Type.Literal('created'), Type.Literal('changed'), Type.Literal('deleted')]),
  name: Type.String(),
  labels: Labels,
  classification: Classified,
  criticality: Type.Optional(Criticality),
  dependsOn: Type.Optional(Type.Array(Type.String())),
  spec: Type.Record(Type.String(), Type.Unknown()),
  reason: Type.Optional(Type.String()),
  actor: Type.String(),
  requestId: Type.String(),
  at: Type.String({ format: 'date-time' }),
})
export type Revision = Static<typeof Revision>

export const KindInfo = Type.Object({
  kind: Type.String(),
  plural: Type.String(),
  title: Type.String(),
  description: Type.String(),
  isScope: Type.Boolean(),
  spec: Type.Unknown(),
})

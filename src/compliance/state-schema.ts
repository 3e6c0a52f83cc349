import { Type } from 'typebox'
import { states } from './state.ts'
import { staleReasons } from './state-sql.ts'

const Count = Type.Integer({ minimum: 0 })
export const Time = Type.String({ format: 'date-time' })
export const ScopeWhich = Type.String({
  minLength: 1,
  maxLength: 1000,
  description: 'Path or id of a scope: what is at or below it',
})
export const Ref = Type.String({ minLength: 1, maxLength: 200 })

export const State = Type.Enum([...states], {
  description: 'stale: it was judged, but guardrails or the thing changed since, or it was too long ago',
})
export const Counts = Type.Object({
  compliant: Count,
  'non-compliant': Count,
  exempt: Count,
  stale: Count,
  unknown: Count,
})

export const about = {
  scope: Type.Optional(ScopeWhich),
  initiative: Type.Optional(Ref),
  assignment: Type.Optional(Ref),
}
export const AskedQuery = Type.Object(about, { additionalProperties: false })
export const PointsQuery = Type.Object({ ...about, since: Type.Optional(Time) }, { additionalProperties: false })

export const Sweep = Type.Object({
  running: Type.Boolean(),
  startedAt: Type.Optional(Time),
  seen: Type.Integer({ minimum: 0, description: 'Things judged in this round' }),
  finishedAt: Type.Optional(Time),
  finishedSeen: Type.Optional(Count),
})

export const Summary = Type.Object({
  scope: Type.String(),
  guardrailsVersion: Type.String(),
  oldestAt: Type.Optional(Type.String({ format: 'date-time', description: 'No verdict that counts was made before this' })),
  sweep: Sweep,
  resources: Counts,
  verdicts: Counts,
  scopes: Type.Array(Type.Object({ scope: Type.String(), scopeId: Type.String(), resources: Counts }), {
    description: 'The scope itself, and each right below it with all it holds',
  }),
  initiatives: Type.Array(Type.Object({ initiative: Type.String(), verdicts: Counts })),
  assignments: Type.Array(
    Type.Object({
      assignment: Type.String(),
      initiative: Type.Optional(Type.String()),
      verdicts: Counts,
      guardrails: Type.Array(
        Type.Object({
          guardrail: Type.String(),
          title: Type.String(),
          effect: Type.String(),
          enforced: Type.Boolean(),
          verdicts: Counts,
        }),
      ),
    }),
  ),
})

export const Points = Type.Object({ items: Type.Array(Type.Object({ at: Time, ...Counts.properties })) })

export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }))
export const VerdictsQuery = Type.Object(
  {
    ...about,
    resource: Type.Optional(Ref),
    guardrail: Type.Optional(Ref),
    kind: Type.Optional(Type.String({ maxLength: 80 })),
    state: Type.Optional(State),
    after: Type.Optional(Type.String({ maxLength: 300 })),
    limit: Limit,
  },
  { additionalProperties: false },
)

export const Verdicts = Type.Object({
  items: Type.Array(
    Type.Object({
      resource: Type.Object({
        id: Type.String(),
        kind: Type.String(),
        name: Type.String(),
        scope: Type.String(),
        scopeId: Type.String(),
      }),
      assignment: Type.String(),
      guardrail: Type.String(),
      initiative: Type.Optional(Type.String()),
      title: Type.String(),
      effect: Type.String(),
      enforced: Type.Boolean(),
      state: State,
      was: Type.Optional(Type.String({ description: 'When it was judged, where that no longer holds' })),
      stale: Type.Optional(Type.Enum([...staleReasons])),
      message: Type.Optional(Type.String()),
      exemption: Type.Optional(Type.String()),
      attestation: Type.Optional(Type.Object({ id: Type.String(), actor: Type.String(), statement: Type.String(), at: Time })),
      until: Type.Optional(Type.String({ format: 'date-time', description: 'When the state changes by itself' })),
      remediable: Type.Boolean(),
      since: Type.Optional(Time),
      judgedAt: Time,
      guardrailsVersion: Type.String(),
      generation: Type.Optional(Type.Integer()),
    }),
  ),
  next: Type.Optional(Type.String()),
})

export const TransitionsQuery = Type.Object(
  {
    ...about,
    resource: Type.Optional(Ref),
    after: Type.Optional(Type.Integer({ minimum: 1 })),
    limit: Limit,
  },
  { additionalProperties: false },
)
export const Transitions = Type.Object({
  items: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      resource: Type.Object({
        id: Type.String(),
        kind: Type.String(),
        name: Type.String({ description: 'What it was called then' }),
        scope: Type.String({ description: 'Where it lies; of what is gone, where it lay at last' }),
        gone: Type.Boolean(),
      }),
      assignment: Type.String(),
      guardrail: Type.String(),
      was: Type.Optional(Type.String()),
      became: Type.Optional(Type.String()),
      cause: Type.String({ description: 'change, guardrails, attestation or observed' }),
      actor: Type.Optional(Type.String()),
      requestId: Type.Optional(Type.String()),
      generation: Type.Optional(Type.Integer()),
      guardrailsVersion: Type.String(),
      at: Time,
    }),
  ),
  next: Type.Optional(Type.Integer()),
})

export const SweepRequest = Type.Object({ scope: Type.Optional(ScopeWhich) }, { additionalProperties: false })

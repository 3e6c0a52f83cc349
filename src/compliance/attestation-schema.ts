import { Type } from 'typebox'
import { about, Limit, Ref, ScopeWhich, Time } from './state-schema.ts'

const plainText = '^[^\\u0000-\\u0008\\u000e-\\u001f]*$'
export const standings = ['valid', 'ended', 'withdrawn', 'moot'] as const
export const Standing = Type.Enum([...standings], {
  description: 'ended: its time is over; moot: nothing asks for it any more, or what it was said of is gone',
})

export const NewAttestation = Type.Object(
  {
    assignment: Ref,
    guardrail: Type.Optional(Ref),
    resource: Type.Optional(Ref),
    scope: Type.Optional(ScopeWhich),
    statement: Type.String({ minLength: 1, maxLength: 2_000, pattern: plainText }),
    expiresAt: Time,
  },
  { additionalProperties: false },
)

const said = {
  id: Type.String(),
  assignment: Type.String(),
  guardrail: Type.String(),
  statement: Type.String(),
  actor: Type.String(),
  at: Time,
  expiresAt: Time,
}
export const Attestation = Type.Object({
  ...said,
  resource: Type.Optional(Type.String()),
  scope: Type.Optional(Type.String()),
})

export const AttestationsQuery = Type.Object(
  {
    ...about,
    resource: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'What was said of it, and of all in a place it lies in' }),
    ),
    guardrail: Type.Optional(Ref),
    state: Type.Optional(Standing),
    after: Type.Optional(Ref),
    limit: Limit,
  },
  { additionalProperties: false },
)
export const AttestationItem = Type.Object({
  ...said,
  title: Type.Optional(Type.String({ description: 'Of the guardrail, where it is still assigned' })),
  scope: Type.String({ description: 'Where the thing lies; without a thing, all at or below it is meant' }),
  resource: Type.Optional(Type.Object({ id: Type.String(), kind: Type.String(), name: Type.String(), gone: Type.Boolean() })),
  state: Standing,
  withdrawn: Type.Optional(Type.Object({ actor: Type.String(), at: Time, reason: Type.String() })),
})
export const Attestations = Type.Object({ items: Type.Array(AttestationItem), next: Type.Optional(Type.String()) })

export const AttestationParam = Type.Object({ id: Type.String({ pattern: '^attestation_[0-9a-z]{26}$' }) })
export const Withdrawal = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 1_000, pattern: plainText }) },
  { additionalProperties: false },
)

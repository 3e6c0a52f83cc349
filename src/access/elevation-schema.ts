import { Type, type Static } from 'typebox'
import { elevationSecondsMax, elevationSecondsMin } from './assignment-spec.ts'

const Moment = Type.String({ format: 'date-time' })

export const NewElevation = Type.Object(
  {
    assignment: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Id or name of a role assignment you are eligible for',
    }),
    seconds: Type.Integer({ minimum: elevationSecondsMin, maximum: elevationSecondsMax }),
    reason: Type.String({ minLength: 1, maxLength: 1000, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' }),
  },
  { additionalProperties: false },
)
export type NewElevation = Static<typeof NewElevation>

export const ShownElevation = Type.Object({
  id: Type.String(),
  principal: Type.String(),
  assignment: Type.String(),
  role: Type.String(),
  scope: Type.String({ description: 'Path of the scope at and below which it holds' }),
  reason: Type.String(),
  startsAt: Moment,
  expiresAt: Moment,
})

export const Eligibility = Type.Object({
  assignment: Type.String(),
  name: Type.String(),
  role: Type.String(),
  scope: Type.String(),
  maxSeconds: Type.Integer(),
  approvals: Type.Integer({ description: 'How many others must approve' }),
  approverRole: Type.Optional(Type.String()),
  via: Type.Optional(Type.String({ description: 'The group through which' })),
  startsAt: Type.Optional(Moment),
  expiresAt: Type.Optional(Moment),
})
export type Eligibility = Static<typeof Eligibility>

export const ElevationList = Type.Object({
  items: Type.Array(ShownElevation),
  eligible: Type.Array(Eligibility, { description: 'What you could activate' }),
  next: Type.Optional(Type.String()),
})

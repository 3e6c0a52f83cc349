// What a role assignment says, as a document and as policy takes it.
import { Type, type Static } from 'typebox'
import { AccessCondition, checkCondition, roleNamePattern, type NewGrant } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Resource } from '#resources'

export const elevationSecondsMin = 60
export const elevationSecondsMax = 7 * 86_400
const approvalsMax = 5

const strict = { additionalProperties: false }
const Role = Type.String({ pattern: roleNamePattern, maxLength: 63 })
const Moment = Type.String({ format: 'date-time', maxLength: 40 })

const Eligible = Type.Object(
  {
    maxSeconds: Type.Integer({ minimum: elevationSecondsMin, maximum: elevationSecondsMax }),
    approvals: Type.Optional(
      Type.Integer({ minimum: 0, maximum: approvalsMax, description: 'How many others must approve each time' }),
    ),
    approverRole: Type.Optional(Type.String({ ...Role, description: 'Only who holds this role there counts' })),
  },
  { ...strict, description: 'Gives nothing until its holder activates it, for at most so long' },
)

export const Assignment = Type.Object(
  {
    principal: Type.String({ pattern: '^(user|group)_[0-9a-z]{26}$', description: 'Id of a person or group' }),
    effect: Type.Optional(
      Type.Union([Type.Literal('allow'), Type.Literal('deny')], { description: 'A denial wins; absent means allow' }),
    ),
    role: Type.Optional(
      Type.String({ pattern: roleNamePattern, maxLength: 63, description: 'What is given: a built-in role or one made here' }),
    ),
    actions: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        minItems: 1,
        maxItems: 200,
        description: 'What is denied: `model.delete`, `model.*` or `*`',
      }),
    ),
    condition: Type.Optional(AccessCondition),
    startsAt: Type.Optional(Moment),
    expiresAt: Type.Optional(Moment),
    eligible: Type.Optional(Eligible),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
  },
  strict,
)
export type Assignment = Static<typeof Assignment>

export const specOf = ({ spec }: Resource): Assignment => spec as Assignment // checked against the schema before it was stored

export const faulty = (at: string, message: string) => invalid(message, { faults: [{ at, message }] })

/** As policy takes it. */
export const grantIn = (resource: Resource): NewGrant & { id: string } => {
  const { principal, startsAt, expiresAt, ...said } = specOf(resource)
  return {
    ...said,
    id: resource.id,
    scopeId: resource.scopeId,
    principalId: principal,
    ...(startsAt === undefined ? {} : { startsAt: new Date(startsAt) }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
  }
}

/** As a document says what others gave. */
export const specFrom = (grant: NewGrant): Assignment => {
  const { principalId: principal, effect, role, actions, condition, startsAt, expiresAt, eligible, reason } = grant
  return {
    principal,
    ...(effect === undefined ? {} : { effect }),
    ...(role === undefined ? {} : { role }),
    ...(actions === undefined ? {} : { actions: [...actions] }),
    ...(condition === undefined ? {} : { condition }),
    ...(startsAt === undefined ? {} : { startsAt: startsAt.toISOString() }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    ...(eligible === undefined ? {} : { eligible }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** What the form cannot say: that one thing is given or another denied, and in time. */
export const checkSpec = async (tx: Context, spec: Assignment): Promise<void> => {
  const { effect = 'allow', role, actions, condition, eligible, startsAt, expiresAt } = spec
  if (effect === 'allow' && role === undefined) throw faulty('/spec/role', 'What is given is a role: name one.')
  if (effect === 'allow' && actions !== undefined)
    throw faulty('/spec/actions', 'Only a denial names actions. To give single actions, make a role of them.')
  if (effect === 'deny' && role !== undefined) throw faulty('/spec/role', 'A denial names actions, not a role.')
  if (effect === 'deny' && actions === undefined) throw faulty('/spec/actions', 'What is denied are actions: name at least one.')
  if (effect === 'deny' && eligible !== undefined)
    throw faulty('/spec/eligible', 'A denial holds at once: nobody is eligible for it.')
  if (condition !== undefined) await checkCondition(tx, condition, '/spec/condition')
  checkTimes(tx, startsAt, expiresAt)
}

const checkTimes = (tx: Context, startsAt: string | undefined, expiresAt: string | undefined): void => {
  if (startsAt !== undefined) momentOf('/spec/startsAt', startsAt)
  if (expiresAt === undefined) return
  const end = momentOf('/spec/expiresAt', expiresAt)
  const now = tx.now()
  if (end <= now.getTime()) throw faulty('/spec/expiresAt', `It would have ended already: it is ${now.toISOString()} here.`)
  if (startsAt !== undefined && momentOf('/spec/startsAt', startsAt) >= end)
    throw faulty('/spec/expiresAt', 'It would end before it starts.')
}

const momentOf = (at: string, text: string): number => {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw faulty(at, `${JSON.stringify(text)} is not a moment such as 2030-01-31T12:00:00Z.`)
  return ms
}

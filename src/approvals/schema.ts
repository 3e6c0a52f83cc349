import { Type, type Static } from 'typebox'
import { Signature, SignatureEvidence } from '#identity'

const moment = Type.String({ format: 'date-time' })
/** No control characters but tab and line breaks. */
const words = { minLength: 1, maxLength: 1_000, pattern: '^[^\\u0000-\\u0008\\u000e-\\u001f]*$' }
const parameter = Type.String({ maxLength: 1_000 })

/** A request of this API, by the name of its operation in openapi.json. */
export const Wanted = Type.Object(
  {
    operationId: Type.String({ pattern: '^[A-Za-z]{1,100}$' }),
    path: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), parameter, { description: 'Parameters in the path' })),
    query: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), parameter)),
    ifMatch: Type.Optional(Type.String({ maxLength: 200 })),
    ifNoneMatch: Type.Optional(Type.Literal('*')),
    body: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
)
export type Wanted = Static<typeof Wanted>

export const NewChangeSet = Type.Object(
  {
    ...Wanted.properties,
    reason: Type.String(words),
    expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'A week from now if not given; a month at most' })),
  },
  { additionalProperties: false },
)
export type NewChangeSet = Static<typeof NewChangeSet>

export const Obligation = Type.Object({
  rule: Type.String(),
  action: Type.String(),
  scope: Type.String(),
  quorum: Type.Integer(),
  approverRole: Type.Optional(Type.String()),
})

export const State = Type.Union([
  Type.Literal('open'),
  Type.Literal('done'),
  Type.Literal('refused'),
  Type.Literal('withdrawn'),
  Type.Literal('expired'),
  Type.Literal('outdated'),
  Type.Literal('failed'),
])
export type State = Static<typeof State>

const summary = {
  id: Type.String(),
  state: State,
  operationId: Type.String(),
  requester: Type.String(),
  requesterName: Type.Optional(Type.String()),
  reason: Type.String(),
  obligations: Type.Array(Obligation),
  approvers: Type.Array(Type.String()),
  createdAt: moment,
  expiresAt: moment,
  endedAt: Type.Optional(moment),
}
export const ChangeSet = Type.Object(summary)
export type ChangeSet = Static<typeof ChangeSet>

export const ChangeSetDetail = Type.Object({
  ...summary,
  document: Type.String({ description: 'What is approved, byte for byte (RFC 8785): request, difference, obligations' }),
  digest: Type.String({ description: 'sha256: of the document' }),
  approvals: Type.Array(Type.Object({ approver: Type.String(), at: moment, evidence: SignatureEvidence })),
  endedBy: Type.Optional(Type.String()),
  endedBecause: Type.Optional(Type.Unknown({ description: 'A problem, or the words of who refused' })),
  mayApprove: Type.Boolean(),
  hindrance: Type.Optional(Type.String({ description: 'Why the caller may not approve it' })),
  reply: Type.Optional(
    Type.Object(
      { status: Type.Integer(), body: Type.Optional(Type.Unknown()) },
      { description: 'What the request answered when it was carried out; for the requester alone' },
    ),
  ),
})
export type ChangeSetDetail = Static<typeof ChangeSetDetail>

export const ChangeSetQuery = Type.Object({
  state: Type.Optional(State),
  mine: Type.Optional(
    Type.Union([Type.Literal('asked'), Type.Literal('approvable')], {
      description: 'What you asked for, or what waits for you',
    }),
  ),
  after: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})
export type ChangeSetQuery = Static<typeof ChangeSetQuery>

export const Approval = Type.Object({ signature: Signature }, { additionalProperties: false })
export const Refusal = Type.Object({ reason: Type.String(words) }, { additionalProperties: false })

export const ToSign = Type.Object({
  statement: Type.String({ description: 'The text to put one’s name under' }),
  passkey: Type.Optional(
    Type.Object(
      {},
      { additionalProperties: true, description: 'WebAuthn options for navigator.credentials.get, with the caller’s passkeys' },
    ),
  ),
})

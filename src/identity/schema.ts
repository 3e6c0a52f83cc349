import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { Type, type Static, type TSchema } from 'typebox'

/** PostgreSQL text holds no NUL; refused here, it is the caller's fault and not a defect of ours. */
const text = (maxLength: number, minLength = 1) => Type.String({ minLength, maxLength, pattern: '^[^\\u0000]*$' })
const moment = Type.String({ format: 'date-time' })
const factor = Type.Union([
  Type.Literal('password'),
  Type.Literal('totp'),
  Type.Literal('passkey'),
  Type.Literal('key'),
  Type.Literal('recovery'),
])

export const page = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) })
export const Paging = Type.Object({
  after: Type.Optional(text(64)),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
})
export const Nothing = Type.Null()

/** Names are checked by use cases, which say what is wrong with them; the border only bounds them. */
const username = text(200)
const displayName = text(400)
const password = text(1024)
const token = text(100)
export const Code = Type.Object({ code: text(40) })
export const IdParam = Type.Object({ id: text(64) })
export const MemberParams = Type.Object({ id: text(64), memberId: text(64) })

/** WebAuthn's own JSON (`navigator.credentials`); its content is checked by the verifier, its size here. */
const bytes = text(65_536)
const PasskeyCreated = Type.Unsafe<RegistrationResponseJSON>(
  Type.Object({
    id: text(1400),
    rawId: text(1400),
    type: Type.Literal('public-key'),
    authenticatorAttachment: Type.Optional(text(40)),
    response: Type.Object({
      clientDataJSON: bytes,
      attestationObject: bytes,
      authenticatorData: Type.Optional(bytes),
      transports: Type.Optional(Type.Array(text(40), { maxItems: 10 })),
      publicKeyAlgorithm: Type.Optional(Type.Integer()),
      publicKey: Type.Optional(bytes),
    }),
    clientExtensionResults: Type.Object({}, { additionalProperties: true }),
  }),
)
export const PasskeyUsed = Type.Unsafe<AuthenticationResponseJSON>(
  Type.Object({
    id: text(1400),
    rawId: text(1400),
    type: Type.Literal('public-key'),
    authenticatorAttachment: Type.Optional(text(40)),
    response: Type.Object({
      clientDataJSON: bytes,
      authenticatorData: bytes,
      signature: bytes,
      userHandle: Type.Optional(Type.Union([text(200, 0), Type.Null()])),
    }),
    clientExtensionResults: Type.Object({}, { additionalProperties: true }),
  }),
)
/** Options to pass to the browser as they are. */
export const PasskeyOptions = Type.Object(
  {},
  { additionalProperties: true, description: 'WebAuthn options in JSON form, for navigator.credentials' },
)

export const Organisation = Type.Object({ id: Type.String(), name: Type.String() })
export const SetupState = Type.Object({
  needed: Type.Boolean(),
  organisation: Type.Optional(Organisation),
  site: Type.Object({ name: Type.String() }),
})
export const SetupNames = Type.Object({ token, organisation: text(400), username, displayName })
export const Setup = Type.Object({
  token,
  organisation: text(400),
  username,
  displayName,
  password: Type.Optional(password),
  passkey: Type.Optional(PasskeyCreated),
  passkeyName: Type.Optional(displayName),
})
export type Setup = Static<typeof Setup>

export const InvitationState = Type.Object({
  purpose: Type.Union([Type.Literal('invitation'), Type.Literal('recovery')]),
  username: Type.String(),
  displayName: Type.String(),
  organisation: Type.Optional(Organisation),
  expiresAt: moment,
})
export const TokenOnly = Type.Object({ token })
export const AcceptInvitation = Type.Object({
  token,
  displayName: Type.Optional(displayName),
  password: Type.Optional(password),
  passkey: Type.Optional(PasskeyCreated),
  passkeyName: Type.Optional(displayName),
})
export type AcceptInvitation = Static<typeof AcceptInvitation>

export const SignIn = Type.Object({ username, password, code: Type.Optional(text(40)) })
export type SignIn = Static<typeof SignIn>
export const PasskeySignIn = Type.Object({ response: PasskeyUsed })

const GrantAt = Type.Object({ role: Type.String(), scope: Type.String(), path: Type.String() })
export const CurrentSession = Type.Object({
  user: Type.Object({ id: Type.String(), username: Type.String(), displayName: Type.String() }),
  organisation: Organisation,
  factors: Type.Array(factor),
  csrf: Type.String(),
  expiresAt: moment,
  roles: Type.Array(GrantAt),
  may: Type.Array(Type.String()),
  site: Type.Object({ name: Type.String() }),
})
export type CurrentSession = Static<typeof CurrentSession>

export const Session = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  factors: Type.Array(factor),
  userAgent: Type.String(),
  address: Type.String(),
  createdAt: moment,
  lastSeenAt: moment,
  expiresAt: moment,
  current: Type.Boolean(),
})
export type Session = Static<typeof Session>
export const SessionsOf = Type.Object({ user: Type.Optional(text(64)) })

export const User = Type.Object({
  id: Type.String(),
  username: Type.String(),
  displayName: Type.String(),
  email: Type.Optional(Type.String()),
  state: Type.Union([Type.Literal('invited'), Type.Literal('active'), Type.Literal('disabled')]),
  createdAt: moment,
})
export type User = Static<typeof User>
export const UserDetail = Type.Object({
  ...User.properties,
  hasPassword: Type.Boolean(),
  hasTotp: Type.Boolean(),
  passkeys: Type.Integer(),
  recoveryCodesLeft: Type.Integer(),
  roles: Type.Array(GrantAt),
  groups: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
})
export type UserDetail = Static<typeof UserDetail>
export const NewUser = Type.Object({ username, displayName, email: Type.Optional(text(320)) })
export type NewUser = Static<typeof NewUser>
export const UserChange = Type.Object(
  {
    displayName: Type.Optional(displayName),
    email: Type.Optional(Type.Union([text(320), Type.Null()])),
    username: Type.Optional(username),
  },
  { minProperties: 1 },
)
export type UserChange = Static<typeof UserChange>
export const UserFilter = Type.Object({
  ...Paging.properties,
  q: Type.Optional(text(200)),
  state: Type.Optional(Type.Union([Type.Literal('invited'), Type.Literal('active'), Type.Literal('disabled')])),
})
export type UserFilter = Static<typeof UserFilter>
export const Invitation = Type.Object({ url: Type.String(), expiresAt: moment })
export const InvitedUser = Type.Object({ user: User, invitation: Invitation })

export const OwnChange = Type.Object(
  { displayName: Type.Optional(displayName), email: Type.Optional(Type.Union([text(320), Type.Null()])) },
  { minProperties: 1 },
)
export const PasswordChange = Type.Object({ current: Type.Optional(password), password })
export const TotpOffer = Type.Object({ secret: Type.String(), uri: Type.String() })
export const RecoveryCodes = Type.Object({ codes: Type.Array(Type.String()) })
export const Passkey = Type.Object({
  id: Type.String(),
  name: Type.String(),
  synced: Type.Boolean(),
  createdAt: moment,
  lastUsedAt: Type.Optional(moment),
})
export type Passkey = Static<typeof Passkey>
export const NewPasskey = Type.Object({ name: displayName, response: PasskeyCreated })

export const Certificate = Type.Object({
  id: Type.String(),
  name: Type.String(),
  subject: Type.String(),
  fingerprint: Type.String({ description: 'SHA-256 of the certificate' }),
  notBefore: moment,
  notAfter: moment,
  createdAt: moment,
  lastUsedAt: Type.Optional(moment),
})
export type Certificate = Static<typeof Certificate>
export const NewCertificate = Type.Object({
  name: displayName,
  certificate: Type.String({ maxLength: 20_000, description: 'PEM' }),
  challenge: text(64),
  signature: Type.String({ maxLength: 2_000, description: 'Over the statement that came with the challenge, base64' }),
})
export type NewCertificate = Static<typeof NewCertificate>

export const Group = Type.Object({ id: Type.String(), name: Type.String(), description: Type.String(), createdAt: moment })
export type Group = Static<typeof Group>
export const GroupMember = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('user'), Type.Literal('group')]),
  name: Type.String(),
})
export const GroupDetail = Type.Object({ ...Group.properties, members: Type.Array(GroupMember), roles: Type.Array(GrantAt) })
export type GroupDetail = Static<typeof GroupDetail>
export const NewGroup = Type.Object({ name: text(400), description: Type.Optional(text(2000, 0)) })
export const GroupChange = Type.Object(
  { name: Type.Optional(text(400)), description: Type.Optional(text(2000, 0)) },
  { minProperties: 1 },
)
export const GroupFilter = Type.Object({ ...Paging.properties, q: Type.Optional(text(200)) })

export const Key = Type.Object({
  id: Type.String(),
  name: Type.String(),
  hint: Type.String(),
  owner: Type.String(),
  scope: Type.Optional(Type.String()),
  actions: Type.Optional(Type.Array(Type.String())),
  state: Type.Union([Type.Literal('active'), Type.Literal('expired'), Type.Literal('revoked')]),
  createdAt: moment,
  expiresAt: moment,
  lastUsedAt: Type.Optional(moment),
})
export type Key = Static<typeof Key>
export const NewKey = Type.Object({
  name: displayName,
  scope: Type.Optional(text(500)),
  actions: Type.Optional(Type.Array(text(60), { minItems: 1, maxItems: 100 })),
  expiresAt: Type.Optional(moment),
})
export type NewKey = Static<typeof NewKey>
export const KeyMade = Type.Object({ key: Key, secret: Type.String() })
export const KeysOf = Type.Object({ user: Type.Optional(text(64)) })

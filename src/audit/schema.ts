import { Type, type Static } from 'typebox'

export const Entry = Type.Object({
  index: Type.Integer({ minimum: 0, description: 'Place in the log' }),
  id: Type.String(),
  at: Type.String({ format: 'date-time' }),
  actor: Type.String(),
  action: Type.String(),
  outcome: Type.Union([Type.Literal('done'), Type.Literal('denied'), Type.Literal('failed'), Type.Literal('cancelled')]),
  resource: Type.Object({ kind: Type.String(), id: Type.Optional(Type.String()), scope: Type.Optional(Type.String()) }),
  requestId: Type.String(),
  facts: Type.Optional(Type.Unknown()),
})
export type Entry = Static<typeof Entry>

export const EntryDetail = Type.Object({
  entry: Entry,
  leaf: Type.String({ description: 'The exact bytes in the log, base64' }),
  sealed: Type.Optional(Type.Unknown()),
})
export type EntryDetail = Static<typeof EntryDetail>

export const AuditQuery = Type.Object({
  actor: Type.Optional(Type.String({ maxLength: 200 })),
  action: Type.Optional(Type.String({ maxLength: 100, description: 'Exact, or a prefix that ends in a dot' })),
  outcome: Type.Optional(Entry.properties.outcome),
  kind: Type.Optional(Type.String({ maxLength: 100 })),
  resource: Type.Optional(Type.String({ maxLength: 200 })),
  from: Type.Optional(Type.String({ format: 'date-time' })),
  to: Type.Optional(Type.String({ format: 'date-time' })),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})
export type AuditQuery = Static<typeof AuditQuery>

export const EntryPage = Type.Object({ items: Type.Array(Entry), next: Type.Optional(Type.String()) })

export const Receipt = Type.Object({
  type: Type.Literal('holdfast-receipt'),
  v: Type.Literal(1),
  origin: Type.String(),
  entryId: Type.String(),
  index: Type.Integer({ minimum: 0 }),
  leaf: Type.String({ description: 'base64' }),
  proof: Type.Array(Type.String({ description: 'base64' })),
  checkpoint: Type.String({ description: 'Signed note (C2SP tlog-checkpoint)' }),
  publicKey: Type.String({ description: 'Verifier key: name+keyid+base64' }),
})
export type Receipt = Static<typeof Receipt>

export const LogCheckpoint = Type.Object({
  origin: Type.String(),
  size: Type.Integer({ minimum: 0 }),
  rootHash: Type.String({ description: 'base64' }),
  text: Type.String({ description: 'Signed note' }),
  publicKey: Type.String(),
  at: Type.String({ format: 'date-time' }),
})
export type LogCheckpoint = Static<typeof LogCheckpoint>

export const LogVerdict = Type.Object({
  ok: Type.Boolean(),
  size: Type.Integer({ minimum: 0 }),
  faults: Type.Array(Type.String()),
})
export type LogVerdict = Static<typeof LogVerdict>

export const ConsistencyProof = Type.Object({ from: Type.Integer(), to: Type.Integer(), proof: Type.Array(Type.String()) })

import { sql, type Generated } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Json } from '#platform/json.ts'
import type { Hash, Node, NodeHash } from './merkle.ts'

export type AuditTables = {
  audit_pending: { seq: Generated<number>; id: string; leaf: Buffer; created_at: Generated<Date> }
  log_entry: { idx: number; id: string; leaf: Buffer }
  log_hash: { level: number; idx: number; hash: Buffer }
  log_checkpoint: { tree_size: number; root: Buffer; note: string; created_at: Date }
  audit_entry: EntryRow
  audit_subject_key: { subject: string; sealed_key: Buffer | null; destroyed_at: Date | null }
  audit_sealed: { entry_id: string; subject: string; salt: Buffer; ciphertext: Buffer }
}
export type EntryRow = {
  idx: number
  id: string
  at: Date
  actor: string
  action: string
  outcome: string
  kind: string
  resource_id: string | null
  scope: string | null
  request_id: string
  facts: Json | null
}

export const rows = (ctx: Pick<Context, 'db'>) => ctx.db.withTables<AuditTables>()

export const latestCheckpoint = (ctx: Pick<Context, 'db'>) =>
  rows(ctx).selectFrom('log_checkpoint').selectAll().orderBy('tree_size', 'desc').limit(1).executeTakeFirst()

/** Hashes of these nodes, in their order; throws when one is missing, since then the log is not what its checkpoint says. */
export const nodeHashes = async (ctx: Pick<Context, 'db'>, nodes: readonly Node[]): Promise<Hash[]> => {
  if (nodes.length === 0) return []
  const { rows: found } = await sql<{ level: number; idx: number; hash: Buffer }>`
    select level, idx, hash from log_hash join unnest(${nodes.map(({ level }) => level)}::int[], ${nodes.map(({ index }) => index)}::int8[]) as asked (level, idx) using (level, idx)`.execute(
    ctx.db,
  )
  const byNode = new Map(found.map(({ level, idx, hash }) => [`${level}/${idx}`, hash]))
  return nodes.map(({ level, index }) => {
    const hash = byNode.get(`${level}/${index}`)
    if (!hash) throw new Error(`The log lacks the hash of node ${level}/${index}`)
    return hash
  })
}

export const insertHashes = async (ctx: Pick<Context, 'db'>, nodes: readonly NodeHash[]): Promise<void> => {
  await sql`insert into log_hash (level, idx, hash)
    select * from unnest(${nodes.map(({ level }) => level)}::int[], ${nodes.map(({ index }) => index)}::int8[], ${nodes.map(({ hash }) => hash)}::bytea[])`.execute(
    ctx.db,
  )
}

export const insertEntries = async (
  ctx: Pick<Context, 'db'>,
  entries: readonly { idx: number; id: string; leaf: Buffer }[],
): Promise<void> => {
  await sql`insert into log_entry (idx, id, leaf)
    select * from unnest(${entries.map(({ idx }) => idx)}::int8[], ${entries.map(({ id }) => id)}::text[], ${entries.map(({ leaf }) => leaf)}::bytea[])`.execute(
    ctx.db,
  )
  await project(ctx, entries)
}

/** The search table is what the leaves say, taken apart by the database itself: there is no second truth to drift. */
export const project = async (ctx: Pick<Context, 'db'>, entries: readonly { idx: number; leaf: Buffer }[]): Promise<void> => {
  await sql`insert into audit_entry (idx, id, at, actor, action, outcome, kind, resource_id, scope, request_id, facts)
    select idx, leaf ->> 'id', (leaf ->> 'ts')::timestamptz, leaf ->> 'actor', leaf ->> 'action', leaf ->> 'outcome', leaf #>> '{resource,kind}',
      leaf #>> '{resource,id}', leaf #>> '{resource,scope}', leaf ->> 'requestId', leaf -> 'facts'
    from (select idx, convert_from(bytes, 'UTF8')::jsonb as leaf
      from unnest(${entries.map(({ idx }) => idx)}::int8[], ${entries.map(({ leaf }) => leaf)}::bytea[]) as given (idx, bytes)) as parsed`.execute(
    ctx.db,
  )
}

export const leavesBetween = (ctx: Pick<Context, 'db'>, start: number, end: number) =>
  rows(ctx).selectFrom('log_entry').selectAll().where('idx', '>=', start).where('idx', '<', end).orderBy('idx').execute()

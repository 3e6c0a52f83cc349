// The log as its readers use it: find an entry, prove that it is in, prove that nothing before it changed, take all of it away, check all of it.
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { notFound, invalid } from '#platform/problem.ts'
import { append, consistencyRanges, cover, fold, inclusionRanges, leafHash, type Hash, type NodeHash } from './merkle.ts'
import { openCheckpoint, verifierKey } from './note.ts'
import { openSealed } from './record.ts'
import type { AuditQuery, Entry, EntryDetail, LogCheckpoint, LogVerdict, Receipt } from './schema.ts'
import { awaitSequenced, logOrigin } from './sequencer.ts'
import { latestCheckpoint, leavesBetween, nodeHashes, rows, type EntryRow } from './store.ts'

const log = (ctx: Context) => ({ kind: 'log', id: logOrigin(ctx.site) })

export const publicKey = (ctx: Pick<Context, 'site'>): string =>
  verifierKey(logOrigin(ctx.site), ctx.site.secrets.signing.publicKeyRaw)

const toEntry = (row: EntryRow): Entry => ({
  index: row.idx,
  id: row.id,
  at: row.at.toISOString(),
  actor: row.actor,
  action: row.action,
  outcome: row.outcome as Entry['outcome'], // only record() writes leaves
  resource: {
    kind: row.kind,
    ...(row.resource_id === null ? {} : { id: row.resource_id }),
    ...(row.scope === null ? {} : { scope: row.scope }),
  },
  requestId: row.request_id,
  ...(row.facts === null ? {} : { facts: row.facts }),
})

export const pageRowsDefault = 50

/** Newest first. */
export const listEntries = async (ctx: Context, query: AuditQuery): Promise<{ items: Entry[]; next?: string }> => {
  await ctx.authorize('audit.read', log(ctx))
  const limit = query.limit ?? pageRowsDefault
  let select = rows(ctx)
    .selectFrom('audit_entry')
    .selectAll()
    .orderBy('idx', 'desc')
    .limit(limit + 1)
  if (query.after !== undefined) select = select.where('idx', '<', query.after)
  if (query.actor !== undefined) select = select.where('actor', '=', query.actor)
  if (query.action !== undefined)
    select = query.action.endsWith('.')
      ? select.where('action', 'like', `${query.action}%`)
      : select.where('action', '=', query.action)
  if (query.outcome !== undefined) select = select.where('outcome', '=', query.outcome)
  if (query.kind !== undefined) select = select.where('kind', '=', query.kind)
  if (query.resource !== undefined) select = select.where('resource_id', '=', query.resource)
  if (query.from !== undefined) select = select.where('at', '>=', new Date(query.from))
  if (query.to !== undefined) select = select.where('at', '<', new Date(query.to))
  if (query.q !== undefined) {
    const like = `%${query.q.replaceAll(/[\\%_]/g, '\\$&')}%`
    select = select.where((on) =>
      on.or([
        on('id', 'like', like),
        on('action', 'like', like),
        on('actor', 'like', like),
        on('resource_id', 'like', like),
        on('request_id', 'like', like),
      ]),
    )
  }
  const found = await select.execute()
  const items = found.slice(0, limit).map(toEntry)
  return { items, ...(found.length > limit ? { next: String(items.at(-1)!.index) } : {}) }
}

/** By id or by place. */
const findEntry = async (ctx: Context, which: string): Promise<EntryRow> => {
  const select = rows(ctx).selectFrom('audit_entry').selectAll()
  if (which.startsWith('entry_')) await awaitSequenced(ctx, which)
  const row = await (
    /^\d{1,15}$/.test(which) ? select.where('idx', '=', Number(which)) : select.where('id', '=', which)
  ).executeTakeFirst()
  if (!row) {
    await ctx.authorize('audit.read', log(ctx))
    throw notFound(`No entry ${which} is in the log.`)
  }
  return row
}

export const getEntry = async (ctx: Context, which: string): Promise<EntryDetail> => {
  await ctx.authorize('audit.read', log(ctx))
  const row = await findEntry(ctx, which)
  const { leaf } = await rows(ctx).selectFrom('log_entry').select('leaf').where('idx', '=', row.idx).executeTakeFirstOrThrow()
  const sealed = await openSealed(ctx, row.id)
  return { entry: toEntry(row), leaf: leaf.toString('base64'), ...(sealed === undefined ? {} : { sealed }) }
}

/** Everything needed to check, with no help from us, that an entry is in the log: for its actor, and for auditors. */
export const receipt = async (ctx: Context, which: string): Promise<Receipt> => {
  const row = await findEntry(ctx, which)
  await ctx.authorize('receipt.read', { kind: 'receipt', id: row.id, owner: row.actor })
  const checkpoint = await latestCheckpoint(ctx)
  const { leaf } = await rows(ctx).selectFrom('log_entry').select('leaf').where('idx', '=', row.idx).executeTakeFirstOrThrow()
  const proof = await rangeHashes(ctx, inclusionRanges(row.idx, checkpoint!.tree_size))
  return {
    type: 'holdfast-receipt',
    v: 1,
    origin: logOrigin(ctx.site),
    entryId: row.id,
    index: row.idx,
    leaf: leaf.toString('base64'),
    proof: proof.map((hash) => hash.toString('base64')),
    checkpoint: checkpoint!.note,
    publicKey: publicKey(ctx),
  }
}

const rangeHashes = async (ctx: Context, ranges: readonly (readonly [number, number])[]): Promise<Hash[]> => {
  const covers = ranges.map(([start, end]) => cover(start, end))
  const hashes = await nodeHashes(ctx, covers.flat())
  let at = 0
  return covers.map((nodes) => fold(hashes.slice(at, (at += nodes.length))))
}

export const currentCheckpoint = async (ctx: Context): Promise<LogCheckpoint> => {
  await ctx.authorize('log.read', log(ctx))
  const row = await latestCheckpoint(ctx)
  if (!row) throw notFound('The log is empty: nothing was recorded yet.')
  return {
    origin: logOrigin(ctx.site),
    size: row.tree_size,
    rootHash: row.root.toString('base64'),
    text: row.note,
    publicKey: publicKey(ctx),
    at: row.created_at.toISOString(),
  }
}

/** RFC 6962 §2.1.2: proof that the tree of `to` entries begins with the tree of `from`. */
export const consistency = async (
  ctx: Context,
  from: number,
  to?: number,
): Promise<{ from: number; to: number; proof: string[] }> => {
  await ctx.authorize('log.read', log(ctx))
  const size = (await latestCheckpoint(ctx))?.tree_size ?? 0
  const end = to ?? size
  if (from > end || end > size)
    throw invalid(`There is no tree of ${from} within a tree of ${end}: the log has ${size} entries.`, { size })
  const proof = await rangeHashes(ctx, consistencyRanges(from, end))
  return { from, to: end, proof: proof.map((hash) => hash.toString('base64')) }
}

const exportPage = 500

/** The whole log up to its present checkpoint, as lines: a head with checkpoint and key, then every leaf. Memory holds one page. */
export const exportLog = async (ctx: Context): Promise<Readable> => {
  await ctx.authorize('audit.export', log(ctx))
  const checkpoint = await latestCheckpoint(ctx)
  const size = checkpoint?.tree_size ?? 0
  const lines = async function* () {
    yield `${JSON.stringify({ type: 'holdfast-log', v: 1, origin: logOrigin(ctx.site), publicKey: publicKey(ctx), checkpoint: checkpoint?.note ?? '' })}\n`
    for (let start = 0; start < size && !ctx.signal.aborted; start += exportPage) {
      const page = await leavesBetween(ctx, start, Math.min(size, start + exportPage))
      yield page.map(({ idx, leaf }) => `${JSON.stringify({ i: idx, leaf: leaf.toString('base64') })}\n`).join('')
    }
  }
  return Readable.from(lines())
}

/** Recomputes the tree from every leaf and compares all that is stored with it: hashes, root, signature, search rows. */
export const verifyLog = async (ctx: Context): Promise<LogVerdict> => {
  await ctx.authorize('audit.read', log(ctx))
  const checkpoint = await latestCheckpoint(ctx)
  const size = checkpoint?.tree_size ?? 0
  const faults: string[] = []
  let right: NodeHash[] = []
  for (let start = 0; start < size && faults.length === 0; start += exportPage) {
    const page = await leavesBetween(ctx, start, Math.min(size, start + exportPage))
    const gap = page.findIndex(({ idx }, i) => idx !== start + i)
    if (gap >= 0 || page.length !== Math.min(exportPage, size - start))
      faults.push(`entry ${start + (gap >= 0 ? gap : page.length)} is missing`)
    const grown = append(
      right,
      start,
      page.map(({ leaf }) => leafHash(leaf)),
    )
    right = grown.right
    faults.push(...(await wrongHashes(ctx, grown.added)), ...(await wrongProjection(ctx, start, start + page.length)))
  }
  if (faults.length === 0) faults.push(...(await strayRows(ctx)))
  if (checkpoint && faults.length === 0) {
    if (!fold(right.map(({ hash }) => hash)).equals(checkpoint.root))
      faults.push(`the root of ${size} entries is not the one that was signed`)
    const opened = openCheckpoint(checkpoint.note, ctx.site.secrets.signing.publicKeyRaw)
    if (!opened || opened.size !== size || !opened.root.equals(checkpoint.root))
      faults.push("the checkpoint does not bear this site's signature")
  }
  return { ok: faults.length === 0, size, faults: faults.slice(0, 20) }
}

const wrongHashes = async (ctx: Context, nodes: readonly NodeHash[]): Promise<string[]> => {
  const stored = await nodeHashes(ctx, nodes).catch(() => undefined)
  if (!stored) return [`hashes of the tree near node ${nodes[0]?.level}/${nodes[0]?.index} are missing`]
  const wrong = nodes.find((node, i) => !node.hash.equals(stored[i]!))
  return wrong ? [`the stored hash of node ${wrong.level}/${wrong.index} is not what its leaves give`] : []
}

const wrongProjection = async (ctx: Context, start: number, end: number): Promise<string[]> => {
  const { rows: found } = await sql<{ idx: number }>`
    select log_entry.idx from log_entry left join audit_entry as found using (idx), lateral (select convert_from(log_entry.leaf, 'UTF8')::jsonb as leaf) as parsed
    where log_entry.idx >= ${start} and log_entry.idx < ${end}
      and (found.idx is null or found.at <> (parsed.leaf ->> 'ts')::timestamptz
        or (found.id, found.actor, found.action, found.outcome, found.kind, found.resource_id, found.scope, found.request_id, found.facts)
          is distinct from (parsed.leaf ->> 'id', parsed.leaf ->> 'actor', parsed.leaf ->> 'action', parsed.leaf ->> 'outcome', parsed.leaf #>> '{resource,kind}',
            parsed.leaf #>> '{resource,id}', parsed.leaf #>> '{resource,scope}', parsed.leaf ->> 'requestId', parsed.leaf -> 'facts'))
    order by log_entry.idx limit 1`.execute(ctx.db)
  return found[0]
    ? [`the search row of entry ${found[0].idx} does not say what its leaf says: \`holdfast log rebuild\` mends it`]
    : []
}

const strayRows = async (ctx: Context): Promise<string[]> => {
  const { rows: found } = await sql<{ idx: number }>`
    select idx from audit_entry where not exists (select from log_entry where log_entry.idx = audit_entry.idx) limit 1`.execute(
    ctx.db,
  )
  return found[0] ? [`the search row ${found[0].idx} has no entry behind it: \`holdfast log rebuild\` takes it away`] : []
}

/** For the overview: how long the log is and whether it stands still. */
export const logState = async (
  ctx: Context,
): Promise<{ size: number; checkpointAt: Date | undefined; waiting: number; oldestWaitingAt: Date | undefined }> => {
  const checkpoint = await latestCheckpoint(ctx)
  const { rows: pending } = await sql<{
    waiting: number
    oldest: Date | null
  }>`select count(*)::int as waiting, min(created_at) as oldest from audit_pending`.execute(ctx.db)
  return {
    size: checkpoint?.tree_size ?? 0,
    checkpointAt: checkpoint?.created_at,
    waiting: pending[0]?.waiting ?? 0,
    oldestWaitingAt: pending[0]?.oldest ?? undefined,
  }
}

export type UsageHour = { hour: Date; calls: number; promptTokens: number; completionTokens: number }

/** Calls by hour out of the log's own records: what was recorded is what was used. */
export const usageByHour = async (ctx: Context, action: string, hours: number): Promise<UsageHour[]> => {
  const now = ctx.now()
  const { rows: found } = await sql<UsageHour>`
    select hour, count(entry.id)::int as calls,
      coalesce(sum((entry.facts #>> '{usage,promptTokens}')::int8), 0)::int8 as "promptTokens",
      coalesce(sum((entry.facts #>> '{usage,completionTokens}')::int8), 0)::int8 as "completionTokens"
    from generate_series(date_trunc('hour', ${now}::timestamptz) - make_interval(hours => ${hours - 1}), date_trunc('hour', ${now}::timestamptz), interval '1 hour') as hour
    left join audit_entry as entry on entry.at >= hour and entry.at < hour + interval '1 hour' and entry.action = ${action} and entry.outcome <> 'denied'
    group by hour order by hour`.execute(ctx.db)
  return found
}

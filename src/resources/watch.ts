// News of resources as server-sent events: from a point one names, in commit order, nothing skipped, only what one may read.
import { EventEmitter, once } from 'node:events'
import { sql } from 'kysely'
import { filterFor, visible } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid, problem, tooManyRequests } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { kindOf } from './kinds.ts'
import { wasAt } from './read.ts'
import { changesKeptDays, columns, rows, select, toResource, type ChangeWord, type Row, type Tables } from './store.ts'
import type { Resource } from './schema.ts'

export const watchExpired = problem('watch-expired', 410, 'That point of the stream is gone')

export type WatchEvent = { cursor: string; change: ChangeWord; id: string; kind: string; resource?: Resource }

/** Other processes' changes are found by looking; our own wake us. */
const lookMs = 1_000
const heartbeatMs = 15_000
const batchMax = 200
export const watchersMax = 200

type Bell = { rung: EventEmitter; watchers: number }
const bells = new WeakMap<Site, Bell>()
const bellOf = (site: Site): Bell => {
  const bell = bells.get(site) ?? { rung: new EventEmitter().setMaxListeners(watchersMax * 2), watchers: 0 }
  bells.set(site, bell)
  return bell
}

export const wakeWatchers = (site: Site): void => void bellOf(site).rung.emit('change')

const cursorPattern = /^(\d{1,18})\.(\d{1,18})$/

/** The point before which everything has been told. */
const presentCursor = async (ctx: Pick<Context, 'db'>): Promise<string> => {
  const { rows } = await sql<{ xmin: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`.execute(ctx.db)
  return `${rows[0]!.xmin}.0`
}

export type WatchOptions = { kind?: string | undefined; after?: string | undefined; stillWelcome: () => Promise<boolean> }

/** Events after a cursor, and undefined as a heartbeat, until the caller is gone or no longer welcome. */
export const watch = async (
  ctx: Context,
  { kind, after, stillWelcome }: WatchOptions,
): Promise<AsyncIterable<WatchEvent | undefined>> => {
  await filterFor(ctx, `${kind === undefined ? 'folder' : kindOf(ctx.site, kind).kind}.read`)
  if (after !== undefined && !cursorPattern.test(after))
    throw invalid('`after` is not a point of this stream. Leave it out to hear what happens from now on.')
  if (after !== undefined) await refuseExpired(ctx, after)
  const bell = bellOf(ctx.site)
  if (bell.watchers >= watchersMax)
    throw tooManyRequests(`${watchersMax} streams are open already.`, { headers: { 'retry-after': '5' } })
  return follow(ctx, bell, {
    kind: kind && kindOf(ctx.site, kind).kind,
    cursor: after ?? (await presentCursor(ctx)),
    stillWelcome,
  })
}

const refuseExpired = async (ctx: Context, after: string): Promise<void> => {
  const [, xact = '0', seq = '0'] = cursorPattern.exec(after) ?? []
  // Kept are the first ever (number 1) or one at or before that point: then nothing between was swept away.
  const { rows } = await sql<{ expired: boolean }>`
    select not exists (select 1 from resource_change where (xact, seq) <= (${xact}::xid8, ${seq}::bigint))
      and coalesce((select min(seq) > 1 from resource_change), false) as expired`.execute(ctx.db)
  if (rows[0]?.expired)
    throw watchExpired(
      `Changes are kept for ${changesKeptDays} days, and that point is older. Read the list, then watch from now on.`,
    )
}

type From = { kind: string | undefined; cursor: string; stillWelcome: () => Promise<boolean> }

/** The right to read is looked up for every batch: a role taken away is seen at once. */
async function* follow(ctx: Context, bell: Bell, { kind, cursor, stillWelcome }: From): AsyncGenerator<WatchEvent | undefined> {
  bell.watchers++
  let quietMs = 0
  try {
    while (!ctx.signal.aborted) {
      const next = nextChange(ctx, bell) // before we look: what happens while we look is not missed
      const found = await changesAfter(ctx, cursor, kind)
      if (!(await stillWelcome())) return
      for (const event of await told(ctx, found)) yield event
      const last = found.at(-1)
      if (last) cursor = `${last.xact}.${last.seq}`
      if (found.length === batchMax) continue
      quietMs = found.length > 0 ? 0 : quietMs + lookMs
      if (quietMs >= heartbeatMs) {
        quietMs = 0
        yield undefined
      }
      await next
    }
  } finally {
    bell.watchers--
  }
}

const nextChange = async (ctx: Context, { rung }: Bell): Promise<void> => {
  const enough = AbortSignal.any([ctx.signal, AbortSignal.timeout(lookMs)])
  await once(rung, 'change', { signal: enough }).catch(() => {}) // time to look anyway, or the caller is gone
}

type Found = { xact: string; seq: string; resource_id: string; kind: string; governing_scope_id: string; change: ChangeWord }

/** Only transactions that ended before every one still open: a later one cannot appear in front of what was told. */
const changesAfter = async (ctx: Context, cursor: string, kind: string | undefined): Promise<Found[]> => {
  const [, xact = '0', seq = '0'] = cursorPattern.exec(cursor) ?? []
  const { rows } = await sql<Found>`
    select xact::text as xact, seq::text as seq, resource_id, kind, governing_scope_id, change from resource_change
    where (xact, seq) > (${xact}::xid8, ${seq}::bigint) and xact < pg_snapshot_xmin(pg_current_snapshot()) and (${kind ?? null}::text is null or kind = ${kind ?? null})
    order by resource_change.xact, resource_change.seq limit ${batchMax}`.execute(ctx.db)
  return rows
}

const lastStates = async (ctx: Context, ids: string[]): Promise<Map<string, Tables['resource_revision']>> => {
  if (ids.length === 0) return new Map()
  const found = await rows(ctx)
    .selectFrom('resource_revision')
    .selectAll()
    .where('resource_id', 'in', ids)
    .where('change', '=', 'deleted')
    .execute()
  return new Map(found.map((row) => [row.resource_id, row]))
}

const told = async (ctx: Context, found: Found[]): Promise<WatchEvent[]> => {
  if (found.length === 0) return []
  const readable = new Map<string, Resource>()
  for (const kind of new Set(found.map((event) => event.kind))) {
    const filter = await filterFor(ctx, `${kind}.read`)
    const ids = found.filter((event) => event.kind === kind).map((event) => event.resource_id)
    const seen = (await select(ctx)
      .where('resource.id', 'in', ids)
      .where(visible(filter, ctx.actor.id, columns))
      .execute()) as Row[]
    for (const row of seen) readable.set(row.id, toResource(row))
  }
  const buried = await lastStates(
    ctx,
    found.filter(({ change }) => change === 'deleted').map((event) => event.resource_id),
  )
  const events: WatchEvent[] = []
  for (const { xact, seq, resource_id: id, kind, governing_scope_id: scope, change } of found) {
    const resource = change === 'deleted' ? undefined : readable.get(id)
    // What is gone has no row to filter by: it is told to those who may look where it lay, and were cleared for it.
    const gone = { ...wasAt(buried.get(id) ?? { kind }), scope }
    if (resource || (change === 'deleted' && (await ctx.permits(`${kind}.read`, gone))))
      events.push({ cursor: `${xact}.${seq}`, change, id, kind, ...(resource ? { resource } : {}) })
  }
  return events
}

// News of resources as server-sent events: from a point one names, in commit order, nothing skipped, only what one may read.
import { EventEmitter, once } from 'node:events'
import { sql } from 'kysely'
import { filterFor, visible } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { select, toResource, type ChangeWord, type Row } from './store.ts'
import type { Resource } from './schema.ts'

export type WatchEvent = { cursor: string; change: ChangeWord; id: string; kind: string; resource?: Resource }

/** Other processes' changes are found by looking; our own wake us. */
const lookMs = 1_000
const heartbeatMs = 15_000
const batchMax = 200
export const watchersMax = 200

const bells = new WeakMap<Site, EventEmitter>()
const bellOf = (site: Site): EventEmitter => {
  const bell = bells.get(site) ?? new EventEmitter().setMaxListeners(watchersMax * 2)
  bells.set(site, bell)
  return bell
}

export const wakeWatchers = (site: Site): void => void bellOf(site).emit('change')

const cursorPattern = /^(\d{1,20})\.(\d{1,20})$/

export const isCursor = (text: string): boolean => cursorPattern.test(text)

/** The point before which everything has been told. */
export const presentCursor = async (ctx: Pick<Context, 'db'>): Promise<string> => {
  const { rows } = await sql<{ xmin: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`.execute(ctx.db)
  return `${rows[0]!.xmin}.0`
}

type Found = { xact: string; seq: string; resource_id: string; kind: string; change: ChangeWord }

/** Yields events after `cursor`, and undefined as a heartbeat, until the caller is gone. The right to read is looked up for every batch: a role taken away is seen at once. */
export async function* watch(
  ctx: Context,
  { kind, after }: { kind?: string | undefined; after?: string | undefined },
): AsyncGenerator<WatchEvent | undefined> {
  let cursor = after ?? (await presentCursor(ctx))
  let quietMs = 0
  while (!ctx.signal.aborted) {
    const found = await changesAfter(ctx, cursor, kind)
    for (const event of await told(ctx, found)) yield event
    const last = found.at(-1)
    if (last) cursor = `${last.xact}.${last.seq}`
    if (found.length === batchMax) continue
    quietMs = found.length > 0 ? 0 : quietMs + lookMs
    if (quietMs >= heartbeatMs) {
      quietMs = 0
      yield undefined
    }
    await nextChange(ctx)
  }
}

const nextChange = async (ctx: Context): Promise<void> => {
  const enough = AbortSignal.any([ctx.signal, AbortSignal.timeout(lookMs)])
  await once(bellOf(ctx.site), 'change', { signal: enough }).catch(() => {}) // time to look anyway, or the caller is gone
}

/** Only transactions that ended before every one still open: a later one cannot appear in front of what was told. */
const changesAfter = async (ctx: Context, cursor: string, kind: string | undefined): Promise<Found[]> => {
  const [, xact = '0', seq = '0'] = cursorPattern.exec(cursor) ?? []
  const { rows } = await sql<Found>`
    select xact::text as xact, seq::text as seq, resource_id, kind, change from resource_change
    where (xact, seq) > (${xact}::xid8, ${seq}::bigint) and xact < pg_snapshot_xmin(pg_current_snapshot()) and (${kind ?? null}::text is null or kind = ${kind ?? null})
    order by resource_change.xact, resource_change.seq limit ${batchMax}`.execute(ctx.db)
  return rows
}

const told = async (ctx: Context, found: Found[]): Promise<WatchEvent[]> => {
  if (found.length === 0) return []
  const readable = new Map<string, Resource>()
  for (const kind of new Set(found.map((event) => event.kind))) {
    const filter = await filterFor(ctx, `${kind}.read`)
    const ids = found.filter((event) => event.kind === kind).map((event) => event.resource_id)
    const seen = (await select(ctx)
      .where('resource.id', 'in', ids)
      .where(visible(filter, ctx.actor.id, { scope: 'resource.governing_scope_id', owner: 'resource.owner' }))
      .execute()) as Row[]
    for (const row of seen) readable.set(row.id, toResource(row))
  }
  // What is deleted tells its id and nothing else; the id says nothing to one who never saw it.
  return found.flatMap((event): WatchEvent[] => {
    const resource = readable.get(event.resource_id)
    if (!resource && event.change !== 'deleted') return []
    return [
      {
        cursor: `${event.xact}.${event.seq}`,
        change: event.change,
        id: event.resource_id,
        kind: event.kind,
        ...(resource && event.change !== 'deleted' ? { resource } : {}),
      },
    ]
  })
}

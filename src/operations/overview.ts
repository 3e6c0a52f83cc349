// The page one looks at first: what runs, how it is, what expires.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Check, diskOf, runChecks } from './checks.ts'
import { Expiry, expiries } from './expiry.ts'

const Count = Type.Integer({ minimum: 0 })

export const Overview = Type.Object({
  site: Type.Object({
    id: Type.String(),
    name: Type.String(),
    version: Type.String(),
    startedAt: Type.String({ format: 'date-time' }),
    now: Type.String({ format: 'date-time' }),
  }),
  checks: Type.Array(Check),
  counts: Type.Object({ people: Count, groups: Count, projects: Count, models: Count, deployments: Count, keys: Count }),
  deployments: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      scope: Type.String(),
      model: Type.String(),
      state: Type.String(),
      running: Count,
      waiting: Count,
      message: Type.Optional(Type.String()),
    }),
  ),
  log: Type.Object({ size: Count, checkpointAt: Type.Union([Type.String(), Type.Null()]) }),
  storage: Type.Object({ blobsBytes: Count, databaseBytes: Count, diskFreeBytes: Count, diskTotalBytes: Count }),
  expires: Type.Array(Expiry),
  usage: Type.Array(
    Type.Object({ hour: Type.String({ format: 'date-time' }), calls: Count, promptTokens: Count, completionTokens: Count }),
  ),
})
export type Overview = Static<typeof Overview>

export const overview = async (ctx: Context): Promise<Overview> => {
  await ctx.authorize('site.read', { kind: 'site', id: ctx.site.id })
  const [checks, counts, deployments, log, storage, expires, usage] = await Promise.all([
    runChecks(ctx),
    countAll(ctx),
    deploymentsNow(ctx),
    logNow(ctx),
    storageNow(ctx),
    expiries(ctx),
    usageByHour(ctx),
  ])
  const { id, version, startedAt, config } = ctx.site
  return {
    site: { id, name: config.siteName, version, startedAt: startedAt.toISOString(), now: ctx.now().toISOString() },
    checks,
    counts,
    deployments,
    log,
    storage,
    expires,
    usage,
  }
}

const countAll = async (ctx: Context): Promise<Overview['counts']> => {
  const { rows } = await sql<Overview['counts']>`select
    (select count(*)::int from person) as people, (select count(*)::int from person_group) as groups,
    (select count(*)::int from api_key where revoked_at is null and expires_at > ${ctx.now()}) as keys,
    (select count(*)::int from resource where kind = 'project') as projects,
    (select count(*)::int from resource where kind = 'model') as models,
    (select count(*)::int from resource where kind = 'deployment') as deployments`.execute(ctx.db)
  return rows[0]!
}

const deploymentsShown = 50

const deploymentsNow = async (ctx: Context): Promise<Overview['deployments']> => {
  const { rows } = await sql<{
    id: string
    name: string
    path: string
    spec: { model: string }
    status: Record<string, unknown> | null
  }>`
    select resource.id, resource.name, policy_scope.path, resource.spec, resource.status from resource join policy_scope on policy_scope.id = resource.scope_id
    where resource.kind = 'deployment' order by resource.name limit ${deploymentsShown}`.execute(ctx.db)
  return rows.map(({ id, name, path, spec, status }) => ({
    id,
    name,
    scope: path,
    model: spec.model,
    state: typeof status?.['state'] === 'string' ? status['state'] : 'unknown',
    running: Number(status?.['running'] ?? 0),
    waiting: Number(status?.['waiting'] ?? 0),
    ...(typeof status?.['message'] === 'string' ? { message: status['message'] } : {}),
  }))
}

const logNow = async (ctx: Context): Promise<Overview['log']> => {
  const { rows } = await sql<{
    size: number
    at: Date | null
  }>`select tree_size as size, created_at as at from log_checkpoint order by tree_size desc limit 1`.execute(ctx.db)
  return { size: rows[0]?.size ?? 0, checkpointAt: rows[0]?.at?.toISOString() ?? null }
}

const storageNow = async (ctx: Context): Promise<Overview['storage']> => {
  const { rows } = await sql<{
    blobs: number
    database: number
  }>`select (select coalesce(sum(size_bytes), 0)::int8 from artifact) as blobs, pg_database_size(current_database()) as database`.execute(
    ctx.db,
  )
  const { freeBytes, totalBytes } = await diskOf(ctx.site.config.home)
  return { blobsBytes: rows[0]!.blobs, databaseBytes: rows[0]!.database, diskFreeBytes: freeBytes, diskTotalBytes: totalBytes }
}

const usageHours = 24

/** From the log's own projection: what was recorded is what was used. */
const usageByHour = async (ctx: Context): Promise<Overview['usage']> => {
  const since = new Date(ctx.now().getTime() - usageHours * 3_600_000)
  const { rows } = await sql<{ hour: Date; calls: number; prompt: number; completion: number }>`
    select hour, count(entry.id)::int as calls,
      coalesce(sum((entry.facts #>> '{usage,promptTokens}')::int8), 0)::int8 as prompt,
      coalesce(sum((entry.facts #>> '{usage,completionTokens}')::int8), 0)::int8 as completion
    from generate_series(date_trunc('hour', ${since}::timestamptz) + interval '1 hour', date_trunc('hour', ${ctx.now()}::timestamptz), interval '1 hour') as hour
    left join audit_entry as entry on entry.at >= hour and entry.at < hour + interval '1 hour' and entry.action = 'deployment.invoke' and entry.outcome <> 'denied'
    group by hour order by hour`.execute(ctx.db)
  return rows.map((row) => ({
    hour: row.hour.toISOString(),
    calls: row.calls,
    promptTokens: row.prompt,
    completionTokens: row.completion,
  }))
}

// The page one looks at first: what runs, how it is, what expires.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { storedBytes } from '#artifacts'
import { logState, usageByHour } from '#audit'
import { countIdentities } from '#identity'
import { deploymentsNow } from '#inference'
import { countByKind } from '#resources'
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
    usageNow(ctx),
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
  const [identities, byKind] = await Promise.all([countIdentities(ctx), countByKind(ctx)])
  return { ...identities, projects: byKind['project'] ?? 0, models: byKind['model'] ?? 0, deployments: byKind['deployment'] ?? 0 }
}

const logNow = async (ctx: Context): Promise<Overview['log']> => {
  const { size, checkpointAt } = await logState(ctx)
  return { size, checkpointAt: checkpointAt?.toISOString() ?? null }
}

const storageNow = async (ctx: Context): Promise<Overview['storage']> => {
  const { rows } = await sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.execute(ctx.db)
  const { freeBytes, totalBytes } = await diskOf(ctx.site.config.home)
  return {
    blobsBytes: await storedBytes(ctx),
    databaseBytes: rows[0]?.bytes ?? 0,
    diskFreeBytes: freeBytes,
    diskTotalBytes: totalBytes,
  }
}

const usageHours = 24

const usageNow = async (ctx: Context): Promise<Overview['usage']> =>
  (await usageByHour(ctx, 'deployment.invoke', usageHours)).map(({ hour, ...counts }) => ({
    hour: hour.toISOString(),
    ...counts,
  }))

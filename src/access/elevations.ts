// Rights for a time: whoever is eligible for a role activates it with a reason, holds it until it ends by itself or by hand, and each step is recorded.
import { record } from '#audit'
import {
  elevationOf,
  elevationsOf,
  grantsOf,
  holdElevation,
  listElevations,
  orphanedElevations,
  putGrant,
  removeGrant,
  type Elevation,
  type Grant,
} from '#policy'
import { atomically, type Context, type ResourceRef } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { defineJob, enqueue } from '#platform/jobs.ts'
import { notFound, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { findById } from '#resources'
import { elevationSecondsMin, faulty } from './assignment-spec.ts'
import type { Eligibility, NewElevation } from './elevation-schema.ts'

export const elevationActive = problem('elevation-active', 409, 'It is active already')
export const notEligibleNow = problem('not-eligible-now', 409, 'Not in its time')

const kind = 'elevation'
const expire = 'elevation.expire'

export const defineElevations = (site: Site): void => defineJob<{ id: string }>(site.jobs, expire, expireElevation)

type EligibleGrant = Grant & Required<Pick<Grant, 'eligible' | 'role'>>
const isEligible = (grant: Grant): grant is EligibleGrant => grant.eligible !== undefined && grant.role !== undefined

export const activate = (ctx: Context, { assignment, seconds, reason }: NewElevation): Promise<Elevation> =>
  atomically(ctx, async (tx) => {
    const grant = await eligibleFor(tx, assignment)
    // Of what is not one's own nothing is told, not even that it is there.
    const own = grant ? { id: grant.id, scope: grant.scope, owner: tx.actor.id } : {}
    await tx.authorize('elevation.activate', { kind, ...own })
    if (!grant)
      throw notFound(`There is no role assignment ${JSON.stringify(assignment.slice(0, 200))} that you are eligible for.`)
    const startsAt = tx.now()
    const until = endOf(startsAt, grant, seconds)
    await refuseActive(tx, grant)
    const elevation = {
      id: newId('elevation', startsAt),
      principalId: tx.actor.id,
      assignmentId: grant.id,
      role: grant.role,
      scopeId: grant.scope,
    }
    const bound = grant.condition === undefined ? {} : { condition: grant.condition }
    await putGrant(tx, { ...elevation, ...bound, startsAt, expiresAt: until, reason })
    const facts = { assignment: grant.id, role: grant.role, until: until.toISOString() }
    await record(tx, 'elevation.activate', refOf(elevation), facts, { sealed: { subject: tx.actor.id, content: { reason } } })
    await enqueue(tx, expire, { id: elevation.id }, { runAt: until, key: elevation.id })
    return { ...elevation, path: grant.path, startsAt, expiresAt: until, reason }
  })

/** By id, or by the name the assignment has. */
const eligibleFor = async (tx: Context, which: string): Promise<EligibleGrant | undefined> => {
  const mine = (await grantsOf(tx, tx.actor.id)).filter(isEligible)
  const byId = mine.find(({ id }) => id === which)
  if (byId) return byId
  for (const grant of mine) if ((await findById(tx, grant.id))?.name === which) return grant
  return undefined
}

/** No longer than it says, and no longer than one is eligible. */
const endOf = (at: Date, { eligible, startsAt, expiresAt }: EligibleGrant, seconds: number): Date => {
  if (seconds < elevationSecondsMin || seconds > eligible.maxSeconds)
    throw faulty('/seconds', `It can be activated for ${elevationSecondsMin} to ${eligible.maxSeconds} seconds.`)
  const now = at.getTime()
  if (startsAt !== undefined && startsAt.getTime() > now)
    throw notEligibleNow(`You are eligible from ${startsAt.toISOString()} on.`, { startsAt: startsAt.toISOString() })
  if (expiresAt !== undefined && expiresAt.getTime() <= now)
    throw notEligibleNow(`You were eligible until ${expiresAt.toISOString()}.`, { expiresAt: expiresAt.toISOString() })
  return new Date(Math.min(now + seconds * 1000, expiresAt?.getTime() ?? Infinity))
}

const refuseActive = async (tx: Context, { id }: EligibleGrant): Promise<void> => {
  const active = await elevationOf(tx, { assignmentId: id, principalId: tx.actor.id })
  if (!active) return
  if (active.expiresAt <= tx.now()) return end(tx, active, 'its time was over')
  throw elevationActive(`It is active until ${active.expiresAt.toISOString()}. End it first to activate it anew.`, {
    elevation: active.id,
    expiresAt: active.expiresAt.toISOString(),
  })
}

const refOf = ({ id, principalId, scopeId }: Pick<Elevation, 'id' | 'principalId' | 'scopeId'>): ResourceRef => ({
  kind,
  id,
  owner: principalId,
  scope: scopeId,
})

/** By whoever activated it, or by who may end those of others. What one may not see is not there. */
export const endElevation = (ctx: Context, id: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    const elevation = await holdElevation(tx, id)
    const on = elevation ? refOf(elevation) : { kind, id }
    await tx.authorize('elevation.read', on)
    await tx.authorize('elevation.end', on)
    if (!elevation) throw notFound(`No elevation ${id.slice(0, 200)}: it has ended.`)
    await removeGrant(tx, id)
    await record(tx, 'elevation.end', on, { assignment: elevation.assignmentId, role: elevation.role })
  })

/** Of what an assignment gave nothing outlasts it. */
export const endElevationsOf = async (tx: Context, assignmentId: string, because: string): Promise<void> => {
  for (const elevation of await elevationsOf(tx, assignmentId)) await end(tx, elevation, because)
}

/** Whoever left the group through which they were eligible is so no longer. */
export const endOrphaned = async (tx: Context): Promise<void> => {
  for (const elevation of await orphanedElevations(tx)) await end(tx, elevation, 'its holder is not eligible any more')
}

const end = async (tx: Context, elevation: Elevation, because: string): Promise<void> => {
  await removeGrant(tx, elevation.id)
  const { assignmentId: assignment, role } = elevation
  await record(tx, 'elevation.ended', refOf(elevation), { assignment, role, because })
}

/** It gives nothing from the moment it ends, whenever this runs; this says so in the log and tidies up. */
const expireElevation = (ctx: Context, { id }: { id: string }): Promise<void> =>
  atomically(ctx, async (tx) => {
    const elevation = await holdElevation(tx, id)
    if (!elevation) return
    if (elevation.expiresAt <= tx.now()) return end(tx, elevation, 'its time was over')
    await enqueue(tx, expire, { id }, { runAt: elevation.expiresAt, key: id }) // the clock of the database goes ahead of the site's
  })

const pageRowsDefault = 50

export const elevations = async (
  ctx: Context,
  { after, limit = pageRowsDefault }: { after?: string | undefined; limit?: number | undefined },
): Promise<{ items: Elevation[]; next?: string }> => {
  const found = await listElevations(ctx, { limit: limit + 1, ...(after === undefined ? {} : { after }) })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, ...(found.length > limit && last ? { next: last.id } : {}) }
}

/** What the caller could activate. */
export const eligibilities = async (ctx: Context): Promise<Eligibility[]> => {
  if (!(await ctx.permits('elevation.read', { kind, owner: ctx.actor.id }))) return []
  const mine = (await grantsOf(ctx, ctx.actor.id)).filter(isEligible)
  return Promise.all(
    mine.map(async ({ id, role, path, via, eligible, startsAt, expiresAt }) => ({
      assignment: id,
      name: (await findById(ctx, id))?.name ?? id,
      role,
      scope: path,
      maxSeconds: eligible.maxSeconds,
      approvals: eligible.approvals ?? 0,
      ...(eligible.approverRole === undefined ? {} : { approverRole: eligible.approverRole }),
      ...(via === undefined ? {} : { via }),
      ...(startsAt === undefined ? {} : { startsAt: startsAt.toISOString() }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    })),
  )
}

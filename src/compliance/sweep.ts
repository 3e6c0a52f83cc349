// Judging goes on beside requests: what changed first, then what was marked, then what is only observed, then a round over everything. A slice at a time.
import { guardrailsVersion } from '#guardrails'
import { followChanges, idsAfter, neighboursOf } from '#resources'
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { forgetRules } from './state-rules.ts'
import { judgeResources } from './state-judge.ts'
import { anyObservedDue, dueIds, markDue, markDueBelow, removeSubjectsWhere } from './state-store.ts'
import { keepPoint } from './history.ts'
import { forgetEmpty } from './tally-store.ts'
import { observeAll } from './sweep-observe.ts'
import {
  advancedSweep,
  begunSweep,
  endedSweep,
  followedTo,
  inSlice,
  readWhole,
  turnedSweep,
  type Progress,
} from './sweep-progress.ts'

export const sliceMax = 250
export const sweepEveryMs = 3_600_000
export const observeEveryMs = 300_000
const observeAgainMs = 5_000

/** Does what is most wanted; false when nothing is. */
export const judgeNext = async (ctx: Context): Promise<boolean> => {
  const done = await inSlice(ctx, async (tx, progress) => {
    if (await isToObserve(tx, progress)) return 'observe'
    return (await follow(tx, progress)) || (await judgeDue(tx)) || sweepOn(tx, progress)
  })
  if (done === 'observe') await observeAll(ctx) // in slices of its own
  return done !== false
}

/** Until nothing is wanted. */
export const judgeAll = async (ctx: Context): Promise<void> => {
  while (await judgeNext(ctx));
}

const follow = async (tx: Context, progress: Progress): Promise<boolean> => {
  const changes = await followChanges(tx, progress, sliceMax)
  const last = changes.at(-1)
  if (!last) return false
  const ids = [...new Set(changes.map(({ id }) => id))]
  const near = (await neighboursOf(tx, ids)).filter((id) => !ids.includes(id))
  await markDue(tx, near)
  await markDueBelow(tx, ids) // those that are scopes: what lies in them may lie elsewhere now, or under another label
  await judgeResources(tx, ids)
  await followedTo(tx, last)
  return true
}

const judgeDue = async (tx: Context): Promise<boolean> => {
  const due = await dueIds(tx, tx.now(), sliceMax)
  if (due.length === 0) return false
  await judgeResources(tx, due)
  return true
}

const isToObserve = async (tx: Context, { observedAt }: Progress): Promise<boolean> => {
  const agoMs = observedAt ? tx.now().getTime() - observedAt.getTime() : Infinity
  // One whose room fails to say stays due: it is asked again, and not all the time.
  return agoMs >= observeEveryMs || (agoMs >= observeAgainMs && (await anyObservedDue(tx, tx.now())))
}

const sweepOn = async (tx: Context, progress: Progress): Promise<boolean> => {
  const version = await guardrailsVersion(tx)
  if (!progress.sweeping) {
    if (!isWanted(progress, version, tx.now())) return false
    await begunSweep(tx, version)
    return true
  }
  if (progress.version !== version) {
    await turnedSweep(tx, version)
    return true
  }
  const ids = await nextIds(tx, progress)
  const last = ids.at(-1)
  if (last !== undefined) {
    await judgeResources(tx, ids)
    await advancedSweep(tx, { after: last, wrapped: progress.wrapped, seen: ids.length })
  } else if (!progress.wrapped && progress.from !== '') await advancedSweep(tx, { after: '', wrapped: true, seen: 0 })
  else await finish(tx)
  return true
}

/** After the end it begins again at the start, up to where the round began. */
const nextIds = (tx: Context, { after, from, wrapped }: Progress): Promise<string[]> =>
  idsAfter(tx, { after, upTo: wrapped ? from : undefined, limit: sliceMax })

const isWanted = ({ askedAt, startedAt, sweptAt, sweptVersion }: Progress, version: string, now: Date): boolean =>
  !sweptAt ||
  !startedAt ||
  sweptVersion !== version ||
  now.getTime() - sweptAt.getTime() >= sweepEveryMs ||
  (askedAt !== null && askedAt > startedAt)

const finish = async (tx: Context): Promise<void> => {
  await readWhole(tx)
  await forgetRules(tx)
  // What was deleted without being told of: a database that was restored, say.
  await removeSubjectsWhere(
    tx,
    sql<boolean>`not subject.observed and not exists (select from resource where resource.id = subject.id)`,
  )
  await forgetEmpty(tx)
  await endedSweep(tx)
  await keepPoint(tx)
}

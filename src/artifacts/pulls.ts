// Who pulls what. Counted as it happens and written a little later, so that a pull waits for no write; the log hears of each puller of each release once an hour.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { record } from '#audit'
import { atomically, systemContext, type Context, type Principal, type ResourceRef } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import type { Place } from './repositories.ts'

const writeEveryMs = 2_000
/** Pulls of one puller of one release within this are one entry of the log. */
export const recordedEveryMs = 3_600_000
/** Beyond this, what is counted is written at once. */
const heldMax = 10_000

type Pull = { repositoryId: string; name: string; digest: string; on: ResourceRef; actor: Principal; count: number }

const held = new WeakMap<Site, Map<string, Pull>>()
const heldOf = (site: Site): Map<string, Pull> => {
  const found = held.get(site) ?? new Map<string, Pull>()
  held.set(site, found)
  return found
}

export const notePull = ({ site, actor }: Context, { repository, name, on }: Place, digest: string): void => {
  const pulls = heldOf(site)
  const key = `${repository.id} ${name} ${digest} ${actor.id}`
  const known = pulls.get(key)
  if (known) known.count++
  else if (pulls.size < heldMax) pulls.set(key, { repositoryId: repository.id, name, digest, on, actor, count: 1 })
}

/** Writes what was counted. What a crash loses of it is at most the last two seconds of counts. */
export const writePulls = async (site: Site): Promise<void> => {
  const pulls = [...heldOf(site).values()]
  heldOf(site).clear()
  for (const pull of pulls) await writePull(systemContext(site, 'pulls'), pull)
}

const writePull = (ctx: Context, { repositoryId, name, digest, on, actor, count }: Pull): Promise<void> =>
  atomically({ ...ctx, actor }, async (tx) => {
    const at = tx.now()
    const { rows: written } = await sql<{ told: boolean; pulls: number }>`
      insert into artifact_pull as pull (package_id, digest, actor, count, first_at, last_at, told_at)
      select package.id, ${digest}, ${actor.id}, ${count}, ${at}, ${at}, ${at} from artifact_package package
        join artifact_manifest manifest on manifest.package_id = package.id and manifest.digest = ${digest}
        where package.repository_id = ${repositoryId} and package.name = ${name}
      on conflict (package_id, digest, actor) do update set count = pull.count + excluded.count, last_at = excluded.last_at,
        told_at = case when pull.told_at < ${new Date(at.getTime() - recordedEveryMs)} then excluded.told_at else pull.told_at end
      returning told_at = ${at} as told, count::int8 as pulls`.execute(tx.db)
    if (written[0]?.told) await record(tx, 'repository.pull', on, { package: name, manifest: digest, pulls: written[0].pulls })
  })

export const startPulls = (site: Site): { stop(): Promise<void> } => {
  const stopping = new AbortController()
  const writing = (async () => {
    while (!stopping.signal.aborted) {
      await sleep(writeEveryMs, undefined, { signal: stopping.signal }).catch(() => {})
      await writePulls(site).catch((error: unknown) =>
        site.log.error({ err: error, module: 'artifacts' }, 'pulls could not be counted'),
      )
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await writing
    },
  }
}

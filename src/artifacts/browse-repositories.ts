// Repositories as people choose among them: what each holds, and what they may do there.
import { sql } from 'kysely'
import { permitted } from '#resources'
import type { Context } from '#platform/context.ts'
import type { RepositoryCard } from './browse-schema.ts'
import { pathOf, specOf } from './repositories.ts'

/** In the order of their paths. */
export const browseRepositories = async (ctx: Context): Promise<RepositoryCard[]> => {
  const readable = await permitted(ctx, 'repository', 'repository.read')
  if (readable.length === 0) return []
  const ids = async (verb: 'pull' | 'push' | 'discard') =>
    new Set((await permitted(ctx, 'repository', `repository.${verb}`)).map(({ id }) => id))
  const [pull, push, discard] = [await ids('pull'), await ids('push'), await ids('discard')]
  const { rows: found } = await sql<{ id: string; packages: number; sizeBytes: number; pushedAt: Date | null }>`
    select repository.id, count(package.id) filter (where last.pushed_at is not null)::int8 as packages,
      coalesce((select sum(bytes) from artifact_usage where repository_id = repository.id), 0)::int8 as "sizeBytes", max(last.pushed_at) as "pushedAt"
    from unnest(${readable.map(({ id }) => id)}::text[]) as repository (id)
    left join artifact_package package on package.repository_id = repository.id
    left join lateral (select max(pushed_at) as pushed_at from artifact_manifest where package_id = package.id) last on true
    group by repository.id`.execute(ctx.db)
  const held = new Map(found.map((row) => [row.id, row]))
  return readable
    .map((one) => {
      const { format, description } = specOf(one)
      const { packages = 0, sizeBytes = 0, pushedAt } = held.get(one.id) ?? {}
      return {
        id: one.id,
        name: one.name,
        scope: one.scope,
        path: pathOf(one),
        format,
        ...(description === undefined ? {} : { description }),
        packages,
        sizeBytes,
        pushedAt: pushedAt?.toISOString() ?? null,
        may: { pull: pull.has(one.id), push: push.has(one.id), discard: discard.has(one.id) },
      }
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

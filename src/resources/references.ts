// How one resource names another: by id, or as `kind:/scope/name`, which means the same on another site and at another trial.
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Resource } from './schema.ts'
import { refOf, rows, select, toResource, type Row } from './store.ts'

/** Ids of what is named. What the caller may not see is not there. */
export const resolveReferences = async (tx: Context, references: readonly string[]): Promise<string[]> => {
  const ids = new Set<string>()
  for (const [i, reference] of references.entries()) {
    const row = await found(tx, reference)
    if (!row || !(await tx.permits(`${row.kind}.read`, refOf(row))))
      throw invalid(`There is no ${JSON.stringify(reference.slice(0, 200))} here to depend on.`, {
        faults: [{ at: `/dependsOn/${i}`, message: 'neither an id nor kind:/scope/name of something here' }],
      })
    ids.add(row.id)
  }
  return [...ids].sort()
}

/** Undecided: for rooms that say themselves what may be named. */
export const findReferenced = async (ctx: Pick<Context, 'db'>, reference: string): Promise<Resource | undefined> => {
  const row = await found(ctx, reference)
  return row && toResource(row)
}

const parts = /^([a-z][a-z-]*):(\/(?:.*\/)?)([^/]+)$/

const found = (tx: Pick<Context, 'db'>, reference: string): Promise<Row | undefined> => {
  const [, kind, folder, name] = parts.exec(reference) ?? []
  const among = select(tx)
  if (kind === undefined || folder === undefined || name === undefined)
    return among.where('resource.id', '=', reference).executeTakeFirst()
  return among
    .where('resource.kind', '=', kind)
    .where('policy_scope.path', '=', folder === '/' ? '/' : folder.slice(0, -1))
    .where('resource.name', '=', name)
    .executeTakeFirst()
}

export const referencesTo = async (ctx: Pick<Context, 'db'>, ids: readonly string[]): Promise<Map<string, string>> => {
  if (ids.length === 0) return new Map()
  const found = await rows(ctx)
    .selectFrom('resource')
    .innerJoin('policy_scope', 'policy_scope.id', 'resource.scope_id')
    .select(['resource.id', 'resource.kind', 'policy_scope.path', 'resource.name'])
    .where('resource.id', 'in', ids)
    .execute()
  return new Map(found.map(({ id, kind, path, name }) => [id, `${kind}:${path === '/' ? '' : path}/${name}`]))
}

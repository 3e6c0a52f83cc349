// The facts decisions rest on: the scope tree, who holds which role where, who is in which group. Written by higher rooms in their own transactions.
import { sql, type Generated, type Selectable } from 'kysely'
import { afterCommit, type Context, type Label } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { emit } from '#platform/events.ts'
import { problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { factsChanged } from './cache.ts'

export const scopeNotEmpty = problem('scope-not-empty', 409, 'The scope is not empty')
export const nameTaken = problem('name-taken', 409, 'The name is taken')
export const scopeMissing = problem('scope-missing', 404, 'No such scope')

type Tables = {
  policy_scope: {
    id: string
    parent_id: string | null
    kind: string
    name: string
    path: string
    ancestors: string[]
    rank: Generated<number>
    caveats: Generated<string[]>
    effective_rank: Generated<number>
    effective_caveats: Generated<string[]>
  }
  policy_grant: { id: string; scope_id: string }
}
export type Scope = {
  id: string
  parentId: string | undefined
  kind: string
  name: string
  path: string
  ancestors: readonly string[]
  /** Its own label, and the join of it with those of all above. */
  label: Label
  effective: Label
}

const rows = (ctx: { db: Db }) => ctx.db.withTables<Tables>()
const toScope = (row: Selectable<Tables['policy_scope']>): Scope => ({
  id: row.id,
  parentId: row.parent_id ?? undefined,
  kind: row.kind,
  name: row.name,
  path: row.path,
  ancestors: row.ancestors,
  label: { rank: row.rank, caveats: row.caveats },
  effective: { rank: row.effective_rank, caveats: row.effective_caveats },
})

export const channel = 'holdfast_policy'

/** Of one transaction; with more, all is forgotten: PostgreSQL tells the same once, and who fills a group of 100,000 tells it once. */
const toldMax = 100
const told = new WeakMap<Db, number>()
/** PostgreSQL refuses a longer one. */
const noticeBytesMax = 7_999

/**
 * Told to this process at commit, to others by NOTIFY: a role taken away is gone at the next request. With `about`, principals (groups as such, not those in them)
 * and assignments, what is known of others stays.
 */
export const changed = async (tx: Context, about?: readonly (string | undefined)[]): Promise<void> => {
  factsChanged.inTransaction(tx.db)
  const ids = about?.filter((id) => id !== undefined)
  const count = (told.get(tx.db) ?? 0) + (ids?.length ?? 0)
  told.set(tx.db, count)
  const notice = ids === undefined || count > toldMax ? '' : JSON.stringify(ids)
  const said = Buffer.byteLength(notice) > noticeBytesMax ? '' : notice
  afterCommit(tx, () => heard(tx.site, said))
  await sql`select pg_notify(${channel}, ${said})`.execute(tx.db)
}

/** What cannot be read (another version wrote it) may be about anything. */
export const heard = (site: Site, said: string): void =>
  factsChanged.committed(site, said.startsWith('[') ? idsIn(said) : undefined)

const idsIn = (said: string): string[] | undefined => {
  try {
    const ids: unknown = JSON.parse(said)
    return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : undefined
  } catch {
    return undefined
  }
}

export const createOrganisation = async (tx: Context, { id, name }: { id: string; name: string }): Promise<void> => {
  await rows(tx)
    .insertInto('policy_scope')
    .values({ id, parent_id: null, kind: 'organisation', name, path: '/', ancestors: [id] })
    .execute()
  await emit(tx, 'organisation.created', { id })
  await changed(tx)
}

export const findScope = async (ctx: Pick<Context, 'db'>, id: string): Promise<Scope | undefined> => {
  const row = await rows(ctx).selectFrom('policy_scope').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toScope(row)
}

/** Many at once, by id. */
export const findScopes = async (ctx: Pick<Context, 'db'>, ids: readonly string[]): Promise<Map<string, Scope>> => {
  if (ids.length === 0) return new Map()
  const found = await rows(ctx).selectFrom('policy_scope').selectAll().where('id', 'in', ids).execute()
  return new Map(found.map((row) => [row.id, toScope(row)]))
}

export const rootScope = async (ctx: Pick<Context, 'db'>): Promise<Scope | undefined> => {
  const row = await rows(ctx).selectFrom('policy_scope').selectAll().where('parent_id', 'is', null).executeTakeFirst()
  return row && toScope(row)
}

/** Said alike of a scope that is not there and of one the caller may not know of. */
export const noScope = (which: string) => scopeMissing(`There is no scope ${JSON.stringify(which.slice(0, 200))} here.`)

/** By id or by path (`/`, `/research/llm`); throws `scope-missing`. */
export const resolveScope = async (ctx: Pick<Context, 'db'>, which = '/'): Promise<Scope> => {
  const path = which !== '/' && which.endsWith('/') ? which.slice(0, -1) : which
  const row = await rows(ctx)
    .selectFrom('policy_scope')
    .selectAll()
    .where(path.startsWith('/') ? 'path' : 'id', '=', path)
    .executeTakeFirst()
  if (!row) throw noScope(which)
  return toScope(row)
}

/** The path of the deepest scope among these; the organisation's where none is there. */
export const deepestScopeOf = async (ctx: Pick<Context, 'db'>, paths: readonly string[]): Promise<string> => {
  if (paths.length === 0) return '/'
  const found = await rows(ctx)
    .selectFrom('policy_scope')
    .select('path')
    .where('path', 'in', [...paths])
    .execute()
  return found.reduce((deepest, { path }) => (path.length > deepest.length ? path : deepest), '/')
}

export const scopeByPath = async (ctx: Pick<Context, 'db'>, which: string): Promise<string> => (await resolveScope(ctx, which)).id

export const scopePath = async (ctx: Pick<Context, 'db'>, id: string): Promise<string | undefined> =>
  (await findScope(ctx, id))?.path

/** A new scope below `parentId`, whose row is locked so that it cannot be removed meanwhile. */
export const putScope = async (
  tx: Context,
  scope: { id: string; parentId: string; kind: 'folder' | 'project'; name: string },
): Promise<void> => {
  const parent = await rows(tx)
    .selectFrom('policy_scope')
    .selectAll()
    .where('id', '=', scope.parentId)
    .forShare()
    .executeTakeFirst()
  if (!parent) throw scopeMissing('The scope above was removed meanwhile.')
  const path = `${parent.path === '/' ? '' : parent.path}/${scope.name}`
  const made = await rows(tx)
    .insertInto('policy_scope')
    .values({
      id: scope.id,
      parent_id: parent.id,
      kind: scope.kind,
      name: scope.name,
      path,
      ancestors: [scope.id, ...parent.ancestors],
      effective_rank: parent.effective_rank,
      effective_caveats: parent.effective_caveats,
    })
    .onConflict((on) => on.column('path').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!made) throw nameTaken(`A folder or project is at ${path} already.`, { path })
  await changed(tx)
}

/** Brings the effective labels of a scope and all below it up to date: the highest rank and every caveat on the way to the root. */
export const labelsBelow = async (tx: Context, scopeId: string): Promise<void> => {
  await sql`update policy_scope set (effective_rank, effective_caveats) = (
      select max(above.rank), coalesce((array_agg(distinct caveat order by caveat) filter (where caveat is not null)), '{}')
      from policy_scope above left join unnest(above.caveats) caveat on true where above.id = any(policy_scope.ancestors))
    where ancestors @> array[${scopeId}]`.execute(tx.db)
}

/** Locks a scope for the rest of the transaction, alone if it is to be moved or removed; throws `scope-missing` when it is gone. */
export const holdScope = async (tx: Context, id: string, { alone = false } = {}): Promise<Scope> => {
  const held = rows(tx).selectFrom('policy_scope').selectAll().where('id', '=', id)
  const row = await (alone ? held.forUpdate() : held.forShare()).executeTakeFirst()
  if (!row) throw scopeMissing('The scope was removed meanwhile. Read the tree again.')
  return toScope(row)
}

export const removeScope = async (tx: Context, id: string): Promise<void> => {
  const row = await rows(tx).selectFrom('policy_scope').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (!row) return
  const below = await rows(tx).selectFrom('policy_scope').select('path').where('parent_id', '=', id).limit(1).executeTakeFirst()
  if (below) throw scopeNotEmpty(`${row.path} still holds ${below.path}. Delete what is in it first.`)
  const grant = await rows(tx).selectFrom('policy_grant').select('id').where('scope_id', '=', id).limit(1).executeTakeFirst()
  if (grant) throw scopeNotEmpty(`Roles are still given at ${row.path}. Take them away first.`)
  await rows(tx).deleteFrom('policy_scope').where('id', '=', id).execute()
  await changed(tx)
}

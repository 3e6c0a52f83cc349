// The facts decisions rest on: the scope tree, who holds which role where, who is in which group. Written by higher rooms in their own transactions.
import { sql, type Generated, type Selectable } from 'kysely'
import { afterCommit, type Context, type Label } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import type { Site } from '#platform/site.ts'
import { emit } from '#platform/events.ts'
import { newId } from '#platform/id.ts'
import { problem } from '#platform/problem.ts'
import { factsChanged } from './cache.ts'
import { parseRole, type RoleName } from './roles.ts'

export const lastOwner = problem('last-owner', 409, 'The last owner stays')
export const groupCycle = problem('group-cycle', 409, 'A group cannot contain itself')
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
  policy_grant: { id: string; principal_id: string; role: string; scope_id: string }
  policy_member: { group_id: string; member_id: string }
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
export type Grant = {
  id: string
  role: RoleName
  scope: string
  path: string
  /** The group through which it is held. */ via?: string
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

/** Told to this process at commit, to others by NOTIFY: a role taken away is gone at the next request. */
export const changed = async (tx: Context): Promise<void> => {
  factsChanged.inTransaction(tx.db)
  afterCommit(tx, () => factsChanged.committed(tx.site))
  await sql`select pg_notify(${channel}, '')`.execute(tx.db)
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

export const putGrant = async (
  tx: Context,
  grant: { id?: string; principalId: string; role: string; scopeId: string },
): Promise<void> => {
  const row = {
    id: grant.id ?? newId('grant', tx.now()),
    principal_id: grant.principalId,
    role: parseRole(grant.role),
    scope_id: grant.scopeId,
  }
  await rows(tx)
    .insertInto('policy_grant')
    .values(row)
    .onConflict((on) => on.column('id').doUpdateSet({ principal_id: row.principal_id, role: row.role, scope_id: row.scope_id }))
    .execute()
  await requireOwner(tx)
  await changed(tx)
  await observers.get(tx.site)?.put(tx, { id: row.id, principalId: row.principal_id, role: row.role, scopeId: row.scope_id })
}

/** The room above that lists who holds what hears of every grant, whoever writes it, in the transaction that writes it. */
export type GrantObserver = {
  put(tx: Context, grant: { id: string; principalId: string; role: RoleName; scopeId: string }): Promise<void>
  removed(tx: Context, grantIds: readonly string[]): Promise<void>
}
const observers = new WeakMap<Site, GrantObserver>()
export const observeGrants = (site: Site, observer: GrantObserver): void => void observers.set(site, observer)

export const removeGrant = async (tx: Context, id: string): Promise<void> => {
  await rows(tx).deleteFrom('policy_grant').where('id', '=', id).execute()
  await requireOwner(tx)
  await changed(tx)
}

/** All that a principal (person or group) was given goes with it. */
export const removePrincipal = async (tx: Context, principalId: string): Promise<void> => {
  const grants = await rows(tx).deleteFrom('policy_grant').where('principal_id', '=', principalId).returning('id').execute()
  await rows(tx)
    .deleteFrom('policy_member')
    .where((on) => on.or([on('member_id', '=', principalId), on('group_id', '=', principalId)]))
    .execute()
  await requireOwner(tx)
  await changed(tx)
  await observers.get(tx.site)?.removed(
    tx,
    grants.map(({ id }) => id),
  )
}

const ownerLock = 4_600_003

/** Someone must remain who may give roles: a person with `owner` at the root, by themselves or through a group. `except` are, or are about to be, locked out. */
export const requireOwner = async (tx: Context, except: readonly string[] = []): Promise<void> => {
  // Two owners who remove each other at once take turns, and the second is refused.
  await sql`select pg_advisory_xact_lock(${ownerLock})`.execute(tx.db)
  const { rows: left } = await sql`
    with recursive holder as (
      select principal_id as id from policy_grant join policy_scope on policy_scope.id = scope_id where role = 'owner' and parent_id is null
      union select member_id from policy_member join holder on holder.id = group_id)
    select 1 from holder where id like 'user\\_%' and id <> all(${[...except]}::text[]) limit 1`.execute(tx.db)
  if (left.length === 0) throw lastOwner('This would leave the organisation without an owner. Make someone else owner first.')
}

export const putMember = async (tx: Context, { groupId, memberId }: { groupId: string; memberId: string }): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${ownerLock})`.execute(tx.db) // two nestings at once could close a circle that neither sees
  const { rows: circle } = await sql`
    with recursive below as (select ${memberId}::text as id union select member_id from policy_member join below on below.id = group_id)
    select 1 from below where id = ${groupId}`.execute(tx.db)
  if (circle.length > 0) throw groupCycle('That group already contains this one, directly or through others.')
  await rows(tx)
    .insertInto('policy_member')
    .values({ group_id: groupId, member_id: memberId })
    .onConflict((on) => on.doNothing())
    .execute()
  await changed(tx)
}

export const removeMember = async (tx: Context, { groupId, memberId }: { groupId: string; memberId: string }): Promise<void> => {
  await rows(tx).deleteFrom('policy_member').where('group_id', '=', groupId).where('member_id', '=', memberId).execute()
  await requireOwner(tx)
  await changed(tx)
}

export const membersOf = async (ctx: Pick<Context, 'db'>, groupId: string): Promise<string[]> =>
  (
    await rows(ctx).selectFrom('policy_member').select('member_id').where('group_id', '=', groupId).orderBy('member_id').execute()
  ).map((row) => row.member_id)

export const groupsWith = async (ctx: Pick<Context, 'db'>, memberId: string): Promise<string[]> =>
  (
    await rows(ctx).selectFrom('policy_member').select('group_id').where('member_id', '=', memberId).orderBy('group_id').execute()
  ).map((row) => row.group_id)

const nestingMax = 32

/** Every role the principal holds, and through which group: one query, whatever the nesting. */
export const grantsOf = async (ctx: Pick<Context, 'db'>, principalId: string): Promise<Grant[]> => {
  const { rows: found } = await sql<{ id: string; role: RoleName; scope: string; path: string; holder: string }>`
    with recursive holder as (
      select ${principalId}::text as id, 0 as depth
      union select group_id, depth + 1 from policy_member join holder on holder.id = member_id where depth < ${nestingMax})
    select distinct policy_grant.id, role, scope_id as scope, path, holder.id as holder
    from holder join policy_grant on principal_id = holder.id join policy_scope on policy_scope.id = scope_id order by path, role`.execute(
    ctx.db,
  )
  return found.map(({ holder, ...grant }) => ({ ...grant, ...(holder === principalId ? {} : { via: holder }) }))
}

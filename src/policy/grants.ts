// Who holds which role where, and who is denied what: written by higher rooms in their own transactions, read in one query whatever the nesting of groups.
import { sql } from 'kysely'
import type { Context, Label } from '#platform/context.ts'
import { kept, type Db } from '#platform/db.ts'
import { newId } from '#platform/id.ts'
import { invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import type { AccessCondition } from './conditions.ts'
import { holdRole } from './custom-roles.ts'
import { changed } from './facts.ts'
import { bottom } from './labels.ts'
import { membersOf, tellLeft } from './members.ts'
import { requireOwner } from './owners.ts'
import { allActions } from './roles.ts'
import { touches } from './touched.ts'

/** Gives nothing until it is activated, for at most so long, with so many approvals. */
export type Eligible = { readonly maxSeconds: number; readonly approvals?: number; readonly approverRole?: string }

export type NewGrant = {
  readonly id?: string
  readonly principalId: string
  readonly scopeId: string
  readonly effect?: 'allow' | 'deny'
  /** Of an allowance. */
  readonly role?: string
  /** Of a denial: names, `noun.*` or `*`. */
  readonly actions?: readonly string[]
  readonly condition?: AccessCondition
  readonly startsAt?: Date
  readonly expiresAt?: Date
  readonly eligible?: Eligible
  /** Of an elevation: what was activated. It goes when that goes. */
  readonly assignmentId?: string
  readonly reason?: string
}

export type Grant = Omit<NewGrant, 'id' | 'principalId' | 'scopeId' | 'effect'> & {
  readonly id: string
  readonly effect: 'allow' | 'deny'
  readonly scope: string
  readonly path: string
  /** The group through which it is held. */
  readonly via?: string
}

type Row = {
  id: string
  principal_id: string
  scope_id: string
  effect: 'allow' | 'deny'
  role: string | null
  actions: string[] | null
  condition: AccessCondition | null
  starts_at: Date | null
  expires_at: Date | null
  eligible: Eligible | null
  assignment_id: string | null
  reason: string | null
}
const rows = (ctx: { db: Db }) => ctx.db.withTables<{ policy_grant: Row }>()

export const putGrant = async (tx: Context, grant: NewGrant): Promise<void> => {
  await checkGrant(tx, grant)
  const { id = newId('grant', tx.now()) } = grant
  const row = {
    principal_id: grant.principalId,
    scope_id: grant.scopeId,
    effect: grant.effect ?? 'allow',
    role: grant.role ?? null,
    actions: grant.actions ? [...grant.actions] : null,
    condition: grant.condition ?? null,
    starts_at: grant.startsAt ?? null,
    expires_at: grant.expiresAt ?? null,
    eligible: grant.eligible ?? null,
    assignment_id: grant.assignmentId ?? null,
    reason: grant.reason ?? null,
  }
  const before = await rows(tx).selectFrom('policy_grant').select('principal_id').where('id', '=', id).executeTakeFirst()
  for (const principal of [before?.principal_id, row.principal_id]) touches(tx, { principal })
  await rows(tx)
    .insertInto('policy_grant')
    .values({ id, ...row })
    .onConflict((on) => on.column('id').doUpdateSet(row))
    .execute()
  await requireOwner(tx)
  await changed(tx, [id, before?.principal_id, row.principal_id])
  await observers.get(tx.site)?.put(tx, { ...grant, id })
}

const checkGrant = async (
  tx: Context,
  { effect = 'allow', role, actions, eligible, startsAt, expiresAt }: NewGrant,
): Promise<void> => {
  if (effect === 'allow' && (role === undefined || actions !== undefined))
    throw invalid('What is given is a role: name one, and no actions.')
  if (effect === 'deny' && (role !== undefined || actions === undefined || actions.length === 0))
    throw invalid('What is denied are actions: name at least one, and no role.')
  if (effect === 'deny' && eligible !== undefined) throw invalid('A denial holds; nobody is eligible for it.')
  if (startsAt && expiresAt && startsAt >= expiresAt) throw invalid('It would end before it starts.')
  const unknown = actions?.find((pattern) => !allActions.some((action) => denies(pattern, action)))
  if (unknown !== undefined)
    throw invalid(`${JSON.stringify(unknown.slice(0, 80))} names no action. Write one that GET /api/v1/roles lists, noun.* or *.`)
  for (const name of [role, eligible?.approverRole]) if (name !== undefined) await holdRole(tx, name)
}

/** Whether a denial's `pattern` (a name, `noun.*` or `*`) reaches the action. */
export const denies = (pattern: string, action: string): boolean =>
  pattern === '*' || pattern === action || (pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1)))

/** The room above that lists who holds what hears of every grant, whoever writes it, in the transaction that writes it. */
export type GrantObserver = {
  put(tx: Context, grant: NewGrant & { id: string }): Promise<void>
  removed(tx: Context, grantIds: readonly string[]): Promise<void>
}
const observers = new WeakMap<Site, GrantObserver>()
export const observeGrants = (site: Site, observer: GrantObserver): void => void observers.set(site, observer)

export const removeGrant = async (tx: Context, id: string): Promise<void> => {
  // Elevations would go with what was activated; said here, since whoever holds them is told of.
  const gone = await rows(tx)
    .deleteFrom('policy_grant')
    .where((on) => on.or([on('id', '=', id), on('assignment_id', '=', id)]))
    .returning(['id', 'principal_id'])
    .execute()
  for (const { principal_id: principal } of gone) touches(tx, { principal })
  await requireOwner(tx)
  await changed(
    tx,
    gone.flatMap((row) => [row.id, row.principal_id]),
  )
}

/** All that a principal (person or group) was given goes with it. */
export const removePrincipal = async (tx: Context, principalId: string): Promise<void> => {
  for (const principal of await membersOf(tx, principalId)) touches(tx, { principal })
  await sql`delete from policy_member where member_id = ${principalId} or group_id = ${principalId}`.execute(tx.db)
  await tellLeft(tx) // while what was activated from its assignments is there to be told of
  const grants = await rows(tx).deleteFrom('policy_grant').where('principal_id', '=', principalId).returning('id').execute()
  touches(tx, { principal: principalId })
  await requireOwner(tx)
  await changed(tx)
  await observers.get(tx.site)?.removed(
    tx,
    grants.map(({ id }) => id),
  )
}

const nestingMax = 32

export type Holdings = {
  /** Everything given to or denied the principal, whether or not it holds at this moment, and through which group. */
  readonly grants: readonly Grant[]
  /** The principal and every group around it, whatever it holds. */
  readonly holders: readonly string[]
  readonly clearance: Label
}

type Whole = Omit<Row, 'principal_id'> & { path: string; holder: string }
type Found = { [K in keyof Whole]: Whole[K] | null } & { rank: number | null; caveats: string[] | null }

/** One query, whatever the nesting of groups: it is what a first decision about someone waits for. */
export const holdingsOf = async (ctx: Pick<Context, 'db'>, principalId: string): Promise<Holdings> => {
  const { rows: found } = await sql<Found>`${sql.raw(kept)}
    with recursive holder as (
      select ${principalId}::text as id, 0 as depth
      union select group_id, depth + 1 from policy_member join holder on holder.id = member_id where depth < ${nestingMax}::int)
    select held.id, held.effect, held.role, held.scope_id, held.actions, held.condition, held.starts_at, held.expires_at, held.eligible, held.assignment_id,
      held.reason, path, holder.id as holder, clearance.rank, clearance.caveats
    from holder left join policy_clearance clearance on clearance.principal_id = ${principalId}::text
      left join policy_grant held on held.principal_id = holder.id left join policy_scope on policy_scope.id = held.scope_id`.execute(
    ctx.db,
  )
  const { rank, caveats } = found[0]! // who asks is their own first holder
  const holders = [...new Set(found.flatMap(({ holder }) => holder ?? []))]
  // A group met at two depths gives what it gives once.
  const grants = new Map(found.flatMap((row) => (row.id === null ? [] : [[row.id, toGrant(row as Whole, principalId)]]))) // a grant is whole, or not there
  return {
    grants: [...grants.values()].sort(byPlace),
    holders,
    clearance: rank === null || caveats === null ? bottom : { rank, caveats },
  }
}

const byPlace = (a: Grant, b: Grant): number =>
  compare(a.path, b.path) || compare(a.role ?? '', b.role ?? '') || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const grantsOf = async (ctx: Pick<Context, 'db'>, principalId: string): Promise<readonly Grant[]> =>
  (await holdingsOf(ctx, principalId)).grants

const toGrant = (row: Whole, principalId: string): Grant => ({
  id: row.id,
  effect: row.effect,
  scope: row.scope_id,
  path: row.path,
  ...(row.holder === principalId ? {} : { via: row.holder }),
  ...(row.role === null ? {} : { role: row.role }),
  ...(row.actions === null ? {} : { actions: row.actions }),
  ...(row.condition === null ? {} : { condition: row.condition }),
  ...(row.starts_at === null ? {} : { startsAt: row.starts_at }),
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  ...(row.eligible === null ? {} : { eligible: row.eligible }),
  ...(row.assignment_id === null ? {} : { assignmentId: row.assignment_id }),
  ...(row.reason === null ? {} : { reason: row.reason }),
})

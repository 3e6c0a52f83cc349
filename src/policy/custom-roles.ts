// Roles made here, beside the built-in ones: a name for a set of actions, given and taken away like any other.
import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import type { Db } from '#platform/db.ts'
import { invalid, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { remembered } from './cache.ts'
import { changed, nameTaken } from './facts.ts'
import { allActions, isRoleName, privateActions, roleNames, roles, unknownRole, type Role } from './roles.ts'
import { touches } from './touched.ts'

export const roleInUse = problem('role-in-use', 409, 'The role is in use')

export type NamedRole = Role & {
  readonly name: string
  readonly builtIn: boolean
  /** As it was written: `model.*` stays so. */
  readonly patterns: readonly string[]
}
export type NewRole = { name: string; title: string; description: string; actions: readonly string[] }

type Tables = { policy_role: { name: string; title: string; description: string; actions: string[] } }
type Ask = Pick<Context, 'site' | 'db'>
const rows = (ctx: { db: Db }) => ctx.db.withTables<Tables>()

export const roleNamePattern = '^[a-z][a-z0-9-]{0,62}$'
const rolesMax = 1_000

/** `model.*` is every action on models, also those that a later version brings. What is private is given by no role. */
export const actionsOf = (patterns: readonly string[]): string[] =>
  allActions.filter(
    (action) =>
      !privateActions.has(action) && patterns.some((pattern) => pattern === action || pattern === `${action.split('.')[0]}.*`),
  )

export const putRole = async (tx: Context, { name, title, description, actions }: NewRole): Promise<void> => {
  if (!new RegExp(roleNamePattern).test(name))
    throw invalid(`${JSON.stringify(name.slice(0, 80))} cannot be the name of a role: it must match ${roleNamePattern}.`)
  if (isRoleName(name)) throw nameTaken(`${name} is a built-in role. Choose another name.`, { name })
  const unknown = actions.find((pattern) => actionsOf([pattern]).length === 0)
  if (unknown !== undefined)
    throw invalid(refusal(unknown), { faults: [{ at: '/spec/actions', message: 'not an action that a role can give' }] })
  if (actions.length === 0) throw invalid('A role without actions gives nothing. Name at least one.')
  const { rows: others } = await sql<{
    count: number
  }>`select count(*)::int as count from policy_role where name <> ${name}`.execute(tx.db)
  if ((others[0]?.count ?? 0) >= rolesMax)
    throw invalid(`There are ${rolesMax} roles already, which is the most. Delete one that nobody holds.`)
  const row = { title, description, actions: [...new Set(actions)] }
  touches(tx, { role: name })
  await rows(tx)
    .insertInto('policy_role')
    .values({ name, ...row })
    .onConflict((on) => on.column('name').doUpdateSet(row))
    .execute()
  await changed(tx)
}

const refusal = (pattern: string): string =>
  privateActions.has(pattern)
    ? `${pattern} is of one's own only: no role gives it.`
    : `${JSON.stringify(pattern.slice(0, 80))} is not an action. Write one of those that GET /api/v1/roles lists, or noun.* for all of a noun.`

export const removeRole = async (tx: Context, name: string): Promise<void> => {
  const row = await rows(tx).selectFrom('policy_role').select('name').where('name', '=', name).forUpdate().executeTakeFirst()
  if (!row) return
  const { rows: held } = await sql<{ held: number; asked: number }>`select
    (select count(*)::int from policy_grant where role = ${name}) as held,
    (select count(*)::int from policy_approval_rule where approver_role = ${name})
      + (select count(*)::int from policy_grant where eligible ->> 'approverRole' = ${name}) as asked`.execute(tx.db)
  const { held: assignments = 0, asked = 0 } = held[0] ?? {}
  if (assignments > 0)
    throw roleInUse(`The role ${name} is given by ${assignments} assignments. Delete those first.`, { assignments })
  if (asked > 0)
    throw roleInUse(`The role ${name} is what approvers must hold in ${asked} places. Change those first.`, { approvals: asked })
  await rows(tx).deleteFrom('policy_role').where('name', '=', name).execute()
  await changed(tx)
}

const builtIn: readonly NamedRole[] = roleNames.map((name) => ({
  name,
  builtIn: true,
  ...roles[name],
  patterns: roles[name].actions,
}))

type Read = { readonly text: string; readonly roles: readonly NamedRole[] }
const lastRead = new WeakMap<Site, Read>()

/** The built-in roles, then those made here by name. While none changed they are the same list: what is compiled from it need not be compiled again. */
export const findRoles = (ctx: Ask): Promise<readonly NamedRole[]> =>
  remembered(ctx, 'roles', async (db) => {
    const made = await rows({ db }).selectFrom('policy_role').selectAll().orderBy('name').execute()
    const text = JSON.stringify(made)
    const last = lastRead.get(ctx.site)
    if (last?.text === text) return last.roles
    const own = made.map((role) => ({ ...role, builtIn: false, patterns: role.actions, actions: actionsOf(role.actions) }))
    const read = { text, roles: [...builtIn, ...own] }
    lastRead.set(ctx.site, read)
    return read.roles
  })

/** Throws `unknown-role`. */
export const findRole = async (ctx: Ask, name: string): Promise<NamedRole> => {
  const known = await findRoles(ctx)
  const found = known.find((role) => role.name === name)
  if (!found) throw unknown(name, known)
  return found
}

const shownMax = 30
const unknown = (name: string, known: readonly NamedRole[]) => {
  const shown = known.filter((role) => role.name !== name).slice(0, shownMax)
  const names = shown.map((role) => role.name).join(', ')
  return unknownRole(
    `There is no role ${JSON.stringify(name.slice(0, 80))}. The roles are: ${names}${known.length > shownMax ? ' …' : ''}.`,
  )
}

/** Held for the rest of the transaction, so that a role cannot be removed while it is given. Throws `unknown-role`. */
export const holdRole = async (tx: Context, name: string): Promise<void> => {
  if (isRoleName(name)) return
  const row = await rows(tx).selectFrom('policy_role').select('name').where('name', '=', name).forShare().executeTakeFirst()
  if (!row) throw unknown(name, await findRoles(tx))
}

// People as rows: what every other part of this room looks up.
import type { Context } from '#platform/context.ts'
import { problem } from '#platform/problem.ts'
import { usernameKey } from './names.ts'
import type { Organisation, User } from './schema.ts'
import type { Static } from 'typebox'
import { rows, type GroupId, type UserId, type UserRow } from './tables.ts'
import type { Selectable } from 'kysely'

export const usernameTaken = problem('username-taken', 409, 'The user name is taken')

export type Person = Selectable<UserRow>

export const toUser = (row: Person): User => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  ...(row.email === null ? {} : { email: row.email }),
  state: row.state,
  createdAt: row.created_at.toISOString(),
})

export const findPerson = (ctx: Context, id: string): Promise<Person | undefined> =>
  rows(ctx)
    .selectFrom('identity_user')
    .selectAll()
    .where('id', '=', id as UserId)
    .executeTakeFirst() // looked up, never trusted

export const lockPerson = (tx: Context, id: string): Promise<Person | undefined> =>
  rows(tx)
    .selectFrom('identity_user')
    .selectAll()
    .where('id', '=', id as UserId)
    .forUpdate()
    .executeTakeFirst() // looked up, never trusted

export const findPersonByName = (ctx: Context, username: string): Promise<Person | undefined> =>
  rows(ctx).selectFrom('identity_user').selectAll().where('username_key', '=', usernameKey(username)).executeTakeFirst()

export type NewPerson = {
  id: UserId
  username: string
  displayName: string
  email?: string | undefined
  state: 'invited' | 'active'
}

/** The unique index decides who had the name first, not a read before the write. */
export const insertPerson = async (tx: Context, person: NewPerson): Promise<Person> => {
  const row = await rows(tx)
    .insertInto('identity_user')
    .values({
      id: person.id,
      username: person.username,
      username_key: usernameKey(person.username),
      display_name: person.displayName,
      email: person.email ?? null,
      state: person.state,
      password_hash: null,
      password_changed_at: null,
      totp_sealed: null,
      totp_confirmed_at: null,
      totp_last_step: null,
      created_at: tx.now(),
    })
    .onConflict((on) => on.column('username_key').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw usernameTaken(`The user name ${JSON.stringify(person.username)} is taken here.`)
  return row
}

/** Held for the rest of the transaction, so that what is given to someone is not given to someone just removed. */
export const principalExists = async (tx: Context, id: string): Promise<boolean> => {
  const table = id.startsWith('group_') ? 'identity_group' : 'identity_user'
  const row = await rows(tx)
    .selectFrom(table)
    .select('id')
    .where('id', '=', id as UserId & GroupId)
    .forKeyShare()
    .executeTakeFirst() // looked up, never trusted
  return row !== undefined
}

/** PostgreSQL's class 23505, unique_violation: the index found the name taken. */
export const isUniqueViolation = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === '23505'

export const findOrganisation = async (ctx: Context): Promise<Static<typeof Organisation> | undefined> =>
  rows(ctx).selectFrom('identity_organisation').select(['id', 'name']).executeTakeFirst()

/** Names to show beside ids; ids of nobody are left out. */
export const findUsers = async (
  ctx: Context,
  ids: readonly string[],
): Promise<Map<string, { username: string; displayName: string }>> => {
  if (ids.length === 0) return new Map()
  const found = await rows(ctx)
    .selectFrom('identity_user')
    .select(['id', 'username', 'display_name'])
    .where('id', 'in', [...new Set(ids)] as UserId[]) // compared, never trusted
    .execute()
  return new Map(found.map((row) => [row.id, { username: row.username, displayName: row.display_name }]))
}

/** Which of these are there to be asked: people who are not disabled, groups that exist, the site itself. */
export const stillHere = async (ctx: Pick<Context, 'db'>, ids: readonly string[]): Promise<Set<string>> => {
  const asked = [...new Set(ids)]
  if (asked.length === 0) return new Set()
  const people = await rows(ctx)
    .selectFrom('identity_user')
    .select('id')
    .where('id', 'in', asked as UserId[]) // compared, never trusted
    .where('state', '!=', 'disabled')
    .execute()
  const groups = await rows(ctx)
    .selectFrom('identity_group')
    .select('id')
    .where('id', 'in', asked as GroupId[]) // compared, never trusted
    .execute()
  return new Set<string>([...people.map(({ id }) => id), ...groups.map(({ id }) => id), 'system'])
}

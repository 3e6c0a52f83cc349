// Groups of people, and of groups. Who is in one is a fact that decisions rest on, so policy keeps it; names are kept here.
import { eraseSubject, record } from '#audit'
import { membersOf, putMember, removeMember, removePrincipal } from '#policy'
import { atomically, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { notFound, problem } from '#platform/problem.ts'
import { grantsOf, protectOwners, refuseBeyond, refuseForOneself } from './authority.ts'
import { parseShownName, usernameKey } from './names.ts'
import { findPerson, findUsers, isUniqueViolation } from './people.ts'
import type { Group, GroupDetail } from './schema.ts'
import { rows, type GroupId, type Tables } from './tables.ts'
import type { Selectable } from 'kysely'

export const groupExists = problem('group-exists', 409, 'The group name is taken')

const pageRowsDefault = 50
type Row = Selectable<Tables['identity_group']>

const toGroup = (row: Row): Group => ({
  id: row.id,
  name: row.name,
  description: row.description,
  createdAt: row.created_at.toISOString(),
})
const parseDescription = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[^\P{C}\n\t]/gu, '')
    .trim()

const find = async (ctx: Context, id: string): Promise<Row> => {
  const row = await rows(ctx)
    .selectFrom('identity_group')
    .selectAll()
    .where('id', '=', id as GroupId)
    .executeTakeFirst() // looked up, never trusted
  if (!row) throw notFound(`No group ${id}.`)
  return row
}

export const createGroup = async (ctx: Context, given: { name: string; description?: string }): Promise<Group> => {
  const name = parseShownName(given.name, 'name')
  await ctx.authorize('group.create', { kind: 'group' })
  return atomically(ctx, async (tx) => {
    const row = await rows(tx)
      .insertInto('identity_group')
      .values({
        id: newId('group', tx.now()),
        name,
        name_key: usernameKey(name),
        description: parseDescription(given.description ?? ''),
        created_at: tx.now(),
      })
      .onConflict((on) => on.column('name_key').doNothing())
      .returningAll()
      .executeTakeFirst()
    if (!row) throw groupExists(`A group named ${JSON.stringify(name)} exists.`)
    await record(tx, 'group.create', { kind: 'group', id: row.id }, {}, { sealed: { subject: row.id, content: { name } } })
    return toGroup(row)
  })
}

export const listGroups = async (
  ctx: Context,
  filter: { after?: string; limit?: number; q?: string },
): Promise<{ items: Group[]; next?: string }> => {
  await ctx.authorize('group.read', { kind: 'group' })
  const limit = filter.limit ?? pageRowsDefault
  let query = rows(ctx)
    .selectFrom('identity_group')
    .selectAll()
    .orderBy('id')
    .limit(limit + 1)
  if (filter.after !== undefined) query = query.where('id', '>', filter.after as GroupId) // compared, never trusted
  if (filter.q !== undefined) query = query.where('name_key', 'like', `%${usernameKey(filter.q).replace(/[\\%_]/g, '\\$&')}%`)
  const found = await query.execute()
  const items = found.slice(0, limit).map(toGroup)
  return { items, ...(found.length > limit ? { next: items.at(-1)!.id } : {}) }
}

export const getGroup = async (ctx: Context, id: string): Promise<GroupDetail> => {
  await ctx.authorize('group.read', { kind: 'group', id })
  const row = await find(ctx, id)
  const ids = await membersOf(ctx, row.id)
  const people = await findUsers(ctx, ids)
  const groups = await groupNames(ctx, ids)
  const members = ids.map((member) => {
    const person = people.get(member)
    return person
      ? { id: member, kind: 'user' as const, name: person.displayName }
      : { id: member, kind: 'group' as const, name: groups.get(member) ?? member }
  })
  return { ...toGroup(row), members, roles: await grantsOf(ctx, row.id) }
}

export const groupNames = async (ctx: Context, ids: readonly string[]): Promise<Map<string, string>> => {
  if (ids.length === 0) return new Map()
  const found = await rows(ctx)
    .selectFrom('identity_group')
    .select(['id', 'name'])
    .where('id', 'in', ids as GroupId[]) // compared, never trusted
    .execute()
  return new Map(found.map((row) => [row.id, row.name]))
}

export const changeGroup = (ctx: Context, id: string, change: { name?: string; description?: string }): Promise<Group> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('group.update', { kind: 'group', id })
    const before = await find(tx, id)
    const name = change.name === undefined ? before.name : parseShownName(change.name, 'name')
    const row = await rows(tx)
      .updateTable('identity_group')
      .set({
        name,
        name_key: usernameKey(name),
        description: change.description === undefined ? before.description : parseDescription(change.description),
      })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow()
      .catch((error: unknown) => {
        if (isUniqueViolation(error)) throw groupExists(`A group named ${JSON.stringify(name)} exists.`, {}, error)
        throw error
      })
    await record(
      tx,
      'group.update',
      { kind: 'group', id: row.id },
      { fields: Object.keys(change) },
      { sealed: { subject: row.id, content: { name } } },
    )
    return toGroup(row)
  })

/** Its name goes too: it may tell of those who were in it. */
export const deleteGroup = (ctx: Context, id: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('group.delete', { kind: 'group', id })
    const row = await find(tx, id)
    await protectOwners(tx, row.id)
    await refuseForOneself(tx, row.id, row.id, 'leave')
    await removePrincipal(tx, row.id)
    await rows(tx).deleteFrom('identity_group').where('id', '=', row.id).execute()
    await record(tx, 'group.delete', { kind: 'group', id: row.id })
    await eraseSubject(tx, row.id)
  })

/** Whoever is put into a group gets its roles: it takes holding them oneself. */
export const addMember = (ctx: Context, id: string, memberId: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('group.update', { kind: 'group', id })
    const group = await find(tx, id)
    if (memberId.startsWith('group_')) await find(tx, memberId)
    else if (!(await findPerson(tx, memberId))) throw notFound(`No person or group ${memberId}.`)
    await refuseBeyond(tx, group.id)
    await refuseForOneself(tx, group.id, memberId, 'enter')
    await putMember(tx, { groupId: group.id, memberId })
    await record(tx, 'group.update', { kind: 'group', id: group.id }, { added: memberId })
  })

export const dropMember = (ctx: Context, id: string, memberId: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('group.update', { kind: 'group', id })
    const group = await find(tx, id)
    await protectOwners(tx, group.id)
    await refuseForOneself(tx, group.id, memberId, 'leave')
    await removeMember(tx, { groupId: group.id, memberId })
    await record(tx, 'group.update', { kind: 'group', id: group.id }, { removed: memberId })
  })

// Locks: what nobody deletes, or changes at all, until the lock itself is taken away. Whoever may write is stopped by them; policy says who may write.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { findScope } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change } from './kinds.ts'
import { select, type Row } from './store.ts'

export const locked = problem('locked', 409, 'A lock holds it')

const kind = 'lock'
type LockSpec = Static<typeof LockSpec>
const LockSpec = Type.Object(
  {
    effect: Type.Union([Type.Literal('cannot-delete'), Type.Literal('read-only')], {
      description: 'cannot-delete: may change and stays. read-only: nothing at or below it is made, changed or deleted',
    }),
    resource: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'Id of the one thing it holds; absent means the scope it lies in and all below',
      }),
    ),
    note: Type.Optional(Type.String({ maxLength: 500, pattern: '^[^\\u0000-\\u001f]*$' })),
  },
  { additionalProperties: false },
)

/** Defined last: of many documents a lock is applied when the rest is done. */
export const defineLocks = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'locks',
    title: 'Lock',
    description: 'Holds a scope with all below it, or one thing, against deletion or against any change.',
    spec: LockSpec,
    idPrefix: 'lock',
    governs: true,
    admit: admitLock,
  })

/** A lock holds what lies at or below its own place, so that who may lock there decides over nothing else. */
const admitLock = async (tx: Context, { resource: { id, spec, scopeId, scope }, before }: Change): Promise<void> => {
  const { effect, resource } = spec as LockSpec // checked against its form before

  // To loosen a lock is to take it away, and takes the same right.
  if (before && (before.spec['effect'] !== effect || before.spec['resource'] !== resource))
    await tx.authorize(`${kind}.delete`, { kind, id, scope: scopeId, labels: before.labels })
  if (resource === undefined) return
  const held = await select(tx).where('resource.id', '=', resource).executeTakeFirst()
  const above = held && (await findScope(tx, held.scope_id))?.ancestors
  if (!held || held.kind === kind || !above?.includes(scopeId))
    throw invalid(`There is nothing with that id at ${scope} or below it that a lock can hold.`, {
      faults: [{ at: '/spec/resource', message: 'must be the id of something at or below the scope of the lock' }],
    })
}

export type Lock = { id: string; name: string; scopeId: string; path: string; effect: LockSpec['effect']; resource?: string }

const toLock = ({ id, name, scope_id: scopeId, path, spec }: Row): Lock => {
  const { effect, resource } = spec as LockSpec // checked when it was applied
  return { id, name, scopeId, path, effect, ...(resource === undefined ? {} : { resource }) }
}

/** Every lock given at one of these scopes. */
export const locksAt = async (ctx: Pick<Context, 'db'>, scopeIds: readonly string[]): Promise<Lock[]> =>
  (
    await select(ctx)
      .where('resource.kind', '=', kind)
      .where('resource.scope_id', 'in', [...scopeIds])
      .orderBy('resource.id')
      .execute()
  ).map(toLock)

/** Those that hold this one thing. */
export const locksOn = async (
  ctx: Pick<Context, 'db'>,
  row: Pick<Row, 'id' | 'scope_id' | 'governing_scope_id'>,
): Promise<Lock[]> => {
  const above = (await findScope(ctx, row.governing_scope_id)) ?? (await findScope(ctx, row.scope_id)) // one that is being made is no scope yet
  return (await locksAt(ctx, above?.ancestors ?? [row.scope_id])).filter(
    ({ resource }) => resource === undefined || resource === row.id,
  )
}

/** Throws `locked`. Locks do not hold locks: to take one away is an action of its own. */
export const refuseLocked = async (tx: Context, row: Row, act: 'apply' | 'delete' | 'move'): Promise<void> => {
  if (row.kind === kind) return
  const holding = (await locksOn(tx, row)).find(({ effect }) => effect === 'read-only' || act !== 'apply')
  if (holding) throw refusal(holding, `the ${row.kind} ${row.name}`)
}

/** What moves takes what is in it along, and changes who may do what with it: a lock on any of it holds all of it. */
export const refuseLockedInside = async (tx: Context, row: Row): Promise<void> => {
  const inside = await select(tx)
    .where('resource.kind', '=', kind)
    .where(sql<boolean>`resource.scope_id in (select id from policy_scope where ancestors @> array[${row.id}])`)
    .orderBy('resource.id')
    .executeTakeFirst()
  if (inside) throw refusal(toLock(inside), `something in the ${row.kind} ${row.name}`)
}

const refusal = ({ id, name, path, effect }: Lock, what: string) =>
  locked(`The lock ${name} at ${path} holds ${what}: ${effect}. Take the lock away first, if you may.`, { lock: id, effect })

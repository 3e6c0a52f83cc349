import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { atomically, createContext, type Context, type Principal } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import { filterFor, visible } from './filter.ts'
import { putScope, rootScope } from './facts.ts'
import { putGrant } from './grants.ts'
import { putMember } from './members.ts'
import { moveScope } from './move.ts'
import { roleNames } from './roles.ts'

const scopesMax = 7
const people = ['user_ann', 'user_bob']
const groups = ['group_x', 'group_y', 'group_z']
const actions = ['deployment.read', 'audit.read', 'key.read', 'role-assignment.apply', 'organisation.read', 'conversation.read']

/** A random world: a tree, groups in groups, roles at places, keys that narrow. Index 0 of the scopes is the root. */
const world = fc.record({
  parents: fc.array(fc.nat(scopesMax), { minLength: 2, maxLength: scopesMax }),
  members: fc.array(fc.record({ group: fc.nat(2), member: fc.nat(4) }), { maxLength: 5 }),
  grants: fc.array(fc.record({ to: fc.nat(4), role: fc.constantFrom(...roleNames), at: fc.nat(scopesMax) }), { maxLength: 6 }),
  move: fc.option(fc.record({ what: fc.nat(scopesMax), to: fc.nat(scopesMax) })),
  limits: fc.record({ scope: fc.option(fc.nat(scopesMax)), actions: fc.option(fc.subarray(actions)) }),
})
type World = typeof world extends fc.Arbitrary<infer W> ? W : never

const build = async (tx: Context, made: World): Promise<string[]> => {
  const scopes = [(await rootScope(tx))!.id]
  for (const [i, parent] of made.parents.entries()) {
    const id = `folder_t${i}`
    await putScope(tx, { id, parentId: scopes[parent % scopes.length]!, kind: 'folder', name: `t${i}` })
    scopes.push(id)
  }
  const principals = [...people, ...groups]
  const at = (i: number) => scopes[i % scopes.length]!
  for (const { group, member } of made.members)
    await putMember(tx, { groupId: groups[group]!, memberId: principals[member]! }).catch(() => {}) // a circle, refused
  for (const { to, role, at: where } of made.grants)
    await putGrant(tx, { principalId: principals[to]!, role, scopeId: at(where) })
  if (made.move) {
    const { what, to } = made.move
    if (at(what) !== scopes[0]) await moveScope(tx, { id: at(what), parentId: at(to) }).catch(() => {}) // into itself, refused
  }
  return scopes
}

class Undone extends Error {}

/** In the site's own database, in a transaction that is taken back. */
const inWorld = (ctx: Context, made: World, check: (tx: Context, scopes: string[]) => Promise<void>): Promise<void> =>
  atomically(ctx, async (tx) => {
    await check(tx, await build(tx, made))
    throw new Undone()
  }).catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error
  })

const actors = (made: World, scopes: string[]): Principal[] => {
  const { scope, actions: only } = made.limits
  const limits = {
    ...(scope === null ? {} : { scope: scopes[scope % scopes.length]! }),
    ...(only === null ? {} : { actions: only }),
  }
  const plain = people.map((id): Principal => ({ kind: 'user', id, factors: [] }))
  return [...plain, ...plain.map((actor): Principal => ({ ...actor, limits }))]
}

test('a list shows exactly what would be permitted one by one: any tree, any grants, any groups, any key', async (t) => {
  const { app } = await testApp(t)
  const site = app.site
  const outside = createContext(site, { actor: { kind: 'system', id: 'system', factors: [] } })
  let compared = 0
  let shown = 0

  const checkWorld = (made: World) =>
    inWorld(outside, made, async (tx, scopes) => {
      for (const actor of actors(made, scopes)) {
        const ctx = { ...createContext(site, { actor }), db: tx.db }
        const as: Context = {
          ...ctx,
          permits: async (action, on) => (await site.wiring.decider!.decide(ctx, action, on)).allowed,
        }
        for (const action of actions) {
          const things = scopes.flatMap((scope) => people.map((owner) => ({ scope, owner })))
          const { rows } = await sql<{ scope: string; owner: string }>`
            select scope, owner from unnest(${things.map(({ scope }) => scope)}::text[], ${things.map(({ owner }) => owner)}::text[]) as thing (scope, owner)
            where ${visible(await filterFor(as, action), actor.id, { scope: 'thing.scope', owner: 'thing.owner' })}`.execute(
            tx.db,
          )
          const listed = new Set(rows.map(({ scope, owner }) => `${scope} ${owner}`))
          for (const { scope, owner } of things) {
            const one = await as.permits(action, { kind: 'thing', scope, owner })
            assert.equal(
              listed.has(`${scope} ${owner}`),
              one,
              `${actor.id} ${JSON.stringify(actor.limits)} ${action} at ${scope} of ${owner}`,
            )
            compared++
            if (one) shown++
          }
        }
      }
    })
  await fc.assert(fc.asyncProperty(world, checkWorld), { numRuns: 30 })

  t.diagnostic(`${compared} decisions compared, ${shown} of them allowed`)
  assert.ok(compared > 3_000 && shown > 100 && shown < compared)
})

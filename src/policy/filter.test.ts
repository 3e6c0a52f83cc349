import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { atomically, createContext, systemContext, type Context, type Label, type Principal } from '#platform/context.ts'
import { testApp } from '../../test/app.ts'
import type { AccessCondition } from './conditions.ts'
import { putRole } from './custom-roles.ts'
import { putScope, rootScope } from './facts.ts'
import { filterFor, visible } from './filter.ts'
import { putGrant, type NewGrant } from './grants.ts'
import { anyCaveat } from './labels.ts'
import { putClearance } from './label-facts.ts'
import { labelScope } from './levels.ts'
import { putMember } from './members.ts'
import { moveScope } from './move.ts'
import { roleNames } from './roles.ts'

const decisionsMin = 100_000
const scopesMax = 7
const people = ['user_ann', 'user_bob', 'user_cat']
const owners = people.slice(0, 2)
const groups = ['group_x', 'group_y', 'group_z']
const actions = ['deployment.read', 'audit.read', 'key.read', 'role-assignment.apply', 'organisation.read', 'conversation.read']
const made = { reader: ['deployment.read', 'audit.read', 'model.*'], writer: ['role-assignment.apply', 'key.*'] }
const hourMs = 3_600_000

/** Far from the moment the test runs at, so that the hour does not turn between list and decision. */
const window = (fromHours: number, toHours: number): AccessCondition => {
  const at = (hours: number) => new Date(Date.now() + hours * hourMs).toISOString().slice(11, 16)
  return { time: { from: at(fromHours), to: at(toHours), zone: 'UTC' } }
}

const leaf: fc.Arbitrary<AccessCondition> = fc.constantFrom<AccessCondition>(
  { label: { name: 'env', in: ['prod'] } },
  { label: { name: 'env', in: ['prod', 'test'] } },
  { label: { name: "o'team", in: ['%', 'a'] } },
  { classification: { atMost: 'open' } },
  { not: { classification: { atMost: 'open' } } },
  { classification: { atMost: 'internal' } },
  { classification: { atMost: 'a level that was renamed' } },
  { all: [{ label: { name: 'env', in: ['prod'] } }, { networks: ['10.0.0.0/8'] }] },
  { networks: ['10.0.0.0/8', 'fd00::/8'] },
  { factor: 'passkey' },
  window(-2, 2),
  window(2, 4),
)
const condition = fc.letrec<{ any: AccessCondition }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
    { weight: 1, arbitrary: fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: tie('any').map((not) => ({ not })) },
  ),
})).any

const label = fc.constantFrom<Label>(
  { rank: 0, caveats: [] },
  { rank: 0, caveats: [] },
  { rank: 100, caveats: [] },
  { rank: 100, caveats: ['x'] },
  { rank: 200, caveats: ['x', 'y'] },
)
const clearance = fc.oneof(label, fc.constantFrom<Label>({ rank: 300, caveats: [anyCaveat] }, { rank: 200, caveats: ['x'] }))
const hours = fc.constantFrom(-2, -1, 1, 2)

const grant = fc.record({
  to: fc.nat(5),
  at: fc.nat(scopesMax),
  what: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...roleNames, 'reader', 'writer').map((role) => ({ role })) },
    { weight: 1, arbitrary: fc.constantFrom('*', 'key.*', 'deployment.read', 'audit.read').map((denied) => ({ denied })) },
  ),
  condition: fc.option(condition, { freq: 3 }),
  startsIn: fc.option(hours, { freq: 6 }),
  endsIn: fc.option(hours, { freq: 6 }),
  eligible: fc.boolean(),
})

/** A random world: a tree with labels, groups in groups, what is given and denied at places, clearances, keys that narrow. Index 0 of the scopes is the root. */
const world = fc.record({
  parents: fc.array(fc.nat(scopesMax), { minLength: scopesMax, maxLength: scopesMax }),
  labels: fc.array(fc.record({ at: fc.integer({ min: 1, max: scopesMax }), label }), { minLength: 2, maxLength: 4 }),
  members: fc.array(fc.record({ group: fc.nat(2), member: fc.nat(5) }), { maxLength: 6 }),
  grants: fc.array(grant, { minLength: 2, maxLength: 10 }),
  /** Holds everything at the root, so that denials have something to deny. */
  owner: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  clearances: fc.tuple(clearance, clearance, clearance),
  move: fc.option(fc.record({ what: fc.nat(scopesMax), to: fc.nat(scopesMax) })),
  limits: fc.record({ scope: fc.option(fc.nat(scopesMax)), actions: fc.option(fc.subarray(actions)) }),
})
type World = typeof world extends fc.Arbitrary<infer W> ? W : never

type Built = { scopes: string[]; who: (name: string) => string }

const build = async (tx: Context, given: World, n: number): Promise<Built> => {
  const who = (name: string) => `${name}_${n}`
  const root = (await rootScope(tx))!.id
  const scopes = [root]
  for (const [i, parent] of given.parents.entries()) {
    const id = `folder_w${n}_${i}`
    await putScope(tx, { id, parentId: scopes[parent % scopes.length]!, kind: 'folder', name: `w${n}-${i}` })
    scopes.push(id)
  }
  const at = (i: number) => scopes[i % scopes.length]!
  const principals = [...people, ...groups].map(who)
  for (const one of given.labels) await labelScope(tx, at(one.at), one.label)
  for (const { group, member } of given.members)
    await putMember(tx, { groupId: who(groups[group]!), memberId: principals[member]! }).catch(refusedWith('group-cycle'))
  for (const [i, owns] of given.owner.entries())
    if (owns) await putGrant(tx, { principalId: who(people[i]!), role: 'owner', scopeId: root })
  for (const one of given.grants) await putGrant(tx, grantOf(one, principals[one.to]!, at(one.at)))
  for (const [i, one] of given.clearances.entries())
    await putClearance(tx, { id: who(`clearance_${i}`), principalId: who(people[i]!), label: one })
  const { what, to } = given.move ?? { what: 0, to: 0 }
  if (at(what) !== root) await moveScope(tx, { id: at(what), parentId: at(to) }).catch(refusedWith('scope-cycle'))
  return { scopes, who }
}

const refusedWith = (code: string) => (error: { code?: string }) => assert.equal(error.code, code)

const grantOf = (
  { what, condition: bound, startsIn, endsIn, eligible }: World['grants'][number],
  principalId: string,
  scopeId: string,
): NewGrant => {
  const inHours = (some: number) => new Date(Date.now() + some * hourMs)
  const startsAt = startsIn === null ? undefined : inHours(startsIn)
  const expiresAt = endsIn === null || (startsIn !== null && startsIn >= endsIn) ? undefined : inHours(endsIn)
  return {
    principalId,
    scopeId,
    ...('role' in what ? { role: what.role } : { effect: 'deny', actions: [what.denied] }),
    ...(bound ? { condition: bound } : {}),
    ...(startsAt ? { startsAt } : {}),
    ...(expiresAt ? { expiresAt } : {}),
    ...('role' in what && eligible && !bound ? { eligible: { maxSeconds: 60 } } : {}),
  }
}

const actorsIn = (given: World, { scopes, who }: Built): Principal[] => {
  const { scope, actions: only } = given.limits
  const limits = {
    ...(scope === null ? {} : { scope: scopes[scope % scopes.length]! }),
    ...(only === null ? {} : { actions: only }),
  }
  const user = (i: number, over: Partial<Principal>): Principal => ({
    kind: 'user',
    id: who(people[i]!),
    factors: ['password'],
    ...over,
  })
  return [
    user(0, { address: '10.1.2.3' }),
    user(1, { address: '192.0.2.1', factors: ['passkey'] }),
    user(1, { limits, factors: ['key'], address: '::ffff:10.0.0.1' }),
    user(2, {}),
  ]
}

type Thing = { scope: string; owner: string; labels?: Record<string, string>; label?: Label }

const thingsIn = ({ scopes, who }: Built): Thing[] =>
  scopes.flatMap((scope) =>
    owners.flatMap((owner) =>
      [{}, { env: 'prod' }, { env: 'test', "o'team": '%' }].flatMap((labels) =>
        [
          { rank: 0, caveats: [] },
          { rank: 100, caveats: [] },
          { rank: 100, caveats: ['x'] },
        ].map((own) => ({
          scope,
          owner: who(owner),
          labels,
          label: own,
        })),
      ),
    ),
  )

const columns = {
  scope: 'thing.scope',
  owner: 'thing.owner',
  labels: 'thing.labels',
  rank: 'thing.rank',
  caveats: 'thing.caveats',
}
/** Of what has neither labels nor a classification. */
const bare = { scope: 'thing.scope', owner: 'thing.owner' }

const listed = async (
  ctx: Context,
  action: string,
  things: readonly Thing[],
  where: typeof columns | typeof bare,
): Promise<Set<number>> => {
  const rows = things.map(({ scope, owner, labels = {}, label: own = { rank: 0, caveats: [] } }, n) => ({
    n,
    scope,
    owner,
    labels,
    ...own,
  }))
  const found = await sql<{ n: number }>`
    select n from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as thing (n int, scope text, owner text, labels jsonb, rank int, caveats text[])
    where ${visible(await filterFor(ctx, action), ctx.actor.id, where)}`.execute(ctx.db)
  return new Set(found.rows.map(({ n }) => n))
}

test('a list shows exactly what would be permitted one by one: any tree, labels, groups, roles, conditions, denials, ends, clearances and keys', async (t) => {
  const { app } = await testApp(t)
  const { site } = app
  const system = systemContext(site, 'test')
  const seed = Date.now() % 2 ** 31
  t.diagnostic(`seed ${seed}`)
  await atomically(system, async (tx) => {
    for (const [name, list] of Object.entries(made)) await putRole(tx, { name, title: name, description: name, actions: list })
    await tx.db
      .withTables<{ policy_caveat: { name: string; title: string } }>()
      .insertInto('policy_caveat')
      .values(['x', 'y'].map((name) => ({ name, title: name })))
      .execute()
  })
  const counted = { compared: 0, shown: 0, worlds: 0 }

  const compare = async (ctx: Context, action: string, things: readonly Thing[], where: typeof columns | typeof bare) => {
    const seen = await listed(ctx, action, things, where)
    for (const [n, thing] of things.entries()) {
      const one = await ctx.permits(action, { kind: 'thing', ...thing })
      const { actor } = ctx
      if (seen.has(n) !== one)
        assert.fail(`${one ? 'hidden' : 'shown'} to ${JSON.stringify(actor)}: ${action} of ${JSON.stringify(thing)}`)
      counted.compared++
      if (one) counted.shown++
    }
  }
  const check = async (given: World) => {
    const built = await atomically(system, (tx) => build(tx, given, counted.worlds++))
    const things = thingsIn(built)
    const plain = built.scopes.flatMap((scope) => owners.map((owner) => ({ scope, owner: built.who(owner) })))
    for (const actor of actorsIn(given, built)) {
      const ctx = createContext(site, { actor })
      for (const action of actions) {
        await compare(ctx, action, things, columns)
        await compare(ctx, action, plain, bare)
      }
    }
  }
  while (counted.compared < decisionsMin)
    await fc.assert(fc.asyncProperty(world, check), { seed: seed + counted.worlds, numRuns: 5, endOnFailure: true })

  t.diagnostic(`${counted.compared} decisions in ${counted.worlds} worlds compared, ${counted.shown} of them allowed`)
  assert.ok(counted.shown > counted.compared / 50 && counted.shown < counted.compared)
})

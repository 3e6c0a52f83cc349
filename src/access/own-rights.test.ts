// Whatever one person does, one act after another, all of them permitted: they come by no right they could not have from the start, see nothing above their
// clearance, and approve no change of their own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { allActions, clearanceOf, findScopes, leq } from '#policy'
import { createContext, type Context } from '#platform/context.ts'
import { approve, approver, changeSets, putRule, type Approver } from '../../test/approvals.ts'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'

const actsMin = 200
const api = '/api/v1'
const places = ['/', '/a', '/a/b', '/c', '/governed'] as const
const roleNames = ['owner', 'operator', 'security-officer', 'auditor', 'member', 'mine', 'theirs', 'new'] as const
const patterns = ['audit.read', 'folder.*', 'model.apply', 'clearance.apply', 'session.revoke', 'user.*', 'elevation.*'] as const
const condition = { label: { name: 'env', in: ['test'] } }

const principal = fc.constantFrom('self', 'self', 'other', 'inner', 'outer', 'denied', 'strangers')
const place = fc.constantFrom(...places)
const names = fc.constantFrom('one', 'two', 'three')
const level = fc.constantFrom('open', 'internal', 'confidential', 'secret', '*')
const actions = fc.uniqueArray(fc.constantFrom(...patterns), { minLength: 1, maxLength: 3 })
const bound = fc.record({ condition: fc.constant(condition), eligible: fc.constant({ maxSeconds: 3600 }) }, { requiredKeys: [] })
const index = fc.nat(40)

const act = fc.oneof(
  fc.record({
    act: fc.constant('give' as const),
    to: principal,
    role: fc.constantFrom(...roleNames),
    at: place,
    name: names,
    more: bound,
  }),
  fc.record({ act: fc.constant('deny' as const), to: principal, actions, at: place, name: names }),
  fc.record({ act: fc.constant('take' as const), index }),
  fc.record({ act: fc.constant('role' as const), name: fc.constantFrom('mine', 'theirs', 'new'), actions }),
  fc.record({ act: fc.constant('unrole' as const), name: fc.constantFrom('mine', 'theirs', 'new') }),
  fc.record({
    act: fc.constant('enter' as const),
    group: fc.constantFrom('inner', 'outer', 'denied', 'strangers'),
    who: principal,
  }),
  fc.record({
    act: fc.constant('leave' as const),
    group: fc.constantFrom('inner', 'outer', 'denied', 'strangers'),
    who: principal,
  }),
  fc.record({ act: fc.constant('disband' as const), group: fc.constantFrom('outer', 'denied', 'strangers') }),
  fc.record({ act: fc.constant('clear' as const), to: fc.constantFrom('self', 'other'), level }),
  fc.record({ act: fc.constant('unclear' as const), index }),
  fc.record({
    act: fc.constant('scheme' as const),
    drop: fc.constantFrom('internal', 'confidential', 'secret'),
    rank: fc.constantFrom(50, 100, 250),
  }),
  fc.record({ act: fc.constant('label' as const), at: fc.constantFrom('a', 'c'), level }),
  fc.record({ act: fc.constant('move' as const), what: fc.constantFrom('a', 'b', 'c'), to: place }),
  fc.record({ act: fc.constant('activate' as const), name: fc.constantFrom('on-call', 'guarded', 'one', 'two', 'three') }),
  fc.record({ act: fc.constant('end' as const), index }),
  fc.record({ act: fc.constant('rule' as const), quorum: fc.constantFrom(1, 2), drop: fc.boolean() }),
  fc.record({ act: fc.constant('ask' as const), name: names }),
  fc.record({ act: fc.constant('approve' as const), index }),
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

type World = { app: TestApp; person: Approver; ids: Record<string, string>; scopeIds: readonly string[] }

const build = async (t: Parameters<typeof testApp>[0]): Promise<World> => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const person = await approver(app, 'person')
  const other = await app.as('nobody', { name: 'other' })
  const ids: Record<string, string> = { self: person.userId, other: other.userId }
  const ok = async (reply: Promise<{ status: number; text: string; body: any }>) => {
    const { status, text, body } = await reply
    assert.ok(status < 300, text)
    return body
  }
  const put = (plural: string, document: object) => ok(owner.put(`${api}/${plural}`, document))
  for (const [scope, name] of [
    ['/', 'a'],
    ['/a', 'b'],
    ['/', 'c'],
    ['/', 'governed'],
  ])
    await put('folders', { scope, name, spec: {} })
  for (const group of ['inner', 'outer', 'denied', 'strangers'])
    ids[group] = (await ok(owner.post(`${api}/groups`, { name: group }))).id
  const enter = (group: string, who: string) => ok(owner.put(`${api}/groups/${ids[group]}/members/${ids[who]}`))
  await enter('inner', 'self')
  await enter('outer', 'inner')
  await enter('denied', 'self')
  await put('custom-roles', { name: 'mine', spec: { title: 'Mine', actions: ['audit.read', 'folder.read'] } })
  await put('custom-roles', {
    name: 'theirs',
    spec: { title: 'Theirs', actions: ['model.apply', 'folder.apply', 'folder.delete'] },
  })
  const give = (name: string, to: string, spec: object, scope = '/') =>
    put('role-assignments', { name, scope, spec: { principal: ids[to], ...spec } })
  await give('g1', 'self', { role: 'mine' })
  await give('g2', 'outer', { role: 'operator', condition }, '/a')
  await give('g3', 'self', { role: 'theirs' }, '/c')
  await give('g4', 'denied', { effect: 'deny', actions: ['session.revoke', 'user.delete'] })
  await give('g5', 'strangers', { role: 'security-officer' }, '/a')
  await give('on-call', 'self', { role: 'operator', eligible: { maxSeconds: 3600 } }, '/a/b')
  await give('guarded', 'inner', { role: 'owner', eligible: { maxSeconds: 3600, approvals: 1 } }, '/c')
  await put('clearances', { name: 'person', spec: { principal: ids['self'], level: 'internal' } })
  await put('projects', { scope: '/a', name: 'hidden', classification: { level: 'confidential' }, spec: {} })
  await putRule(owner, 'rule', { actions: ['folder.apply'] }, '/governed')
  await give('g6', 'self', { role: 'theirs' }, '/governed')
  const { body } = await owner.get(`${api}/folders`)
  const { body: root } = await owner.get(`${api}/classification-schemes`)
  return { app, person, ids, scopeIds: [root.items[0].scopeId, ...body.items.map(({ id }: { id: string }) => id)] }
}

const listed = async (by: Caller, plural: string, i: number): Promise<string> => {
  const { body } = await by.get(`${api}/${plural}?limit=200`)
  return body.items?.[i % Math.max(1, body.items.length)]?.id ?? 'none'
}
const base = [0, 100, 200, 300].map((rank, i) => ({ rank, name: ['open', 'internal', 'confidential', 'secret'][i]!, title: 'L' }))

/** Nothing here asks whether it may: the site does. */
const perform = async ({ person, ids }: World, given: Act): Promise<number> => {
  const put = async (plural: string, document: object) => (await person.put(`${api}/${plural}`, document)).status
  const remove = async (path: string) => (await person.delete(`${api}/${path}`)).status
  switch (given.act) {
    case 'give': {
      const spec = { principal: ids[given.to], role: given.role, ...given.more }
      return put('role-assignments', { scope: given.at, name: given.name, spec })
    }
    case 'deny': {
      const spec = { principal: ids[given.to], effect: 'deny', actions: given.actions }
      return put('role-assignments', { scope: given.at, name: given.name, spec })
    }
    case 'take':
      return remove(`role-assignments/${await listed(person, 'role-assignments', given.index)}`)
    case 'role':
      return put('custom-roles', { name: given.name, spec: { title: 'A role', actions: given.actions } })
    case 'unrole':
      return remove(`custom-roles/${given.name}`)
    case 'enter':
      return (await person.put(`${api}/groups/${ids[given.group]}/members/${ids[given.who]}`)).status
    case 'leave':
      return remove(`groups/${ids[given.group]}/members/${ids[given.who]}`)
    case 'disband':
      return remove(`groups/${ids[given.group]}`)
    case 'clear':
      return put('clearances', {
        name: given.to === 'self' ? 'person' : 'other',
        spec: { principal: ids[given.to], level: given.level },
      })
    case 'unclear':
      return remove(`clearances/${await listed(person, 'clearances', given.index)}`)
    case 'scheme': {
      const levels = base.map((one) =>
        one.name === given.drop ? { ...one, rank: given.rank, name: `${one.name}-${given.rank}` } : one,
      )
      return put('classification-schemes', { name: 'levels', spec: { levels } })
    }
    case 'label':
      return put('folders', { name: given.at, classification: { level: given.level }, spec: {} })
    case 'move':
      return (await person.post(`${api}/folders/${given.what}/move`, { scope: given.to })).status
    case 'activate':
      return (await person.post(`${api}/elevations`, { assignment: given.name, seconds: 3600, reason: 'Because' })).status
    case 'end':
      return remove(`elevations/${await listed(person, 'elevations', given.index)}`)
    case 'rule':
      return given.drop
        ? remove('approval-rules/rule')
        : (await putRule(person, 'rule', { actions: ['folder.apply'], quorum: given.quorum }, '/governed')).status
    case 'ask': {
      const request = { operationId: 'folderApply', body: { scope: '/governed', name: given.name, spec: {} } }
      return (await person.post(changeSets, { ...request, reason: 'Because' })).status
    }
    case 'approve': {
      const id = await listed(person, 'change-sets', given.index)
      return id === 'none' ? 404 : (await approve(person, id)).status
    }
    default:
      return given satisfies never
  }
}

/** All they may do now, in every place, also to things that meet the condition. */
const rights = async (ctx: Context, scopeIds: readonly string[]): Promise<Set<string>> => {
  const found = new Set<string>()
  for (const scope of (await findScopes(ctx, scopeIds)).keys())
    for (const action of allActions)
      for (const env of ['test', 'prod'])
        if (await ctx.permits(action, { kind: 'any', scope, labels: { env } })) found.add(`${action} ${scope} ${env}`)
  return found
}

test('no sequence of permitted acts by one person raises their own rights or clearance, or approves their own change', async (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`seed ${seed}`)
  let [acts, done] = [0, 0]
  const property = fc.asyncProperty(fc.array(act, { minLength: 60, maxLength: 60 }), async (sequence) => {
    const world = await build(t)
    const { app, person, scopeIds } = world
    const ctx = createContext(app.app.site, { actor: { kind: 'user', id: person.userId, factors: ['password'] } })
    // What they may activate alone is theirs from the start.
    assert.equal((await person.post(`${api}/elevations`, { assignment: 'on-call', seconds: 3600, reason: 'Mine' })).status, 201)
    const atFirst = await rights(ctx, scopeIds)
    const cleared = await clearanceOf(ctx, person.userId)
    for (const one of sequence) {
      acts++
      if ((await perform(world, one)) >= 300) continue
      done++
      const more = [...(await rights(ctx, scopeIds)).difference(atFirst)]
      assert.deepEqual(more, [], `they came by rights by ${JSON.stringify(one)}`)
      assert.ok(leq(await clearanceOf(ctx, person.userId), cleared), `they came by a clearance by ${JSON.stringify(one)}`)
      assert.equal((await person.get(`${api}/projects/hidden`)).status, 404, `they see what is hidden by ${JSON.stringify(one)}`)
    }
    const { rows } = await sql`select from change_set where requester = ${person.userId} and state = 'done'`.execute(
      app.app.site.db,
    )
    assert.equal(rows.length, 0, 'they approved a change of their own')
  })
  await fc.assert(property, { seed, numRuns: 4, endOnFailure: true })
  t.diagnostic(`${acts} acts, of which ${done} were permitted`)
  assert.ok(acts >= actsMin && done >= acts / 20, `${done} of ${acts} acts were permitted`)
})

// A site with a person who will try everything, a twin who has the same rights and does nothing, and things that neither is cleared for.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { testApp, type Caller, type Reply, type Role, type TestApp } from '../app.ts'
import { clear } from '../clearance.ts'
import { approver, ask, putRule, withPasskey, type Approver } from '../approvals.ts'
import type { Chance } from '../chance.ts'

export const api = '/api/v1'
/** Stands in everything that is above the person's clearance, and in nothing else. */
export const marker = 'zebra'
const secret = { level: 'secret' }
/** By rank; what is hidden is above all of them. */
const clearances = [0, 100, 200]
/** Who may do little cannot do much wrong, so each has one of these, and perhaps more. */
const strong: [string, { role: Role }][] = [
  ['/', { role: 'security-officer' }],
  ['/', { role: 'security-officer' }],
  ['/', { role: 'operator' }],
  ['/a', { role: 'owner' }],
]
/** What ends, what is denied, what takes others, what holds at times, and a role that can be made greater. */
const limits = (ends: Date): [string, object][] => [
  ['/b', { role: 'operator', expiresAt: ends.toISOString() }],
  ['/', { role: 'security-officer', expiresAt: ends.toISOString() }],
  ['/', { effect: 'deny', actions: ['audit.*', 'group.delete'] }],
  ['/b', { effect: 'deny', actions: ['project.*'] }],
  ['/a', { role: 'owner', eligible: { maxSeconds: 3600, approvals: 1 } }],
  ['/', { role: 'made' }],
  ['/b', { role: 'owner', condition: { label: { name: 'env', in: ['lab'] } } }],
  ['/a/x', { role: 'ai-engineer' }],
]

export type Thing = { id: string; kind: string; name: string; scope: string; scopeId: string; spec: Record<string, unknown> }

export type World = {
  readonly app: TestApp
  readonly owner: Caller
  readonly person: Approver
  /** Given what the person was given, by name and through a group like theirs. */
  readonly twin: Caller
  /** Cleared for everything, and of the same office as the person may have. */
  readonly officer: Approver
  /** Ids that acts leave alone, or the twin would be no measure. */
  readonly apart: ReadonlySet<string>
  readonly given: string
}

const ok = ({ status, text, body }: Reply): any => {
  assert.ok(status < 300, text)
  return body
}

export const world = async (t: Pick<TestContext, 'after'>, draw: Chance): Promise<World> => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await clear(app, owner, { rank: 300 })
  const officer = await approver(app, 'officer')
  await clear(app, officer, { rank: 300 })
  const person = await withPasskey(await app.as('nobody', { name: 'person' }))
  const twin = await app.as('nobody', { name: 'twin' })
  await plant(owner)
  const group = async (name: string, member: Caller): Promise<string> => {
    const { id } = ok(await owner.post(`${api}/groups`, { name }))
    ok(await owner.put(`${api}/groups/${id}/members/${member.userId}`))
    return id
  }
  const [crew, mirror] = [await group('Crew', person), await group('Mirror', twin)]
  const told: string[] = []
  /** The same to the twin, directly or by group. */
  const give = async (scope: string, spec: object, byGroup = draw.once(3)): Promise<void> => {
    for (const [i, principal] of (byGroup ? [crew, mirror] : [person.userId, twin.userId]).entries())
      ok(await owner.put(`${api}/role-assignments`, { scope, name: `given-${told.length}-${i}`, spec: { principal, ...spec } }))
    told.push(`${JSON.stringify(spec)} at ${scope}${byGroup ? ' by group' : ''}`)
  }
  await give(...draw.one(strong))
  ok(await owner.put(`${api}/custom-roles`, { name: 'made', spec: { title: 'Made', description: '', actions: ['folder.read'] } }))
  for (const [scope, spec] of limits(new Date(app.app.site.clock.now().getTime() + 3_600_000)))
    if (draw.once(3)) await give(scope, spec)
  const rank = draw.one(clearances)
  for (const who of [person, twin]) if (rank > 0) await clear(app, who, { rank })
  const mirrored = (await things(owner)).filter(({ spec }) => [twin.userId, mirror].includes(String(spec['principal'])))
  return {
    app,
    owner,
    person,
    twin,
    officer,
    apart: new Set([twin.userId, mirror, ...mirrored.map(({ id }) => id)]),
    given: `${told.join(', ')}; cleared to rank ${rank}`,
  }
}

/** A small tree, some of it above everyone's clearance, and a place where making a project takes two. */
const plant = async (owner: Caller): Promise<void> => {
  const put = async (plural: string, scope: string, name: string, more: object = {}) =>
    ok(await owner.put(`${api}/${plural}`, { scope, name, spec: {}, ...more }))
  for (const [scope, name] of [
    ['/', 'a'],
    ['/', 'b'],
    ['/a', 'x'],
    ['/b', 'y'],
    ['/', 'governed'],
  ] as const)
    await put('folders', scope, name)
  for (const scope of ['/a', '/a/x', '/b']) await put('projects', scope, 'project')
  await put('projects', '/b', `${marker}-project`, { classification: secret, spec: { title: marker } })
  await put('folders', '/a', `${marker}-vault`, { classification: secret })
  await put('projects', `/a/${marker}-vault`, `${marker}-inside`)
  await put('views', '/', `${marker}-view`, { classification: secret, spec: { query: marker } })
  await put('projects', '/governed', `${marker}-governed`, { classification: secret })
  ok(await putRule(owner, 'two-for-a-project', { actions: ['project.apply'] }, '/governed'))
  const body = { scope: '/governed', name: `${marker}-governed`, classification: secret, spec: { title: marker } }
  await ask(owner, { operationId: 'projectApply', body })
}

/** All there is, as the owner sees it. */
export const things = async (owner: Caller): Promise<Thing[]> => ok(await owner.get(`${api}/resources?limit=500`)).items

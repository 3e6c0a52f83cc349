// What one person can try. Each act is one request, drawn by chance; most are refused, and what matters is what the permitted ones add up to.
import { readFileSync } from 'node:fs'
import { approve } from '../approvals.ts'
import type { Caller, Reply } from '../app.ts'
import type { Chance } from '../chance.ts'
import { api, marker, things, type Thing, type World } from './world.ts'

export type Act = (w: World, draw: Chance, seen: Seen) => Promise<Told>
export type Told = { readonly what: string; readonly reply: Reply }
/** What there is to act on. */
export type Seen = { all: Thing[]; users: string[]; groups: string[]; changeSets: string[]; by: Caller }

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

const send = async (by: Caller, method: Method, path: string, body?: unknown): Promise<Told> => {
  const url = `${api}${path}`
  const reply = method === 'get' || method === 'delete' ? await by[method](url) : await by[method](url, body)
  return { what: `${method.toUpperCase()} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`, reply }
}

export const look = async (w: World, by: Caller): Promise<Seen> => {
  const ids = async (path: string): Promise<string[]> =>
    (await w.owner.get(`${api}/${path}`)).body.items.map(({ id }: { id: string }) => id).filter((id: string) => !w.apart.has(id))
  return {
    all: (await things(w.owner)).filter(({ id }) => !w.apart.has(id)),
    users: await ids('users?limit=100'),
    groups: await ids('groups?limit=100'),
    changeSets: await ids('change-sets'),
    by,
  }
}

const roleNames = ['owner', 'operator', 'security-officer', 'auditor', 'ai-engineer', 'member', 'made']
const actionsTried = [['project.*', 'folder.*'], ['role-assignment.apply'], ['audit.read', 'deployment.invoke'], ['lock.read']]
let count = 0
const fresh = (stem: string) => `${stem}-${count++}`

const scopes = ({ all }: Seen): string[] => [
  '/',
  ...all
    .filter(({ kind }) => kind === 'folder' || kind === 'project')
    .map(({ scope, name }) => `${scope === '/' ? '' : scope}/${name}`),
]
/** By chance oneself: that is whom it is about. */
const someone = (w: World, draw: Chance, seen: Seen): string =>
  draw.once(2) ? w.person.userId : draw.one(draw.once(2) && seen.groups.length > 0 ? seen.groups : seen.users)
const plural = (kind: string) => `${kind}s`
const ofKind = (seen: Seen, ...kinds: string[]): Thing[] => seen.all.filter(({ kind }) => kinds.includes(kind))

const makeScope: Act = (_, draw, seen) =>
  send(seen.by, 'put', draw.once(2) ? '/folders' : '/projects', { scope: draw.one(scopes(seen)), name: fresh('made'), spec: {} })

const moveScope: Act = (_, draw, seen) => {
  const { kind, id } = draw.one(ofKind(seen, 'folder', 'project'))
  return send(seen.by, 'post', `/${plural(kind)}/${id}/move`, { scope: draw.one(scopes(seen)) })
}

const relabel: Act = (_, draw, seen) => {
  const { kind, scope, name, spec } = draw.one(seen.all)
  const change = draw.one<object>([
    { classification: { level: draw.one(['open', 'internal', 'secret']) } },
    { labels: { env: 'lab' } },
  ])
  return send(seen.by, 'put', `/${plural(kind)}`, { scope, name, spec, ...change })
}

const assign: Act = (w, draw, seen) => {
  const more = draw.one<object>([
    {},
    {},
    {},
    { effect: 'deny', role: undefined, actions: ['audit.*'] },
    { eligible: { maxSeconds: 3600 } },
    { condition: { time: { from: '00:00', to: '23:59', zone: 'UTC' } } },
  ])
  const spec = { principal: someone(w, draw, seen), role: draw.one(roleNames), ...more }
  const taken = ofKind(seen, 'role-assignment')
  const at = taken.length > 0 && draw.once(3) ? draw.one(taken) : { scope: draw.one(scopes(seen)), name: fresh('assigned') }
  return send(seen.by, 'put', '/role-assignments', { scope: at.scope, name: at.name, spec })
}

const makeRole: Act = (_, draw, seen) =>
  send(seen.by, 'put', '/custom-roles', {
    name: 'made',
    spec: { title: 'Made', description: '', actions: draw.one(actionsTried) },
  })

const elevate: Act = (_, draw, seen) => {
  const assignment = draw.one(ofKind(seen, 'role-assignment')).id
  return send(seen.by, 'post', '/elevations', { assignment, reason: 'Because', seconds: 600 })
}

const remove: Act = (_, draw, seen) => {
  const { kind, id } = draw.one(seen.all)
  return send(seen.by, 'delete', `/${plural(kind)}/${id}`)
}

const regroup: Act = (w, draw, seen) => {
  if (seen.groups.length === 0 || draw.once(4)) return send(seen.by, 'post', '/groups', { name: fresh('Group ') })
  const [group, member] = [draw.one(seen.groups), someone(w, draw, seen)]
  if (draw.once(8)) return send(seen.by, 'delete', `/groups/${group}`)
  return send(seen.by, draw.once(3) ? 'delete' : 'put', `/groups/${group}/members/${member}`)
}

const clearSomeone: Act = (w, draw, seen) => {
  const spec = { principal: draw.once(2) ? w.person.userId : draw.one(seen.users), level: draw.one(['*', 'secret', 'internal']) }
  const taken = ofKind(seen, 'clearance')
  return send(seen.by, 'put', '/clearances', {
    name: draw.once(2) && taken.length > 0 ? draw.one(taken).name : fresh('cleared'),
    spec,
  })
}

const reorder: Act = (_, draw, seen) => {
  const names = draw.one([['secret', 'internal'], ['secret'], ['internal', 'confidential', 'secret']])
  const levels = [
    { rank: 0, name: 'open', title: 'Open' },
    ...names.map((name, i) => ({ rank: 1 + i * draw.one([1, 100]), name, title: name })),
  ]
  return send(seen.by, 'put', '/classification-schemes', { name: 'levels', spec: { levels } })
}

const rule: Act = (_, draw, seen) => {
  const spec = { actions: draw.one([['project.apply'], ['view.delete'], ['*']]), quorum: 1 }
  const taken = ofKind(seen, 'approval-rule')
  const at = draw.once(2) && taken.length > 0 ? draw.one(taken) : { scope: draw.one(scopes(seen)), name: fresh('rule') }
  return send(seen.by, 'put', '/approval-rules', { scope: at.scope, name: at.name, spec })
}

const exempt: Act = (_, draw, seen) => {
  const spec = {
    assignment: draw.one(seen.all).id,
    category: 'waived',
    reason: 'x',
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  }
  return send(seen.by, 'put', '/exemptions', { scope: draw.one(scopes(seen)), name: fresh('exempt'), spec })
}

/** Anything of the sort that needs a second person, put before others. */
const askFor: Act = (w, draw, seen) => {
  const request = draw.one<object>([
    { operationId: 'projectApply', body: { scope: '/governed', name: fresh('asked'), spec: {} } },
    {
      operationId: 'roleAssignmentApply',
      body: { scope: '/governed', name: fresh('asked'), spec: { principal: w.person.userId, role: 'owner' } },
    },
    {
      operationId: 'elevationActivate',
      body: { assignment: draw.one(ofKind(seen, 'role-assignment')).id, reason: 'x', seconds: 600 },
    },
    { operationId: 'approvalRuleDelete', path: { id: 'two-for-a-project' } },
    { operationId: 'groupMemberAdd', path: { id: draw.one([...seen.groups, 'group']), memberId: w.person.userId } },
  ])
  return send(seen.by, 'post', '/change-sets', { ...request, reason: 'Because' })
}

const settle: Act = async (w, draw, seen) => {
  const id = draw.one([...seen.changeSets, 'change_00000000000000000000000000'])
  if (draw.once(4)) return send(seen.by, 'post', `/change-sets/${id}/withdraw`)
  const signed = await w.person.get(`${api}/change-sets/${id}/statement`)
  if (!signed.body.passkey) return { what: `GET statement of ${id}`, reply: signed }
  return { what: `approve ${id}`, reply: await approve(w.person, id) }
}

const keep: Act = (_, draw, seen) =>
  send(seen.by, 'post', '/keys', {
    name: fresh('key'),
    ...(draw.once(2) ? {} : { scope: draw.one(scopes(seen)), actions: draw.one(actionsTried) }),
  })

/** A link that makes its holder someone else: `unbecoming` in the test says whom it may be for. */
const invite: Act = (_, draw, seen) => send(seen.by, 'post', `/users/${draw.one(seen.users)}/invite`)

const people: Act = (_, draw, seen) => {
  if (draw.once(2)) return send(seen.by, 'post', '/users', { username: fresh('user'), displayName: 'User' })
  return send(seen.by, 'post', `/users/${draw.one(seen.users)}/${draw.one(['disable', 'enable'])}`)
}

type Published = { paths: Record<string, Record<string, unknown>> }
const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as Published
const doors = Object.keys(paths).filter((path) => paths[path]!['get'] && path.startsWith(api) && !path.endsWith('/watch'))

/** Every door that reads, at things that are there, hidden ones first. */
const read: Act = (_, draw, seen) => {
  const path = draw.one(doors).slice(api.length)
  const own = path.split('/')[1]!
  const near = seen.all.filter(({ kind }) => plural(kind) === own)
  const hidden = near.filter(({ name }) => name.includes(marker))
  const id = path.includes('change-sets')
    ? draw.one([...seen.changeSets, 'x'])
    : draw.one([...hidden, ...hidden, ...near, ...seen.all]).id
  const query = draw.one(['', '', `?q=${marker.slice(0, 3)}`, `?query=${marker.slice(0, 3)}`, `?resource=${id}`])
  return send(seen.by, 'get', `${path.replaceAll(/\{\w+\}/g, id)}${query}`)
}

const ask: Act = (w, draw, seen) =>
  send(seen.by, 'post', '/why', {
    ...(draw.once(2) ? {} : { principal: draw.one([w.officer.userId, ...seen.users]) }),
    action: draw.one(['project.read', 'role-assignment.apply']),
    scope: draw.one(scopes(seen)),
  })

/** With how often each is tried. */
const tried: readonly (readonly [Act, number])[] = [
  [makeScope, 1],
  [moveScope, 2],
  [relabel, 1],
  [assign, 3],
  [makeRole, 1],
  [elevate, 1],
  [remove, 1],
  [regroup, 3],
  [clearSomeone, 2],
  [reorder, 1],
  [rule, 1],
  [exempt, 1],
  [askFor, 2],
  [settle, 2],
  [keep, 1],
  [invite, 1],
  [people, 1],
  [read, 4],
  [ask, 1],
]
export const acts: readonly Act[] = tried.flatMap(([act, often]) => Array.from({ length: often }, () => act))

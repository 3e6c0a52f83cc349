// The site that every row of the table is asked at: a person of every role, and things to ask about that are made when a row needs them.
import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { cookieOf, testApp, type Caller, type TestApp } from '../app.ts'
import { smallModel } from '../gguf.ts'
import { ask, putRule, withPasskey, type Approver } from '../approvals.ts'

export const api = '/api/v1'
/** In this order everywhere. */
export const callers = [
  'owner',
  'operator',
  'security-officer',
  'auditor',
  'ai-engineer',
  'member',
  'nobody',
  'anonymous',
] as const

export type Request = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  body?: unknown
  headers?: Record<string, string>
}
export type Answer = { status: number; headers: Record<string, unknown>; body: any }

export type World = {
  readonly app: TestApp
  /** An owner who is none of the callers, and makes what they ask about. */
  readonly maker: Approver
  readonly who: readonly Caller[]
  readonly send: (by: Caller, request: Request) => Promise<Answer>
  /** A thing under this name that is still there: made by the maker, and made again when someone has removed it. */
  readonly there: (name: string, make: () => Promise<string>) => Promise<string>
  readonly fresh: (stem: string) => string
}

export const world = async (t: Pick<TestContext, 'after'>): Promise<World> => {
  const app = await testApp(t)
  const who: Caller[] = []
  for (const role of callers) who.push(role === 'anonymous' ? app.anyone() : await withPasskey(await app.as(role)))
  const maker = await withPasskey(await app.as('owner', { name: 'maker' }))
  const made = new Map<string, string>()
  let count = 0
  return {
    app,
    maker,
    who,
    send: async (by, request) => {
      const answer = await send(app, by, request)
      if (request.method === 'DELETE' && answer.status < 300)
        for (const [name, id] of made) if (request.url.includes(id)) made.delete(name)
      return answer
    },
    fresh: (stem) => `${stem}-${count++}`,
    there: async (name, make) => {
      const id = made.get(name) ?? (await make())
      made.set(name, id)
      return id
    },
  }
}

/** As the door answers it. A stream of events is opened and left: that it opened is the answer. */
const send = async (app: TestApp, by: Caller, { method, url, body, headers = {} }: Request): Promise<Answer> => {
  const reply = await app.app.http.inject({
    method,
    url,
    headers: { host: 'localhost', ...by.headers, ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
    payloadAsStream: true,
  })
  // To change a password or a factor renews the session it is changed in.
  if (url.startsWith(`${api}/me/`) && reply.headers['set-cookie']) by.headers['cookie'] = cookieOf({ headers: reply.headers })
  const content = reply.stream()
  const type = String(reply.headers['content-type'])
  if (type.startsWith('text/event-stream')) content.destroy()
  const text = content.destroyed ? '' : await textOf(content)
  return {
    status: reply.statusCode,
    headers: reply.headers,
    body: /json$|json;/.test(type) && !type.includes('ndjson') && text !== '' ? JSON.parse(text) : undefined,
  }
}

const textOf = async (content: Readable): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of content) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}

const made = (reply: { status: number; text: string; body: any }): any => {
  assert.ok(reply.status < 300, `what a row asks about could not be made: ${reply.text}`)
  return reply.body
}

export const resource = (w: World, plural: string, document: () => object | Promise<object>): Promise<string> =>
  w.there(plural, async () => made(await w.maker.put(`${api}/${plural}`, await document())).resource.id)

/** At the organisation. */
export const folder = (w: World): Promise<string> => resource(w, 'folders', () => ({ name: w.fresh('folder'), spec: {} }))
export const project = (w: World): Promise<string> => resource(w, 'projects', () => ({ name: w.fresh('project'), spec: {} }))
/** A server of one's own that is not there: whoever may use it is told so, and whoever may not is refused before. */
export const absentServer = { engine: 'openai', model: 'absent', baseUrl: 'http://127.0.0.1:1/v1' }
export const deployment = (w: World): Promise<string> =>
  resource(w, 'deployments', () => ({ name: w.fresh('deployment'), spec: absentServer }))

/** For what would change the answers to other rows if it lay at the organisation. */
export const ownFolder = async (w: World): Promise<string> =>
  `/${made(await w.maker.put(`${api}/folders`, { name: w.fresh('apart'), spec: {} })).resource.name}`

export const newPerson = async (w: World): Promise<string> =>
  made(await w.maker.post(`${api}/users`, { username: w.fresh('person'), displayName: 'A Person' })).user.id

export const person = (w: World): Promise<string> => w.there('person', () => newPerson(w))

/** What someone may activate, which gives them nothing that another row asks about; of no one, nothing. */
export const eligible = async (w: World, { userId }: Caller): Promise<string> => {
  if (userId === 'anonymous') return 'nothing'
  const role = w.fresh('explainer')
  made(await w.maker.put(`${api}/custom-roles`, { name: role, spec: { title: 'Explainer', actions: ['policy.explain'] } }))
  const spec = { principal: userId, role, eligible: { maxSeconds: 60 } }
  const giver = userId === w.maker.userId ? w.who[0]! : w.maker
  const document = { scope: await ownFolder(w), name: w.fresh('eligible'), spec }
  return made(await giver.put(`${api}/role-assignments`, document)).resource.id
}

export const elevation = (w: World): Promise<string> =>
  w.there('elevation', async () => {
    const assignment = await eligible(w, w.maker)
    return made(await w.maker.post(`${api}/elevations`, { assignment, seconds: 60, reason: 'Needed' })).id
  })

export const lowest = { levels: [{ rank: 0, name: 'open', title: 'Open' }] }

/** The one a site has. */
export const scheme = (w: World): Promise<string> =>
  w.there('scheme', async () => {
    const [known] = made(await w.maker.get(`${api}/classification-schemes`)).items
    return known?.id ?? made(await w.maker.put(`${api}/classification-schemes`, { name: 'levels', spec: lowest })).resource.id
  })

/** A one-time link for someone who has not come yet. */
export const invitation = async (w: World): Promise<string> => {
  const { invitation } = made(await w.maker.post(`${api}/users`, { username: w.fresh('invited'), displayName: 'Invited' }))
  return new URL(invitation.url, 'http://localhost').searchParams.get('token')!
}

export const group = (w: World): Promise<string> =>
  w.there('group', async () => made(await w.maker.post(`${api}/groups`, { name: w.fresh('group') })).id)

export const artifact = async (w: World): Promise<string> =>
  made(await w.maker.post(`${api}/uploads`, smallModel(), { 'content-type': 'application/octet-stream' })).digest

/** Brought by none of the callers, so that having brought it refuses nobody. */
export const model = async (w: World): Promise<{ id: string; digest: string }> => {
  const id = await resource(w, 'models', async () => ({ name: w.fresh('model'), spec: { digest: await artifact(w) } }))
  return { id, digest: made(await w.maker.get(`${api}/models/${id}`)).spec.digest }
}

/** Asked for by none of the callers, so that being the asker refuses nobody. */
export const changeSet = async (w: World): Promise<string> => {
  await w.there('governed', async () => {
    const { resource: folder } = made(await w.maker.put(`${api}/folders`, { name: 'governed', spec: {} }))
    made(await putRule(w.maker, 'governed', { actions: ['project.apply'] }, '/governed'))
    return folder.id
  })
  return ask(w.maker, { operationId: 'projectApply', body: { scope: '/governed', name: w.fresh('asked'), spec: {} } })
}

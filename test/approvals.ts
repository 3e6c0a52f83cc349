// People who approve: each with a passkey and a browser of their own, and the few calls that every test of four eyes makes.
import assert from 'node:assert/strict'
import { SoftwareAuthenticator } from './software-authenticator.ts'
import { password, signedIn, type Caller, type Reply, type Role, type TestApp } from './app.ts'

export const origin = 'http://localhost:0'
export const changeSets = '/api/v1/change-sets'

export type Approver = Caller & { readonly key: SoftwareAuthenticator }

/** Someone of the role with a passkey. */
export const withPasskey = async (caller: Caller): Promise<Approver> => {
  const key = new SoftwareAuthenticator()
  const options = await caller.post('/api/v1/me/passkeys/options')
  assert.equal(options.status, 200, options.text)
  const added = await caller.post('/api/v1/me/passkeys', { name: 'Key', response: key.create(options.body, origin) })
  assert.equal(added.status, 201, added.text)
  return { ...caller, key }
}

export const approver = async (app: TestApp, name: string, role: Role = 'security-officer'): Promise<Approver> =>
  withPasskey(await app.as(role, { name }))

export const putRule = (by: Caller, name: string, spec: object, scope = '/'): Promise<Reply> =>
  by.put('/api/v1/approval-rules', { scope, name, spec: { quorum: 1, ...spec } })

export const ask = async (by: Caller, request: object): Promise<string> => {
  const asked = await by.post(changeSets, { reason: 'Because it is needed', ...request })
  assert.equal(asked.status, 201, asked.text)
  return asked.body.id
}

/** The signature a browser would send for what the site gives to sign. */
export const signature = async (by: Approver, id: string, from = origin) => {
  const { body, text } = await by.get(`${changeSets}/${id}/statement`)
  assert.ok(body.passkey, text)
  by.key.counter++
  return { passkey: by.key.get(body.passkey, from) }
}

export const approve = async (by: Approver, id: string): Promise<Reply> =>
  by.post(`${changeSets}/${id}/approve`, { signature: await signature(by, id) })

/** The same person, signed in with the browser that holds this device cookie. */
export const onDevice = async (app: TestApp, who: Caller, device: string): Promise<Caller> => {
  const reply = await app
    .anyone({ cookie: `holdfast-device=${device}` })
    .post('/api/v1/session', { username: who.username, password })
  return signedIn(app.app, reply, who.username)
}

export const device = (seed: string): string => seed.repeat(43).slice(0, 43)

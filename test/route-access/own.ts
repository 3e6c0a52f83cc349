// What people have of their own: keys, sessions, passkeys, certificates, an authenticator app.
import assert from 'node:assert/strict'
import { cookieOf, password, signedIn, type Caller } from '../app.ts'
import { certificates, holder } from '../certificates.ts'
import { origin, type Approver } from '../approvals.ts'
import { SoftwareAuthenticator } from '../software-authenticator.ts'
import { codeAt, stepOf } from '../../src/identity/totp.ts'
import { api, type World } from './world.ts'

/** Who has no account asks with what belongs to the maker. */
export const self = (w: World, by: Caller): Caller => (by.userId === 'anonymous' ? w.maker : by)

export const keyOf = async (by: Caller): Promise<string> => {
  const { status, body, text } = await by.post(`${api}/keys`, { name: 'A key' })
  assert.equal(status, 201, text)
  return body.key.id
}

/** Beside the one that the caller goes on with. */
export const secondSession = async (w: World, by: Caller): Promise<{ id: string; headers: Record<string, string> }> => {
  const reply = await w.app.anyone().post(`${api}/session`, { username: by.username, password })
  const { headers } = await signedIn(w.app.app, reply, by.username)
  const { body } = await w.app.anyone(headers).get(`${api}/sessions`)
  return {
    id: body.items.find(({ current }: { current: boolean }) => current).id,
    headers: { ...headers, cookie: cookieOf(reply) },
  }
}

export const certificate = async (by: Caller): Promise<object> => {
  const { pem, sign } = await holder()
  const { body } = await by.post(`${certificates}/challenge`)
  return { name: 'Card', certificate: pem, challenge: body.challenge, signature: sign(body.statement) }
}

export const passkey = async (by: Caller): Promise<object> => {
  const { body } = await by.post(`${api}/me/passkeys/options`)
  return { name: 'Another key', response: new SoftwareAuthenticator().create(body, origin) }
}

/** The maker's passkey answers what a browser was given to sign in. */
export const enter = async (w: World): Promise<object> => {
  const { body } = await w.app.anyone().post(`${api}/session/passkey/options`)
  w.maker.key.counter++
  return w.maker.key.get(body, origin)
}

/** By who may see what is to be signed; for anyone else a stranger signs, and is refused before that is looked at. */
export const signedBy = async (w: World, by: Caller, id: string): Promise<object> => {
  const { body } = await by.get(`${api}/change-sets/${id}/statement`)
  const { key } = by as Partial<Approver>
  if (key && body.passkey) {
    key.counter++
    return { passkey: key.get(body.passkey, origin) }
  }
  const options = await w.app.anyone().post(`${api}/session/passkey/options`)
  return { passkey: new SoftwareAuthenticator().get(options.body, origin) }
}

/** What an authenticator app would show that was begun just now. */
export const totpCode = async (by: Caller): Promise<string> => {
  const { body } = await by.post(`${api}/me/totp`)
  const bits = Array.from(String(body.secret), (char) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'),
  ).join('')
  return codeAt(Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2))), stepOf(new Date()))
}

// Rights for a time, as tests give and take them.
import assert from 'node:assert/strict'
import type { Caller, Reply, TestApp } from './app.ts'

export const elevations = '/api/v1/elevations'
export const assignments = '/api/v1/role-assignments'
export const type = ({ status, body }: Reply) => [status, body?.type]
export const minuteMs = 60_000
export const reason = 'The mail server is down'

export const eligible = async (
  by: Caller,
  principal: string,
  more: object = {},
  spec: object = {},
  name = 'on-call',
): Promise<string> => {
  const document = { name, spec: { principal, role: 'operator', eligible: { maxSeconds: 3600, ...more }, ...spec } }
  const given = await by.put(assignments, document)
  assert.ok(given.status < 300, given.text)
  return given.body.resource.id
}
export const activate = (by: Caller, assignment: string, more: object = {}) =>
  by.post(elevations, { assignment, seconds: 600, reason, ...more })

let made = 0
/** What an operator may do, and these people only while they are elevated. */
export const may = async (who: Caller): Promise<boolean> => {
  const { status } = await who.put('/api/v1/folders', { name: `f-${made++}`, spec: {} })
  return status === 201
}
export const told = async (app: TestApp) =>
  (await app.audit()).filter(({ action }) => action.startsWith('elevation.')).map(({ action, outcome }) => [action, outcome])

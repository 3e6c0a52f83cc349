// Guardrails as tests put them: a definition, and the few calls that put it to work.
import assert from 'node:assert/strict'
import type { Caller, Reply } from './app.ts'

/** A project must say what it is for. */
export const definition = (given: object = {}): Record<string, unknown> => ({
  title: 'A project says what it is for',
  description: 'So that people know whom to ask.',
  category: 'ownership',
  version: '1.0.0',
  kinds: ['project'],
  require: { field: 'labels.purpose', exists: true },
  effects: ['deny', 'audit'],
  effect: 'deny',
  message: '{name} does not say what it is for.',
  ...given,
})

export const putGuardrail = async (by: Caller, name: string, given: object = {}, scope = '/'): Promise<string> => {
  const made = await by.put('/api/v1/guardrails', { name, scope, spec: definition(given) })
  assert.ok(made.status < 300, made.text)
  return made.body.resource.id
}

export const assign = (by: Caller, name: string, spec: object, scope = '/'): Promise<Reply> =>
  by.put('/api/v1/guardrail-assignments', { name, scope, spec })

export const assigned = async (by: Caller, name: string, spec: object, scope = '/'): Promise<string> => {
  const made = await assign(by, name, spec, scope)
  assert.ok(made.status < 300, made.text)
  return made.body.resource.id
}

export const typeOf = ({ status, body }: Reply): [number, string] => [status, body?.type]

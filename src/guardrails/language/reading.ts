// What reading a guardrail needs beside its text, and what it finds wrong, where.
import { problem } from '#platform/problem.ts'
import type { Parameter, ParameterValues } from '../schema.ts'
import type { Field } from './field.ts'

export const malformed = problem('guardrail-malformed', 400, 'The guardrail is not well formed')

export type Fault = { readonly at: string; readonly message: string }

export const nodesMax = 256
export const depthMax = 12
const faultsMax = 20

export type Reading = {
  readonly faults: Fault[]
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly values: ParameterValues
  /** What it rests on, to say of what was not known. */
  readonly fields: Field[]
  /** Conditions read so far. */
  nodes: number
  /** How many `each` we are inside of. */
  each: number
}

export const newReading = (parameters: Readonly<Record<string, Parameter>> = {}, values: ParameterValues = {}): Reading => ({
  faults: [],
  parameters,
  values,
  fields: [],
  nodes: 0,
  each: 0,
})

/** Notes a fault; undefined, so that it can end an expression. */
export const fault = ({ faults }: Reading, at: string, message: string): undefined => {
  if (faults.length < faultsMax) faults.push({ at, message })
  return undefined
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names come from outside: only a member of its own counts, never one that objects inherit. */
export const own = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined

export const quoted = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80)

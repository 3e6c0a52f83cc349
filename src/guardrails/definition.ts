// A definition: its form, its conditions, and what does not go together; then compiled with the values of its parameters.
import { Compile } from 'typebox/compile'
import { Errors } from 'typebox/value'
import { coverOf, observedKinds } from './kinds.ts'
import { readChanges, type Changes } from './language/change.ts'
import { readCondition, type Test } from './language/condition.ts'
import type { Field } from './language/field.ts'
import { readMessage, type Message } from './language/message.ts'
import { placeholders, wrongDefaults } from './language/parameters.ts'
import { fault, malformed, newReading, type Fault, type Reading } from './language/reading.ts'
import { Definition, type ParameterValues } from './schema.ts'

export type Compiled = {
  readonly covers: (kind: string) => boolean
  readonly when: Test | undefined
  /** Absent for what only a person can attest. */
  readonly require: Test | undefined
  readonly modify: Changes
  readonly remediate: Changes
  readonly message: Message
  readonly fields: readonly Field[]
}

const form = Compile(Definition)

/** Throws `guardrail-malformed`, with every place where it is wrong. */
export const checkDefinition = (given: unknown): Definition => {
  if (!form.Check(given))
    throw faulty(Errors(Definition, given).map((error) => ({ at: error.instancePath, message: error.message })))
  const { faults } = read(given, placeholders(given.parameters ?? {}))
  if (faults.length > 0) throw faulty(faults)
  return given
}

const faulty = (faults: readonly Fault[]) =>
  malformed(`The guardrail cannot be used: ${faults[0]!.at || 'it'} ${faults[0]!.message}.`, { faults: faults.slice(0, 20) })

/** For a definition that was checked, and values that were bound to its parameters. */
export const compileDefinition = (
  definition: Definition,
  values: ParameterValues,
): { compiled: Compiled; faults: readonly Fault[] } => read(definition, values)

const read = (definition: Definition, values: ParameterValues): { compiled: Compiled; faults: readonly Fault[] } => {
  const reading = newReading(definition.parameters, values)
  const compiled = {
    covers: coverOf(definition.kinds),
    when: definition.when === undefined ? undefined : readCondition(definition.when, '/when', reading),
    require: definition.require === undefined ? undefined : readCondition(definition.require, '/require', reading),
    modify: readChanges(definition.modify ?? [], '/modify', reading),
    remediate: readChanges(definition.remediate ?? [], '/remediate', reading),
    message: readMessage(definition.message, '/message', reading),
    fields: reading.fields,
  }
  checkEffects(definition, reading)
  reading.faults.push(...wrongDefaults(definition.parameters ?? {}, '/parameters'))
  return { compiled, faults: reading.faults }
}

const passive = ['audit', 'manual', 'disabled']

const checkEffects = ({ effects, effect, kinds, require, modify, remediate }: Definition, reading: Reading): void => {
  if (!effects.includes(effect)) fault(reading, '/effect', 'must be one of effects')
  if (effects.includes('modify') !== (modify !== undefined))
    fault(reading, '/modify', 'belongs to the effect modify, and it to this')
  if (effects.includes('remediate') !== (remediate !== undefined))
    fault(reading, '/remediate', 'belongs to the effect remediate, and it to this')
  if (require === undefined && effects.some((one) => one !== 'manual' && one !== 'disabled'))
    fault(reading, '/require', 'is missing: only what a person attests can do without')
  const active = effects.find((one) => !passive.includes(one))
  const seen = kinds.find((kind) => observedKinds.includes(kind))
  if (active !== undefined && seen !== undefined) fault(reading, '/effects', `${seen} is observed, and cannot be under ${active}`)
}

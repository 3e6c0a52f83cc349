// An initiative: its form, and that what it groups can be assigned with the values it gives.
import { Compile } from 'typebox/compile'
import { Errors } from 'typebox/value'
import { placeholders, wrongDefaults } from './language/parameters.ts'
import { malformed, type Fault } from './language/reading.ts'
import { Initiative } from './schema.ts'
import { membersIn } from './spread.ts'
import type { GuardrailFacts } from './store.ts'

const form = Compile(Initiative)

/** Throws `guardrail-malformed`, with every place where it is wrong. */
export const checkInitiative = (given: unknown, known: Pick<GuardrailFacts, 'definitions'>): Initiative => {
  if (!form.Check(given))
    throw faulty(Errors(Initiative, given).map((error) => ({ at: error.instancePath, message: error.message })))
  const faults = [
    ...wrongDefaults(given.parameters ?? {}, '/parameters'),
    ...membersIn(given, placeholders(given.parameters ?? {}), known).flatMap((member) => member.faults),
  ]
  if (faults.length > 0) throw faulty(faults)
  return given
}

const faulty = (faults: readonly Fault[]) =>
  malformed(`The initiative cannot be used: ${faults[0]!.at || 'it'} ${faults[0]!.message}.`, { faults: faults.slice(0, 20) })

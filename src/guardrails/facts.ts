// The facts guardrails rest on: definitions, initiatives, assignments, exemptions. Written by higher rooms in their own transactions.
import { sql } from 'kysely'
import { afterCommit, type Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { compiledFor, factsChanged } from './cache.ts'
import type { Assignment, Definition, Exemption, Initiative } from './schema.ts'
import { rows } from './store.ts'

export const channel = 'holdfast_guardrails'

/** Told to this process at commit, to others by NOTIFY. What no longer fits together is refused here, before it is kept. */
const changed = async (tx: Context): Promise<void> => {
  factsChanged.inTransaction(tx.db)
  afterCommit(tx, () => factsChanged.committed(tx.site))
  await compiledFor(tx)
  await emit(tx, 'guardrails.changed', {})
  await sql`select pg_notify(${channel}, '')`.execute(tx.db)
}

export const putGuardrail = async (tx: Context, { id, definition }: { id: string; definition: Definition }): Promise<void> => {
  const body = JSON.stringify(definition)
  await rows(tx)
    .insertInto('guardrail_definition')
    .values({ id, publisher: null, body })
    .onConflict((on) => on.column('id').doUpdateSet({ body }))
    .execute()
  await changed(tx)
}

export const removeGuardrail = async (tx: Context, id: string): Promise<void> => {
  await rows(tx).deleteFrom('guardrail_definition').where('id', '=', id).execute()
  await changed(tx)
}

export const putInitiative = async (tx: Context, { id, initiative }: { id: string; initiative: Initiative }): Promise<void> => {
  const body = JSON.stringify(initiative)
  await rows(tx)
    .insertInto('guardrail_initiative')
    .values({ id, publisher: null, body })
    .onConflict((on) => on.column('id').doUpdateSet({ body }))
    .execute()
  await changed(tx)
}

export const removeInitiative = async (tx: Context, id: string): Promise<void> => {
  await rows(tx).deleteFrom('guardrail_initiative').where('id', '=', id).execute()
  await changed(tx)
}

export const putGuardrailAssignment = async (
  tx: Context,
  { id, scopeId, assignment }: { id: string; scopeId: string; assignment: Assignment },
): Promise<void> => {
  const body = JSON.stringify(assignment)
  await rows(tx)
    .insertInto('guardrail_assignment')
    .values({ id, scope_id: scopeId, body })
    .onConflict((on) => on.column('id').doUpdateSet({ scope_id: scopeId, body }))
    .execute()
  await changed(tx)
}

export const removeGuardrailAssignment = async (tx: Context, id: string): Promise<void> => {
  await rows(tx).deleteFrom('guardrail_assignment').where('id', '=', id).execute()
  await changed(tx)
}

export const putExemption = async (tx: Context, { id, exemption }: { id: string; exemption: Exemption }): Promise<void> => {
  const body = JSON.stringify(exemption)
  await rows(tx)
    .insertInto('guardrail_exemption')
    .values({ id, assignment_id: exemption.assignment, body })
    .onConflict((on) => on.column('id').doUpdateSet({ assignment_id: exemption.assignment, body }))
    .execute()
  await changed(tx)
}

export const removeExemption = async (tx: Context, id: string): Promise<void> => {
  await rows(tx).deleteFrom('guardrail_exemption').where('id', '=', id).execute()
  await changed(tx)
}

/** Digest of everything guardrails rest on: under the same version, the same document is judged alike. */
export const guardrailsVersion = async (ctx: Context): Promise<string> => (await compiledFor(ctx)).version

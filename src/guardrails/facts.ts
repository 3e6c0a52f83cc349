// The facts guardrails rest on: definitions, initiatives, assignments, exemptions. Written by higher rooms in their own transactions.
import { sql } from 'kysely'
import { afterCommit, type Context } from '#platform/context.ts'
import { emit } from '#platform/events.ts'
import { conflict, problem, tooLarge } from '#platform/problem.ts'
import { compiledFor, factsChanged } from './cache.ts'
import { checkDefinition } from './definition.ts'
import { checkInitiative } from './initiative.ts'
import type { Misfit } from './rules.ts'
import type { Assignment, Definition, Exemption, Initiative } from './schema.ts'
import { readFacts, rows, type GuardrailFacts } from './store.ts'

export const guardrailMisfit = problem('guardrail-misfit', 400, 'The assignment does not fit what it assigns')
export const guardrailInUse = problem('guardrail-in-use', 409, 'The guardrail is in use')

export const channel = 'holdfast_guardrails'
export const rulesMax = 4_000

const factsLock = 4_600_030

/** Whoever changes facts takes turns until the end of the transaction: what is removed must not be put to work by another at the same moment. */
export const holdFacts = async (tx: Context): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${factsLock})`.execute(tx.db)
}

/** Told to this process at commit, to others by NOTIFY. */
const changed = async (tx: Context): Promise<void> => {
  factsChanged.inTransaction(tx.db)
  afterCommit(tx, () => factsChanged.committed(tx.site))
  await emit(tx, 'guardrails.changed', {})
  await sql`select pg_notify(${channel}, '')`.execute(tx.db)
}

/** Writes, then refuses what no longer fits together because of it. What did not fit before is no reason to refuse, or nothing could be mended. */
export const refit = async (tx: Context, id: string, write: () => Promise<unknown>): Promise<void> => {
  await holdFacts(tx)
  const before = new Set((await compiledFor(tx)).misfits.map(nameOf))
  await write()
  await changed(tx)
  const { misfits, rules } = await compiledFor(tx)
  const misfit = misfits.find((one) => one.assignment === id || !before.has(nameOf(one)))
  if (misfit) throw misfitting(misfit)
  if (rules.length > rulesMax) throw tooLarge(`At most ${rulesMax} guardrails can be assigned on a site.`, { rulesMax })
}

const nameOf = ({ assignment, guardrail }: Misfit): string => `${assignment} ${guardrail}`

const misfitting = ({ assignment, guardrail, faults }: Misfit) =>
  guardrailMisfit(`The assignment ${assignment} of ${guardrail}: ${faults[0]!.at} ${faults[0]!.message}.`, {
    assignment,
    guardrail,
    faults: faults.slice(0, 20),
  })

/** What is written here is checked first: throws `guardrail-malformed`. */
export const putGuardrail = async (tx: Context, { id, definition }: { id: string; definition: Definition }): Promise<void> => {
  const body = JSON.stringify(checkDefinition(definition))
  await refit(tx, id, () =>
    rows(tx)
      .insertInto('guardrail_definition')
      .values({ id, publisher: null, body })
      .onConflict((on) => on.column('id').doUpdateSet({ body }))
      .execute(),
  )
}

export const removeGuardrail = async (tx: Context, id: string): Promise<void> => {
  await holdFacts(tx)
  refuseInUse(usersOf(await readFacts(tx), [id]), id)
  await rows(tx).deleteFrom('guardrail_definition').where('id', '=', id).execute()
  await changed(tx)
}

export const putInitiative = async (tx: Context, { id, initiative }: { id: string; initiative: Initiative }): Promise<void> => {
  await holdFacts(tx)
  const body = JSON.stringify(checkInitiative(initiative, await readFacts(tx)))
  await refit(tx, id, () =>
    rows(tx)
      .insertInto('guardrail_initiative')
      .values({ id, publisher: null, body })
      .onConflict((on) => on.column('id').doUpdateSet({ body }))
      .execute(),
  )
}

export const removeInitiative = async (tx: Context, id: string): Promise<void> => {
  await holdFacts(tx)
  refuseInUse(usersOf(await readFacts(tx), [id]), id)
  await rows(tx).deleteFrom('guardrail_initiative').where('id', '=', id).execute()
  await changed(tx)
}

/** Ids of the assignments and initiatives that name one of these. */
export const usersOf = ({ assignments, initiatives }: GuardrailFacts, refs: readonly string[]): string[] => [
  ...assignments
    .filter(({ guardrail, initiative }) => refs.includes(guardrail ?? '') || refs.includes(initiative ?? ''))
    .map(({ id }) => id),
  ...[...initiatives]
    .filter(([id, { guardrails }]) => !refs.includes(id) && guardrails.some(({ guardrail }) => refs.includes(guardrail)))
    .map(([id]) => id),
]

export const refuseInUse = (users: readonly string[], what: string): void => {
  if (users.length === 0) return
  const more = users.length > 1 ? ` and ${users.length - 1} more` : ''
  throw guardrailInUse(`${what} is named by ${users[0]}${more}. Remove that first.`, { users: users.slice(0, 20) })
}

export const putGuardrailAssignment = async (
  tx: Context,
  { id, scopeId, assignment }: { id: string; scopeId: string; assignment: Assignment },
): Promise<void> => {
  const body = JSON.stringify(assignment)
  await refit(tx, id, () =>
    rows(tx)
      .insertInto('guardrail_assignment')
      .values({ id, scope_id: scopeId, body })
      .onConflict((on) => on.column('id').doUpdateSet({ scope_id: scopeId, body }))
      .execute(),
  )
}

/** Its exemptions go with it. */
export const removeGuardrailAssignment = async (tx: Context, id: string): Promise<void> => {
  await holdFacts(tx)
  await rows(tx).deleteFrom('guardrail_assignment').where('id', '=', id).execute()
  await changed(tx)
}

export const putExemption = async (tx: Context, { id, exemption }: { id: string; exemption: Exemption }): Promise<void> => {
  await holdFacts(tx)
  await requireAssignment(tx, exemption.assignment)
  const body = JSON.stringify(exemption)
  await rows(tx)
    .insertInto('guardrail_exemption')
    .values({ id, assignment_id: exemption.assignment, body })
    .onConflict((on) => on.column('id').doUpdateSet({ assignment_id: exemption.assignment, body }))
    .execute()
  await changed(tx)
}

const requireAssignment = async (tx: Context, id: string): Promise<void> => {
  if (!(await rows(tx).selectFrom('guardrail_assignment').select('id').where('id', '=', id).executeTakeFirst()))
    throw conflict(`The assignment ${id} was taken away: there is nothing to be exempt from.`, { assignment: id })
}

export const removeExemption = async (tx: Context, id: string): Promise<void> => {
  await holdFacts(tx)
  await rows(tx).deleteFrom('guardrail_exemption').where('id', '=', id).execute()
  await changed(tx)
}

/** Digest of everything guardrails rest on: under the same version, the same document is judged alike. */
export const guardrailsVersion = async (ctx: Context): Promise<string> => (await compiledFor(ctx)).version

// Publishers a site trusts, and the sets taken from them. What a set holds replaces what the one before it held, whole.
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { checkDefinition } from './definition.ts'
import { holdFacts, refit, refuseInUse, usersOf } from './facts.ts'
import { checkInitiative } from './initiative.ts'
import type { Definition, Initiative } from './schema.ts'
import { openSet, publisherKey, verifySet, type GuardrailSet, type Publisher } from './set.ts'
import { readFacts, rows, type GuardrailFacts } from './store.ts'

/** `builtin` is our own. */
const reserved = ['builtin']

export const putPublisher = async (
  tx: Context,
  { id, name, publicKey }: { id: string; name: string; publicKey: string },
): Promise<void> => {
  if (reserved.includes(name)) throw invalid(`${name} is the product’s own library. Choose another name.`)
  if (!publisherKey(publicKey))
    throw invalid('The key must be an Ed25519 public key: 32 bytes in base64.', {
      faults: [{ at: '/spec/publicKey', message: 'not 32 bytes in base64' }],
    })
  // Another key does not start the count again: an old set must not come back with it.
  await rows(tx)
    .insertInto('guardrail_publisher')
    .values({ id, name, public_key: publicKey, sequence: 0 })
    .onConflict((on) => on.column('id').doUpdateSet({ name, public_key: publicKey }))
    .execute()
}

/** With all that was taken from it; throws `guardrail-in-use` while any of that is assigned. */
export const removePublisher = async (tx: Context, id: string): Promise<void> => {
  await holdFacts(tx)
  const publisher = await rows(tx).selectFrom('guardrail_publisher').select('name').where('id', '=', id).executeTakeFirst()
  if (!publisher) return
  await replace(tx, publisher.name, new Map(), new Map())
  await rows(tx).deleteFrom('guardrail_publisher').where('id', '=', id).execute()
}

/** What was taken from publishers, by the names it is assigned by. */
export const published = async (ctx: Pick<Context, 'db'>): Promise<Pick<GuardrailFacts, 'definitions' | 'initiatives'>> => {
  const { definitions, initiatives } = await readFacts(ctx)
  const given = <T>(all: ReadonlyMap<string, T>) => new Map([...all].filter(([ref]) => ref.includes('/')))
  return { definitions: given(definitions), initiatives: given(initiatives) }
}

export type Imported = { publisher: string; sequence: number; version: string; guardrails: string[]; initiatives: string[] }

/** Verifies and takes over, all or nothing. Two at once take turns, so that the older cannot come second. */
export const importSet = async (tx: Context, text: string): Promise<Imported> => {
  await holdFacts(tx)
  const opened = openSet(text)
  const set = verifySet(opened.set, await publisherNamed(tx, opened.publisher))
  const [definitions, initiatives] = contentsOf(set)
  await rows(tx).updateTable('guardrail_publisher').set({ sequence: set.sequence }).where('name', '=', set.publisher).execute()
  await replace(tx, set.publisher, definitions, initiatives)
  const { publisher, sequence, version } = set
  return { publisher, sequence, version, guardrails: [...definitions.keys()], initiatives: [...initiatives.keys()] }
}

const publisherNamed = async (tx: Context, name: string): Promise<Publisher | undefined> => {
  const row = await rows(tx).selectFrom('guardrail_publisher').selectAll().where('name', '=', name).forUpdate().executeTakeFirst()
  return row && { name: row.name, publicKey: row.public_key, sequence: row.sequence }
}

/** Under the publisher's name, so that no set can stand in for what another gave, or for ours. */
const contentsOf = ({ publisher, guardrails, initiatives }: GuardrailSet): [Map<string, Definition>, Map<string, Initiative>] => {
  const named = (name: string) => `${publisher}/${name}`
  const definitions = new Map(Object.entries(guardrails).map(([name, body]) => [named(name), checkDefinition(body)]))
  return [
    definitions,
    new Map(Object.entries(initiatives).map(([name, body]) => [named(name), checkInitiative(body, { definitions })])),
  ]
}

const replace = async (
  tx: Context,
  publisher: string,
  definitions: ReadonlyMap<string, Definition>,
  initiatives: ReadonlyMap<string, Initiative>,
): Promise<void> => {
  const facts = await readFacts(tx)
  const gone = [...facts.definitions.keys(), ...facts.initiatives.keys()].filter(
    (ref) => ref.startsWith(`${publisher}/`) && !definitions.has(ref) && !initiatives.has(ref),
  )
  for (const ref of gone)
    refuseInUse(
      usersOf(facts, [ref]).filter((user) => !user.startsWith(`${publisher}/`)),
      ref,
    )
  await refit(tx, publisher, async () => {
    await rows(tx).deleteFrom('guardrail_definition').where('publisher', '=', publisher).execute()
    await rows(tx).deleteFrom('guardrail_initiative').where('publisher', '=', publisher).execute()
    for (const [id, body] of definitions)
      await rows(tx)
        .insertInto('guardrail_definition')
        .values({ id, publisher, body: JSON.stringify(body) })
        .execute()
    for (const [id, body] of initiatives)
      await rows(tx)
        .insertInto('guardrail_initiative')
        .values({ id, publisher, body: JSON.stringify(body) })
        .execute()
  })
}

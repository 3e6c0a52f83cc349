// One entry of the log: who did what to what, and how it came out. Written in the transaction of the change itself: no entry, no change.
import { createHash, randomBytes } from 'node:crypto'
import { afterCommit, afterEnd, atomically, createContext, type Context, type ResourceRef } from '#platform/context.ts'
import { newId, type Id } from '#platform/id.ts'
import { canonicalJson, type Json } from '#platform/json.ts'
import { problem } from '#platform/problem.ts'
import { sealWith, unsealWith } from '#platform/secrets.ts'
import { poke } from './sequencer.ts'
import { rows } from './store.ts'

export type EntryId = Id<'entry'>
export type Outcome = 'done' | 'denied' | 'failed' | 'cancelled'

export type RecordOptions = {
  outcome?: Outcome
  /** Chosen by the caller when it must be told before the record is made (a stream's receipt). */
  id?: EntryId
  /** Personal content. The leaf holds a commitment to it; destroying the subject's key erases it. */
  sealed?: { subject: string; content: Json }
}

export const leafBytesMax = 8 * 1024
const saltBytes = 16
const subjectKeyBytes = 32

export const entryTooLarge = problem('entry-too-large', 500, 'The audit entry is larger than the log takes')
export const contentErased = problem('content-erased', 410, 'The content was erased')

/** Records an act within `tx`'s transaction. `facts` carry ids, digests and numbers, never personal content: what is in a leaf stays for good. */
export const record = async (
  tx: Context,
  action: string,
  on: ResourceRef,
  facts?: Json,
  options: RecordOptions = {},
): Promise<EntryId> => {
  if (!tx.inTransaction) throw new Error(`record(${action}) needs the transaction of the change it records`)
  const id = options.id ?? newId('entry', tx.now())
  const commitment = options.sealed && (await sealContent(tx, id, options.sealed))
  const leaf = leafOf(tx, {
    id,
    action,
    on,
    outcome: options.outcome ?? 'done',
    ...(facts === undefined ? {} : { facts }),
    ...(commitment === undefined ? {} : { commitment }),
  })
  await rows(tx).insertInto('audit_pending').values({ id, leaf }).execute()
  tx.trace?.changes.push({ record: action, on: { kind: on.kind, id: on.id, scope: on.scope }, facts })
  afterCommit(tx, () => poke(tx.site))
  return id
}

/** Records an act that changes nothing else in the database: the one statement is its transaction, and durable when this resolves. */
export const recordAlone = async (
  ctx: Context,
  action: string,
  on: ResourceRef,
  facts: Json,
  options: RecordOptions = {},
): Promise<EntryId> => {
  if (options.sealed || ctx.inTransaction) return atomically(ctx, (tx) => record(tx, action, on, facts, options))
  const id = options.id ?? newId('entry', ctx.now())
  await rows(ctx)
    .insertInto('audit_pending')
    .values({ id, leaf: leafOf(ctx, { id, action, on, outcome: options.outcome ?? 'done', facts }) })
    .execute()
  poke(ctx.site)
  return id
}

type Said = { id: EntryId; action: string; on: ResourceRef; outcome: Outcome; facts?: Json; commitment?: string }

const leafOf = (ctx: Context, { id, action, on, outcome, facts, commitment }: Said): Buffer => {
  const leaf = Buffer.from(
    canonicalJson({
      v: 1,
      id,
      site: ctx.site.id,
      ts: ctx.now().toISOString(),
      actor: ctx.actor.id,
      via: ctx.actor.via && { kind: ctx.actor.via.kind, id: ctx.actor.via.id },
      action,
      resource: { kind: on.kind, id: on.id, scope: on.scope },
      outcome,
      policy: ctx.decisions.policyVersion,
      requestId: ctx.requestId,
      approved: ctx.approved?.id,
      facts,
      commitment,
    }),
  )
  if (leaf.length > leafBytesMax)
    throw entryTooLarge(`An entry of ${leaf.length} bytes for ${action}; the log takes ${leafBytesMax}.`)
  return leaf
}

/** A refusal, in a transaction of its own: it survives whatever the refused act was part of. */
export const recordDenial = (ctx: Context, action: string, on: ResourceRef, facts?: Json): Promise<EntryId> =>
  atomically(ctx, (tx) => record(tx, action, on, facts, { outcome: 'denied' }))

/** A refusal that ends the transaction it is met in, recorded when that has ended. */
export const recordDenialAfter = (tx: Context, action: string, on: ResourceRef, facts?: Json): void => {
  const outside = createContext(tx.site, { actor: tx.actor, requestId: tx.requestId, log: tx.log })
  afterEnd(tx, () => recordDenial(outside, action, on, facts))
}

/** SHA-256(salt ‖ ciphertext): binds the content without telling it, and says nothing once salt and key are gone. */
const sealContent = async (
  tx: Context,
  entryId: string,
  { subject, content }: { subject: string; content: Json },
): Promise<string> => {
  const key = await subjectKey(tx, subject)
  const salt = randomBytes(saltBytes)
  const ciphertext = sealWith(key, Buffer.from(canonicalJson(content)), entryId)
  await rows(tx).insertInto('audit_sealed').values({ entry_id: entryId, subject, salt, ciphertext }).execute()
  return createHash('sha256').update(salt).update(ciphertext).digest('hex')
}

const subjectKey = async (tx: Context, subject: string): Promise<Buffer> => {
  const fresh = tx.site.secrets.seal('audit-subject', randomBytes(subjectKeyBytes), subject)
  await rows(tx)
    .insertInto('audit_subject_key')
    .values({ subject, sealed_key: fresh, destroyed_at: null })
    .onConflict((on) => on.column('subject').doNothing())
    .execute()
  const { sealed_key } = await rows(tx)
    .selectFrom('audit_subject_key')
    .select('sealed_key')
    .where('subject', '=', subject)
    .executeTakeFirstOrThrow()
  if (!sealed_key) throw contentErased(`The records of ${subject} were erased; nothing more is recorded under that key.`)
  return tx.site.secrets.unseal('audit-subject', sealed_key, subject)
}

/** The sealed content of an entry, or undefined when it has none or it was erased. The caller has decided that it may be read. */
export const openSealed = async (ctx: Context, entryId: string): Promise<Json | undefined> => {
  const sealed = await rows(ctx)
    .selectFrom('audit_sealed')
    .innerJoin('audit_subject_key', 'audit_subject_key.subject', 'audit_sealed.subject')
    .select(['audit_sealed.subject', 'ciphertext', 'sealed_key'])
    .where('entry_id', '=', entryId)
    .executeTakeFirst()
  if (!sealed?.sealed_key) return undefined
  const key = ctx.site.secrets.unseal('audit-subject', sealed.sealed_key, sealed.subject)
  return JSON.parse(unsealWith(key, sealed.ciphertext, entryId).toString()) as Json // we wrote it
}

/** Destroys the key of all sealed content about a subject, and keeps another from being made: what is recorded of them a moment later stays closed too. The entries, and every proof over them, stay. */
export const eraseSubject = async (tx: Context, subject: string): Promise<void> => {
  const destroyed = { sealed_key: null, destroyed_at: tx.now() }
  await rows(tx)
    .insertInto('audit_subject_key')
    .values({ subject, ...destroyed })
    .onConflict((on) => on.column('subject').doUpdateSet(destroyed))
    .execute()
  await record(tx, 'audit.erase', { kind: 'subject', id: subject })
}

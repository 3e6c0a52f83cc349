// Asking: the request is tried in the asker's name and taken back. What it turns out to do is what people will approve, no more and no less.
import { record, recordDenial } from '#audit'
import { atomically, onBehalf, rehearse, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, forbidden, invalid, problem, tooLarge } from '#platform/problem.ts'
import { differenceOf, type Difference } from './difference.ts'
import { digestOf, textOf, type ChangeDocument } from './document.ts'
import { reachOf, scopesIn, type Reach } from './places.ts'
import { operationOf, refusalIn, send } from './request.ts'
import type { NewChangeSet, Wanted } from './schema.ts'
import { insertChangeSet, rows, type Place } from './store.ts'

export const nothingToApprove = problem('nothing-to-approve', 409, 'Nobody need approve this')

const dayMs = 86_400_000
export const ageMsDefault = 7 * dayMs
const ageMsMax = 30 * dayMs
const openPerRequesterMax = 100
const documentBytesMax = 1024 ** 2

export const openChangeSet = async (ctx: Context, given: NewChangeSet): Promise<string> => {
  await ctx.authorize('change-set.create', { kind: 'change-set', owner: ctx.actor.id })
  const { reason, expiresAt, ...request } = given
  operationOf(ctx.site, request)
  const until = expiryOf(ctx, expiresAt)
  await refuseTooMany(ctx)
  const { at, difference, places, obligations } = await tryOut(ctx, request, reason)
  const document: ChangeDocument = {
    type: 'holdfast-change-set',
    v: 1,
    id: newId('change', at),
    site: ctx.site.id,
    requester: ctx.actor.id,
    reason,
    createdAt: at.toISOString(),
    expiresAt: until.toISOString(),
    request,
    difference,
    obligations,
  }
  refusePointless(document)
  await atomically(ctx, (tx) => store(tx, document, places))
  return document.id
}

const expiryOf = (ctx: Context, given: string | undefined): Date => {
  const at = ctx.now().getTime()
  const until = given === undefined ? at + ageMsDefault : Date.parse(given)
  if (Number.isNaN(until) || until <= at || until > at + ageMsMax)
    throw invalid('expiresAt must lie in the next thirty days.', { field: 'expiresAt', siteTime: new Date(at).toISOString() })
  return new Date(until)
}

const refuseTooMany = async (ctx: Context): Promise<void> => {
  const { count } = await rows(ctx)
    .selectFrom('change_set')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('requester', '=', ctx.actor.id)
    .where('state', '=', 'open')
    .where('expires_at', '>', ctx.now())
    .executeTakeFirstOrThrow()
  if (count >= openPerRequesterMax)
    throw conflict(`A person has at most ${openPerRequesterMax} open change sets. Withdraw some first.`, {
      max: openPerRequesterMax,
    })
}

type Tried = Reach & { at: Date; difference: Difference }

/** Refuses what the asker may not do themselves: approval adds eyes, not rights. */
const tryOut = async (ctx: Context, request: Wanted, reason: string): Promise<Tried> => {
  const at = ctx.now()
  const { result, trace } = await rehearse(ctx, async (tx, noting) => {
    const reply = await send(onBehalf(tx, { actor: ctx.actor, trace: noting }), request, reason)
    return { reply, scopes: reply.status < 400 ? await scopesIn(tx, noting) : undefined }
  })
  if (!result.scopes) {
    const refusal = refusalIn(result.reply)
    const facts = { operation: request.operationId, why: refusal.code }
    if (refusal.status === forbidden.status) await recordDenial(ctx, 'change-set.open', { kind: 'change-set' }, facts)
    throw refusal
  }
  const difference = differenceOf(trace.changes, { from: at, to: ctx.now() })
  return { at, difference, ...(await reachOf(ctx, trace, result.scopes)) }
}

const refusePointless = ({ difference, obligations }: ChangeDocument): void => {
  if (difference.changes.length === 0 && difference.records.length === 0)
    throw nothingToApprove('It would change nothing: what it asks for is so already.')
  if (obligations.length === 0) throw nothingToApprove('No rule asks for approval of this here. Send the request itself.')
}

const store = async (tx: Context, document: ChangeDocument, places: readonly Place[]): Promise<void> => {
  const text = textOf(document)
  if (Buffer.byteLength(text) > documentBytesMax)
    throw tooLarge(`What it does takes more than ${documentBytesMax} bytes to show. Ask for it in parts.`, {
      bytesMax: documentBytesMax,
    })
  const { id, requester, reason, createdAt, expiresAt, request, obligations } = document
  const digest = digestOf(text)
  await insertChangeSet(
    tx,
    {
      id,
      requester,
      principal: tx.actor,
      operation_id: request.operationId,
      reason,
      obligations: [...obligations],
      document: text,
      digest,
      state: 'open',
      created_at: new Date(createdAt),
      expires_at: new Date(expiresAt),
    },
    places,
  )
  await record(
    tx,
    'change-set.open',
    { kind: 'change-set', id, owner: requester },
    { digest, operation: request.operationId, expiresAt },
  )
}

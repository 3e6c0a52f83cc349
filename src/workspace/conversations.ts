// A person's conversations. Content, not resources: only the owner reads them, no role does, and deleting erases.
import { Type, type Static } from 'typebox'
import type { Generated, Selectable } from 'kysely'
import { record } from '#audit'
import { principalExists } from '#identity'
import { complete, type Completion, type Sink } from '#inference'
import { atomically, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, notFound, unauthenticated } from '#platform/problem.ts'

type Tables = {
  conversation: { id: string; owner: string; title: string; model: string; created_at: Date; updated_at: Date }
  conversation_message: {
    id: string
    conversation_id: string
    seq: Generated<number>
    role: 'user' | 'assistant'
    content: string
    model: string | null
    receipt: string | null
    finish_reason: string | null
    prompt_tokens: number | null
    completion_tokens: number | null
    duration_ms: number | null
    created_at: Date
  }
}
export const rows = (ctx: Pick<Context, 'db'>) => ctx.db.withTables<Tables>()

const titleMax = 80
export const messagesMax = 500
export const conversationsMax = 2_000

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const when = Type.String({ format: 'date-time' })
export const Conversation = Type.Object({
  id: Type.String(),
  title: Type.String(),
  model: Type.String(),
  createdAt: when,
  updatedAt: when,
})
export const ChatMessage = Type.Object({
  id: Type.String(),
  role: Type.Union([Type.Literal('user'), Type.Literal('assistant')]),
  content: Type.String(),
  model: Type.Optional(Type.String()),
  receipt: Type.Optional(Type.String()),
  finishReason: Type.Optional(Type.String()),
  promptTokens: Type.Optional(Type.Integer()),
  completionTokens: Type.Optional(Type.Integer()),
  durationMs: Type.Optional(Type.Integer()),
  createdAt: when,
})
export const ConversationDetail = Type.Object({ ...Conversation.properties, messages: Type.Array(ChatMessage) })
export const NewConversation = Type.Object(
  { model: Text(500), title: Type.Optional(Text(titleMax)) },
  { additionalProperties: false },
)
export const Rename = Type.Object({ title: Text(titleMax) }, { additionalProperties: false })
export const Say = Type.Object(
  {
    content: Type.Optional(Type.String({ maxLength: 200_000, description: 'Absent with retry' })),
    model: Type.Optional(Text(500)),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    maxTokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    retry: Type.Optional(Type.Boolean({ description: 'Answer the last question again; the former answer goes' })),
  },
  { additionalProperties: false },
)

type Row = Tables['conversation']
type Said = Omit<Selectable<Tables['conversation_message']>, 'seq'>
const toConversation = (row: Row): Static<typeof Conversation> => ({
  id: row.id,
  title: row.title,
  model: row.model,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
})
const toMessage = (row: Said): Static<typeof ChatMessage> => ({
  id: row.id,
  role: row.role,
  content: row.content,
  ...(row.model === null ? {} : { model: row.model }),
  ...(row.receipt === null ? {} : { receipt: row.receipt }),
  ...(row.finish_reason === null ? {} : { finishReason: row.finish_reason }),
  ...(row.prompt_tokens === null ? {} : { promptTokens: row.prompt_tokens }),
  ...(row.completion_tokens === null ? {} : { completionTokens: row.completion_tokens }),
  ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
  createdAt: row.created_at.toISOString(),
})

const find = async (ctx: Context, id: string, action: string): Promise<Row> => {
  const row = await rows(ctx).selectFrom('conversation').selectAll().where('id', '=', id).executeTakeFirst()
  // Someone else's and absent look the same, whatever one wants with it.
  if (!row || !(await ctx.permits(action, { kind: 'conversation', id, owner: row.owner }))) {
    await ctx.authorize('conversation.read', { kind: 'conversation', owner: ctx.actor.id }) // 401 for a session that has ended
    throw notFound(`No conversation ${id.slice(0, 100)}.`)
  }
  return row
}

export const listConversations = async (
  ctx: Context,
  { q, after, limit = 50 }: { q?: string | undefined; after?: string | undefined; limit?: number | undefined },
) => {
  await ctx.authorize('conversation.read', { kind: 'conversation', owner: ctx.actor.id })
  let query = rows(ctx)
    .selectFrom('conversation')
    .selectAll()
    .where('owner', '=', ctx.actor.id)
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
  if (q !== undefined) query = query.where('title', 'ilike', `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`)
  if (after !== undefined) query = query.where('updated_at', '<', new Date(after))
  const found = await query.execute()
  const items = found.slice(0, limit).map(toConversation)
  return { items, ...(found.length > limit ? { next: items.at(-1)!.updatedAt } : {}) }
}

export const createConversation = async (ctx: Context, { model, title }: Static<typeof NewConversation>) => {
  await ctx.authorize('conversation.write', { kind: 'conversation', owner: ctx.actor.id })
  const { count } = await rows(ctx)
    .selectFrom('conversation')
    .select((on) => on.fn.countAll<number>().as('count'))
    .where('owner', '=', ctx.actor.id)
    .executeTakeFirstOrThrow()
  if (count >= conversationsMax) throw conflict(`You keep ${count} conversations, as many as fit. Delete some first.`)
  const at = ctx.now()
  return atomically(ctx, async (tx) => {
    // Held until this ends: begun before its owner was deleted it is erased with the rest, begun after it would be nobody's for good.
    if (!(await principalExists(tx, tx.actor.id))) throw unauthenticated('You are no longer here.')
    const row = {
      id: newId('conversation', at),
      owner: tx.actor.id,
      title: title ?? 'New conversation',
      model,
      created_at: at,
      updated_at: at,
    }
    await rows(tx).insertInto('conversation').values(row).execute()
    await record(tx, 'conversation.write', { kind: 'conversation', id: row.id, owner: row.owner })
    return toConversation(row)
  })
}

const messagesOf = (ctx: Context, id: string) =>
  rows(ctx)
    .selectFrom('conversation_message')
    .selectAll()
    .where('conversation_id', '=', id)
    .orderBy('seq')
    .limit(messagesMax)
    .execute()

export const getConversation = async (ctx: Context, id: string): Promise<Static<typeof ConversationDetail>> => ({
  ...toConversation(await find(ctx, id, 'conversation.read')),
  messages: (await messagesOf(ctx, id)).map(toMessage),
})

export const renameConversation = async (ctx: Context, id: string, { title }: Static<typeof Rename>) => {
  const row = await find(ctx, id, 'conversation.write')
  return atomically(ctx, async (tx) => {
    await rows(tx).updateTable('conversation').set({ title }).where('id', '=', id).execute()
    await record(tx, 'conversation.write', { kind: 'conversation', id, owner: row.owner })
    return toConversation({ ...row, title })
  })
}

export const deleteConversation = async (ctx: Context, id: string): Promise<void> => {
  const row = await find(ctx, id, 'conversation.delete')
  await atomically(ctx, async (tx) => {
    await rows(tx).deleteFrom('conversation').where('id', '=', id).execute()
    await record(tx, 'conversation.delete', { kind: 'conversation', id, owner: row.owner })
  })
}

/** Stores what is said, streams the answer into the sink, and stores that too, also when it was stopped half-way. */
export const say = async (
  ctx: Context,
  id: string,
  { content, model, temperature, maxTokens, retry = false }: Static<typeof Say>,
  sink: Sink,
): Promise<Completion> => {
  const conversation = await find(ctx, id, 'conversation.write')
  const asked = model ?? conversation.model
  const past = await atomically(ctx, (tx) => putQuestion(tx, conversation, { content, model: asked, retry }))
  let answer = ''
  let receipt: string | null = null
  const request = {
    model: asked,
    stream: true,
    messages: past.map(({ role, content: text }) => ({ role, content: text })),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  }
  let done: Completion | undefined
  try {
    done = await complete(ctx, request, {
      started: (entry) => sink.started(((receipt = entry), entry)),
      text: (piece) => {
        answer += piece
        sink.text(piece)
      },
    })
    return done
  } finally {
    if (receipt !== null) await putAnswer(ctx, id, { answer, model: asked, receipt, done })
  }
}

const putQuestion = async (
  tx: Context,
  conversation: Row,
  { content, model, retry }: { content: string | undefined; model: string; retry: boolean },
) => {
  const { id } = conversation
  // Two windows on one conversation take turns; one that was deleted a moment ago takes nothing in.
  const held = await rows(tx).selectFrom('conversation').select('id').where('id', '=', id).forUpdate().executeTakeFirst()
  if (!held) throw notFound(`No conversation ${id}: it was deleted a moment ago.`)
  const past: Said[] = await messagesOf(tx, id)
  if (past.length >= messagesMax - 1)
    throw conflict(`This conversation has ${past.length} messages, as many as fit. Start a new one.`)
  if (retry && past.at(-1)?.role === 'assistant')
    await rows(tx).deleteFrom('conversation_message').where('id', '=', past.pop()!.id).execute()
  else if (!retry) {
    if (content === undefined || content.trim() === '') throw conflict('There is nothing to answer: say something first.')
    const row = {
      id: newId('message', tx.now()),
      conversation_id: id,
      role: 'user' as const,
      content,
      model: null,
      receipt: null,
      finish_reason: null,
      prompt_tokens: null,
      completion_tokens: null,
      duration_ms: null,
      created_at: tx.now(),
    }
    await rows(tx).insertInto('conversation_message').values(row).execute()
    past.push(row)
  }
  if (past.at(-1)?.role !== 'user') throw conflict('There is no question to answer.')
  const title =
    conversation.title === 'New conversation' && past.length === 1
      ? past[0]!.content.replaceAll(/\s+/g, ' ').trim().slice(0, titleMax)
      : conversation.title
  await rows(tx).updateTable('conversation').set({ title, model, updated_at: tx.now() }).where('id', '=', id).execute()
  return past
}

const putAnswer = async (
  ctx: Context,
  id: string,
  { answer, model, receipt, done }: { answer: string; model: string; receipt: string; done: Completion | undefined },
): Promise<void> => {
  await rows(ctx)
    .insertInto('conversation_message')
    .values({
      id: newId('message', ctx.now()),
      conversation_id: id,
      role: 'assistant',
      content: answer,
      model,
      receipt,
      finish_reason: done?.finishReason ?? 'failed',
      prompt_tokens: done?.usage.promptTokens ?? null,
      completion_tokens: done?.usage.completionTokens ?? null,
      duration_ms: done ? Math.round(done.totalMs) : null,
      created_at: ctx.now(),
    })
    .execute()
    .catch((error: unknown) => ctx.log.warn({ err: error, conversation: id }, 'an answer outlived its conversation'))
}

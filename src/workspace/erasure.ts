// What goes with a person who is deleted: all that was said to them and by them here.
import { record } from '#audit'
import { on } from '#platform/events.ts'
import { atomically, type Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { rows } from './conversations.ts'

/** A few at a time: a person can keep a million messages, and one statement over them all would outlast its limit. */
const batch = 50

export const defineErasure = (site: Site): void =>
  on<{ id: string }>(site.jobs, 'user.deleted', 'workspace', (ctx, { id }) => eraseConversations(ctx, id))

/** Nobody can add to them meanwhile: who is deleted begins no conversation (`createConversation`), and what is gone is not answered. */
const eraseConversations = async (ctx: Context, owner: string): Promise<void> => {
  while (await eraseSome(ctx, owner));
}

const eraseSome = (ctx: Context, owner: string): Promise<boolean> =>
  atomically(ctx, async (tx) => {
    const gone = await rows(tx)
      .deleteFrom('conversation')
      .where('id', 'in', (sub) => sub.selectFrom('conversation').select('id').where('owner', '=', owner).limit(batch))
      .returning('id')
      .execute()
    if (gone.length > 0)
      await record(tx, 'conversation.delete', { kind: 'user', id: owner }, { conversations: gone.length, because: 'user.delete' })
    return gone.length === batch
  })

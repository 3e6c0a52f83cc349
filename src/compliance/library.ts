// What can be assigned: the library that comes with the product, what publishers gave, and what was made here, each with what it asks for.
import { Type, type Static } from 'typebox'
import { builtin, Definition, Initiative, published } from '#guardrails'
import type { Context } from '#platform/context.ts'

const source = {
  ref: Type.String({ description: 'What an assignment names it by' }),
  source: Type.String({ description: 'builtin, or the name of the publisher' }),
}
export const Library = Type.Object({
  guardrails: Type.Array(Type.Object({ ...source, definition: Definition })),
  initiatives: Type.Array(Type.Object({ ...source, initiative: Initiative })),
})
export type Library = Static<typeof Library>

/** Not what was made here: that is in the inventory, where rights over it are decided one by one. */
export const library = async (ctx: Context): Promise<Library> => {
  await ctx.authorize('policy.read', { kind: 'guardrail' })
  const given = await published(ctx)
  return {
    guardrails: [...builtin.definitions, ...given.definitions].map(([ref, definition]) => ({ ...named(ref), definition })),
    initiatives: [...builtin.initiatives, ...given.initiatives].map(([ref, initiative]) => ({ ...named(ref), initiative })),
  }
}

const named = (ref: string) => ({ ref, source: ref.slice(0, ref.indexOf('/')) })

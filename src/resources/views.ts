// A search that was given a name, so that many look at the same thing.
import { Type, type Static } from 'typebox'
import type { Site } from '#platform/site.ts'
import type { Context } from '#platform/context.ts'
import { defineKind } from './kinds.ts'
import { parseQuery, queryCharsMax } from './query.ts'
import { get } from './read.ts'
import { search, sortPattern, type Search } from './search.ts'

const ViewSpec = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^\\u0000-\\u001f]*$' })),
    query: Type.String({ maxLength: queryCharsMax, description: 'In the language of the search box' }),
    sort: Type.Optional(Type.String({ pattern: sortPattern })),
    columns: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-zA-Z][\\w./-]{0,99}$' }), {
        maxItems: 20,
        description: 'Fields to show, by their name in a search',
      }),
    ),
  },
  { additionalProperties: false },
)

export const defineViews = (site: Site): void =>
  defineKind(site, {
    kind: 'view',
    plural: 'views',
    title: 'View',
    description: 'A saved search over the inventory; whoever opens it sees what they may read.',
    spec: ViewSpec,
    idPrefix: 'view',
    admit: async (_tx, { resource }) => void parseQuery((resource.spec as Static<typeof ViewSpec>).query), // checked against its form before
  })

/** What a view finds, narrowed further by the words given beside it. */
export const searchView = async (ctx: Context, { view, query, sort, ...page }: Search & { view: string }) => {
  const { spec } = await get(ctx, 'view', view)
  const saved = spec as Static<typeof ViewSpec> // checked when it was applied
  return search(ctx, { ...page, query: `${saved.query} ${query ?? ''}`.trim(), sort: sort ?? saved.sort })
}

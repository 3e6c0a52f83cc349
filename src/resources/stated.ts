// A resource as a file states it: what people say of it, complete, and nothing that the site adds.
import type { Context } from '#platform/context.ts'
import { referencesTo } from './references.ts'
import { criticalities, type Desired } from './schema.ts'
import type { Row } from './store.ts'

/** In the order of the rows; what one depends on is named so that it means the same on another site. */
export const documentsOf = async (ctx: Pick<Context, 'db'>, found: readonly Row[]): Promise<Desired[]> => {
  const refs = await referencesTo(ctx, [...new Set(found.flatMap(({ depends_on }) => depends_on))])
  return found.map((row) => documentOf(row, refs))
}

/** What is as if nobody had said it is left out. */
export const documentOf = (row: Row, refs: ReadonlyMap<string, string>): Desired => ({
  kind: row.kind,
  ...(row.path === '/' ? {} : { scope: row.path }),
  name: row.name,
  ...(Object.keys(row.labels).length === 0 ? {} : { labels: row.labels }),
  ...(row.rank === 0 && row.caveats.length === 0
    ? {}
    : { classification: { level: row.level, ...(row.caveats.length === 0 ? {} : { caveats: row.caveats }) } }),
  ...(row.criticality === null ? {} : { criticality: criticalities[row.criticality]! }), // the column's check holds it within
  ...(row.depends_on.length === 0 ? {} : { dependsOn: row.depends_on.map((id) => refs.get(id) ?? id).sort() }),
  spec: row.spec,
})

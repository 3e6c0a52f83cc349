// What a resource needs and what needs it, near and far, through what the caller may see.
import { Type, type Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { notFound } from '#platform/problem.ts'
import { kindsOf } from './kinds.ts'
import { Criticality } from './schema.ts'
import { visibleAmong } from './page.ts'
import { rows, select, toResource, type Row } from './store.ts'

const nodesMax = 500
export const depthMax = 16

export const Graph = Type.Object({
  nodes: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: Type.String(),
      name: Type.String(),
      scope: Type.String(),
      criticality: Type.Optional(Criticality),
      effectiveCriticality: Criticality,
    }),
  ),
  edges: Type.Array(
    Type.Object({
      from: Type.String({ description: 'What needs' }),
      to: Type.String({ description: 'What is needed' }),
      relation: Type.String(),
    }),
  ),
  truncated: Type.Boolean({ description: `There is more than ${nodesMax} things, or more beyond the depth` }),
})
export type Graph = Static<typeof Graph>

/** Outward in both directions; what is reached only through what one may not see is not reached. */
export const graph = async (
  ctx: Context,
  { resource, depth = depthMax }: { resource: string; depth?: number | undefined },
): Promise<Graph> => {
  const found = new Map<string, Row>()
  const [start] = await seen(ctx, [resource])
  if (!start) throw notFound(`No resource ${resource.slice(0, 200)}.`)
  found.set(start.id, start)
  const down = await follow(ctx, found, { from: [start.id], depth, near: 'from_id', far: 'to_id' })
  const up = await follow(ctx, found, { from: [start.id], depth, near: 'to_id', far: 'from_id' })
  return { nodes: [...found.values()].map(toNode), edges: await edgesAmong(ctx, [...found.keys()]), truncated: down || up }
}

const seen = async (ctx: Context, ids: readonly string[]): Promise<Row[]> =>
  ids.length === 0
    ? []
    : select(ctx)
        .where('resource.id', 'in', [...ids])
        .where(
          await visibleAmong(
            ctx,
            kindsOf(ctx.site).map(({ kind }) => kind),
          ),
        )
        .orderBy('resource.id')
        .execute()

type Way = { from: readonly string[]; depth: number; near: 'from_id' | 'to_id'; far: 'from_id' | 'to_id' }

/** One direction, a step at a time. Whether something was left out. */
const follow = async (ctx: Context, found: Map<string, Row>, { from, depth, near, far }: Way): Promise<boolean> => {
  if (from.length === 0) return false
  const next = await rows(ctx)
    .selectFrom('resource_edge')
    .select(`${far} as id`)
    .distinct()
    .where(near, 'in', [...from])
    .orderBy(far)
    .limit(nodesMax + 1)
    .execute()
  const fresh = (
    await seen(
      ctx,
      next.map(({ id }) => id),
    )
  ).filter(({ id }) => !found.has(id))
  if (fresh.length > 0 && depth === 0) return true
  const taken = fresh.slice(0, nodesMax - found.size)
  for (const row of taken) found.set(row.id, row)
  if (taken.length < fresh.length || next.length > nodesMax) return true
  return follow(ctx, found, { from: taken.map(({ id }) => id), depth: depth - 1, near, far })
}

const edgesAmong = async (ctx: Context, ids: readonly string[]): Promise<Graph['edges']> =>
  (
    await rows(ctx)
      .selectFrom('resource_edge')
      .selectAll()
      .where('from_id', 'in', [...ids])
      .where('to_id', 'in', [...ids])
      .orderBy('from_id')
      .orderBy('to_id')
      .execute()
  ).map(({ from_id: from, to_id: to, relation }) => ({ from, to, relation }))

const toNode = (row: Row): Graph['nodes'][number] => {
  const { id, kind, name, scope, criticality, effectiveCriticality } = toResource(row)
  return { id, kind, name, scope, ...(criticality === undefined ? {} : { criticality }), effectiveCriticality }
}

// What leans on what, drawn left to right: those that depend on the thing, the thing, what it depends on. Every node is a link, in reading order.
import type { ReactNode } from 'react'
import css from './graph.module.css'

export type GraphNode = { id: string; title: string; note: string; tone?: 'bad' | 'warn' | 'plain' }
export type GraphEdge = { from: string; to: string; relation: string }

const box = { width: 196, height: 52, gapX: 72, gapY: 16 }

/** Layer of each node, by its distance from the middle: negative for what depends on it. Nodes that cannot be reached are left out. */
export const layersOf = (centre: string, edges: readonly GraphEdge[]): Map<string, number> => {
  const layers = new Map([[centre, 0]])
  const walk = (step: 1 | -1) => {
    let reached = [centre]
    for (let layer = step; reached.length > 0; layer += step) {
      const next = edges
        .filter((edge) => reached.includes(step === 1 ? edge.from : edge.to))
        .map((edge) => (step === 1 ? edge.to : edge.from))
        .filter((id) => !layers.has(id))
      reached = [...new Set(next)]
      for (const id of reached) layers.set(id, layer)
    }
  }
  walk(1)
  walk(-1)
  return layers
}

type Placed = GraphNode & { x: number; y: number; layer: number }

const place = (centre: string, nodes: readonly GraphNode[], edges: readonly GraphEdge[]) => {
  const layers = layersOf(centre, edges)
  const columns = Map.groupBy(
    nodes.filter(({ id }) => layers.has(id)),
    ({ id }) => layers.get(id)!, // filtered by has
  )
  const first = Math.min(...columns.keys())
  const tallest = Math.max(...[...columns.values()].map((column) => column.length))
  const height = tallest * (box.height + box.gapY) - box.gapY
  const placed = new Map<string, Placed>()
  for (const [layer, column] of [...columns].sort(([a], [b]) => a - b)) {
    const top = (height - column.length * (box.height + box.gapY) + box.gapY) / 2
    for (const [i, node] of column.entries())
      placed.set(node.id, { ...node, layer, x: (layer - first) * (box.width + box.gapX), y: top + i * (box.height + box.gapY) })
  }
  return { placed, height, width: columns.size * (box.width + box.gapX) - box.gapX }
}

type GraphProps = {
  label: string
  centre: string
  nodes: readonly GraphNode[]
  edges: readonly GraphEdge[]
  /** The node as a link of the page's own router. */
  link: (node: GraphNode, content: ReactNode) => ReactNode
}

export function Graph({ label, centre, nodes, edges, link }: GraphProps) {
  const { placed, width, height } = place(centre, nodes, edges)
  return (
    <div className={css.scroll}>
      <div className={css.graph} style={{ width, height }} role="group" aria-label={label}>
        <svg width={width} height={height} aria-hidden>
          {edges.map(({ from, to }) => {
            const [a, b] = [placed.get(from), placed.get(to)]
            return a && b && <path key={`${from} ${to}`} className={css.edge} d={curve(a, b)} />
          })}
        </svg>
        {[...placed.values()].map((node) => (
          <div
            key={node.id}
            className={css.node}
            data-centre={node.id === centre || undefined}
            data-tone={node.tone}
            style={{ left: node.x, top: node.y, width: box.width, height: box.height }}
          >
            {link(
              node,
              <>
                <b>{node.title}</b>
                <span>{node.note}</span>
              </>,
            )}
          </div>
        ))}
      </div>
    </div>
  )
}

const curve = (a: Placed, b: Placed): string => {
  const [x1, y1, x2, y2] = [a.x + box.width, a.y + box.height / 2, b.x, b.y + box.height / 2]
  const bend = Math.max(24, (x2 - x1) / 2)
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`
}

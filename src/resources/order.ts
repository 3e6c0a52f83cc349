// In which order many documents are applied: a scope before what lies in it, what is needed before what needs it, and else as the rooms stand.
import type { Site } from '#platform/site.ts'
import { dependencyCycle } from './edges.ts'
import { kindOf, kindsOf } from './kinds.ts'
import { located } from './located.ts'
import type { Desired } from './schema.ts'

type Placed = { document: Desired; i: number }

/** By place and name where nothing else decides, so that two who apply the same files at once meet at the first of them, and not crosswise. */
export const inOrder = (site: Site, documents: readonly Desired[]): Placed[] => {
  const rank = new Map(kindsOf(site).map(({ kind }, i) => [kind, i]))
  const kinds = documents.map((document, i) => within(document, i, () => kindOf(site, document.kind)))
  const key = ({ document: { scope = '/', name }, i }: Placed) => ({
    depth: kinds[i]!.isScope ? scope.split('/').filter((part) => part !== '').length : Infinity,
    kind: rank.get(kinds[i]!.kind)!,
    path: pathOf(scope, name),
  })
  const sorted = documents
    .map((document, i) => ({ document, i, ...key({ document, i }) }))
    .sort((a, b) => compare(a.depth, b.depth) || a.kind - b.kind || compare(a.path, b.path) || a.i - b.i)
  return neededFirst(sorted, (document, i) => `${kinds[i]!.kind}:${pathOf(document.scope, document.name)}`)
}

const pathOf = (scope = '/', name: string): string => `${scope === '/' ? '' : scope.replace(/\/$/, '')}/${name}`
const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

const neededFirst = (sorted: readonly Placed[], nameOf: (document: Desired, i: number) => string): Placed[] => {
  const byName = new Map(sorted.map((placed) => [nameOf(placed.document, placed.i), placed]))
  const ordered = new Set<Placed>()
  const open = new Set<Placed>()
  const place = (placed: Placed): void => {
    if (ordered.has(placed)) return
    if (open.has(placed))
      throw located(dependencyCycle('It needs itself, through what other documents need.'), placed.document, placed.i)
    open.add(placed)
    for (const reference of placed.document.dependsOn ?? []) {
      const needed = byName.get(reference)
      if (needed) place(needed)
    }
    ordered.add(placed)
  }
  for (const placed of sorted) place(placed)
  return [...ordered]
}

const within = <T>(document: Desired, i: number, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    throw located(error, document, i)
  }
}

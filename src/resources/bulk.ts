// Many documents at once, from files: all of them or none, scopes before what lies in them, and what others need before what needs it.
import { atomically, type Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { apply } from './apply.ts'
import { kindOf } from './kinds.ts'
import type { Applied, Desired } from './schema.ts'

class DryRun extends Error {
  readonly changes: Applied[]
  constructor(changes: Applied[]) {
    super('a dry run is rolled back')
    this.changes = changes
  }
}

export const documentsMax = 500

/** All or nothing, scopes before what lies in them. A dry run does everything and takes it back. */
export const applyAll = async (ctx: Context, documents: readonly Desired[], { dryRun = false } = {}): Promise<Applied[]> => {
  await ctx.authorize('organisation.read', { kind: 'organisation' }) // open to all who are signed in; each document is decided below
  if (dryRun && ctx.inTransaction) throw new Error('A dry run is rolled back, so it cannot join a transaction that is kept')
  const depth = ({ kind, scope = '/' }: Desired) =>
    kindOf(ctx.site, kind).isScope ? scope.split('/').filter((part) => part !== '').length : 1000
  const ordered = documents
    .map((document, i) => ({ document, i, depth: within(document, i, () => depth(document)) }))
    .sort((a, b) => a.depth - b.depth || a.i - b.i)
  const run = atomically(ctx, async (tx) => {
    const changes = Array.from<Applied>({ length: documents.length })
    for (const { document, i } of ordered)
      changes[i] = await apply(tx, document).catch((error: unknown) => {
        throw located(error, document, i)
      })
    if (dryRun) throw new DryRun(changes)
    return changes
  })
  return run.catch((error: unknown) => {
    if (error instanceof DryRun) return error.changes
    throw error
  })
}

const within = <T>(document: Desired, i: number, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    throw located(error, document, i)
  }
}

/** Says which of many documents was refused. */
const located = (error: unknown, { kind, scope = '/', name }: Desired, i: number): unknown =>
  error instanceof Problem
    ? new Problem(
        error,
        `Document ${i + 1} (${kind.slice(0, 80)} ${name.slice(0, 80)} at ${scope.slice(0, 200)}): ${error.message} Nothing was applied.`,
        { ...error.facts, headers: error.headers, document: i },
        error,
      )
    : error

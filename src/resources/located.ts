import { Problem } from '#platform/problem.ts'
import type { Desired } from './schema.ts'

/** Says which of many documents was refused. */
export const located = (error: unknown, { kind, scope = '/', name }: Desired, i: number): unknown =>
  error instanceof Problem
    ? new Problem(
        error,
        `Document ${i + 1} (${kind.slice(0, 80)} ${name.slice(0, 80)} at ${scope.slice(0, 200)}): ${error.message} Nothing was applied.`,
        { ...error.facts, headers: error.headers, document: i },
        error,
      )
    : error

// The peer of bench/policy.ts: OPA's own engine as a Go library (bench/opa), asked the same questions over the same assignments.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

const program = '.cache/bench-opa'
/** The first round warms what OPA keeps; the last one counts. */
const rounds = 2

export type OpaWorld = {
  readonly grants: Readonly<Record<string, readonly { role: string; scope: string }[]>>
  readonly ancestors: Readonly<Record<string, readonly string[]>>
  readonly roles: Readonly<Record<string, readonly string[]>>
}
export type OpaRequest = { readonly principal: string; readonly action: string; readonly scope: string }

/** Times in µs and decisions, one of each a request, in order. Throws when `scripts/bench-tools.sh` has not built the program. */
export const askOpa = async (
  data: OpaWorld,
  requests: readonly OpaRequest[],
): Promise<{ timesUs: number[]; allowed: boolean[] }> => {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  child.stdin.end(JSON.stringify({ data, requests, rounds }))
  const answer = await text(child.stdout)
  const [code] = (await ended) as [number | null] // 'close' says the exit code
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
  return JSON.parse(answer) as { timesUs: number[]; allowed: boolean[] } // bench/opa/main.go writes it
}

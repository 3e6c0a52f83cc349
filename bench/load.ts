// A closed loop of calls over kept-alive connections, and the times they took.
import http from 'node:http'

export type Call = { url: string; body: string; headers?: Record<string, string> }
export type Timing = { ms: number; firstByteMs: number; status: number; bytes: number }

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

export const call = ({ url, body, headers = {} }: Call): Promise<Timing> =>
  new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const request = http.request(url, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    })
    request.on('error', reject).on('response', (response) => {
      let bytes = 0
      let firstByteMs = 0
      response.on('data', (chunk: Buffer) => {
        if (bytes === 0) firstByteMs = performance.now() - startedMs
        bytes += chunk.length
      })
      response
        .on('error', reject)
        .on('end', () => resolve({ ms: performance.now() - startedMs, firstByteMs, status: response.statusCode ?? 0, bytes }))
    })
    request.end(body)
  })

/** More than so many failures and a figure says nothing. */
const failedShareMax = 0.01

/** `count` calls by `streams` callers, each sending its next when its last has ended. */
export const load = async (what: Call, { count, streams }: { count: number; streams: number }): Promise<Timing[]> => {
  let left = count
  const timings: Timing[] = []
  const caller = async () => {
    while (left-- > 0) timings.push(await call(what))
  }
  await Promise.all(Array.from({ length: streams }, caller))
  const failed = timings.filter(({ status }) => status !== 200)
  if (failed.length > count * failedShareMax)
    throw new Error(`${failed.length} of ${count} calls to ${what.url} failed, the first with ${failed[0]?.status}`)
  return timings
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

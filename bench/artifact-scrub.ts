// Reading everything again, at a share of the disk's speed, while requests are answered.
//
// Expectation: plain reading is the disk (about 1–2 GB/s here, cold). The scrub reads and hashes 8 MiB at a stretch (sha256 about 1.5 GB/s a core, in a thread of
// its own) and rests for the rest of the time: at 10 % about a tenth of 1/(1/read + 1/hash), so below 10 % of plain reading; it never goes beyond 512 MiB/s.
// Requests meet at most the copying of pieces to the thread, so their times stay.
import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './load.ts'
import { cpuSeconds, pssMb, start, until, type Started } from './process.ts'
import { report } from './report.ts'

const blobs = 4
const blobBytes = 128 * 1024 ** 2
const percents = [10, 25, 50, 100]
const idleRequests = 300
const mb = 1e6
const password = 'bench: correct horse battery staple'

type Site = { started: Started; url: string; setupToken: string | null }

const up = async (home: string, percent: number): Promise<Site> => {
  const env = {
    HOLDFAST_HOME: home,
    HOLDFAST_PORT: '0',
    HOLDFAST_SCRUB_PERCENT: String(percent),
    HOLDFAST_ASSETS_DIR: '.cache/assets',
  }
  const started = start(process.execPath, ['src/main.ts', 'up'], env)
  await until(started, () => /Holdfast is up/.test(started.output()), 120)
  const link = new URL(/(http\S+)/.exec(started.output())![1]!)
  return { started, url: link.origin, setupToken: link.searchParams.get('token') }
}

const keyOf = async ({ url, setupToken }: Site): Promise<string> => {
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify({ token: setupToken, organisation: 'Bench', username: 'owner', displayName: 'Owner', password })
  const made = await fetch(`${url}/api/v1/setup`, { method: 'POST', headers: json, body })
  const cookie = made.headers.getSetCookie()[0]!.split(';')[0]!
  const { csrf } = (await (await fetch(`${url}/api/v1/session`, { headers: { cookie } })).json()) as { csrf: string }
  const headers = { ...json, cookie, 'x-csrf-token': csrf }
  const key = await fetch(`${url}/api/v1/keys`, { method: 'POST', headers, body: JSON.stringify({ name: 'bench' }) })
  return ((await key.json()) as { secret: string }).secret
}

const ask = async (site: Site, key: string, method: string, path: string, body?: Buffer): Promise<string> => {
  const reply = await fetch(`${site.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: body as unknown as string }), // fetch takes buffers; Node's types know fewer
  })
  const text = await reply.text()
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`)
  return text
}

const fill = async (site: Site, key: string): Promise<void> => {
  const content = Buffer.alloc(blobBytes)
  for (let n = 0; n < blobs; n++) {
    randomFillSync(content)
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    await ask(site, key, 'POST', `/v2/bench/blobs/uploads/?digest=${digest}`, content)
  }
}

/** Out of the page cache: a scrub that reads memory measures memory. */
const cool = (home: string): string[] => {
  execFileSync('sync')
  const files = globSync(join(home, 'blobs/sha256/*/*'))
  for (const file of files) execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
  return files
}

const plain = async (home: string): Promise<number> => {
  const files = cool(home)
  const startedMs = performance.now()
  let bytes = 0
  for (const file of files)
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 ** 2 })) bytes += (chunk as Buffer).length
  return bytes / mb / ((performance.now() - startedMs) / 1000)
}

const scrubbedBytes = async (site: Site, key: string): Promise<number> =>
  Number(/^holdfast_artifact_scrubbed_bytes_total (\S+)$/m.exec(await ask(site, key, 'GET', '/metrics'))?.[1] ?? 0)

/** One after the other, for as long as it goes on. */
const requestTimes = async (site: Site, key: string, goesOn: () => boolean): Promise<number[]> => {
  const times: number[] = []
  while (goesOn()) {
    const startedMs = performance.now()
    await ask(site, key, 'GET', '/api/v1/session')
    times.push(performance.now() - startedMs)
  }
  return times.toSorted((a, b) => a - b)
}

const at = (times: number[], share: number): number => +(times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2)

const scrub = async (home: string, key: string, percent: number) => {
  const site = await up(home, percent)
  let asked = 0
  const idle = await requestTimes(site, key, () => asked++ < idleRequests)
  cool(home)
  const cpuBefore = cpuSeconds(site.started.pid)
  const startedMs = performance.now()
  await ask(site, key, 'POST', '/api/v1/storage/scrub')
  let done = false
  const times = requestTimes(site, key, () => !done)
  await until(site.started, async () => (await scrubbedBytes(site, key)) >= blobs * blobBytes, 600)
  const seconds = (performance.now() - startedMs) / 1000
  done = true
  const busy = await times
  const row = {
    percent,
    mbPerSecond: +((blobs * blobBytes) / mb / seconds).toFixed(1),
    cpuSecondsPerGb: +((cpuSeconds(site.started.pid) - cpuBefore) / ((blobs * blobBytes) / 1e9)).toFixed(2),
    siteMb: Math.round(pssMb(site.started.pid, ({ pid }) => pid === site.started.pid)),
    requestMsIdle: [at(idle, 0.5), at(idle, 0.99)].join(' / '),
    requestMsBusy: [at(busy, 0.5), at(busy, 0.99)].join(' / '),
    busyOverIdle: +(at(busy, 0.5) / at(idle, 0.5)).toFixed(2),
  }
  await site.started.stop()
  return row
}

export const run = async (): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    const site = await up(home, 0)
    const key = await keyOf(site)
    await fill(site, key)
    await site.started.stop()
    const plainRates = [await plain(home), await plain(home), await plain(home)]
    const plainMb = median(plainRates)
    const rows = []
    for (const percent of percents) rows.push(await scrub(home, key, percent))
    await report('artifact-scrub', {
      notes: `${blobs} blobs of ${blobBytes / 1024 ** 2} MiB, out of the page cache; request times are of GET /api/v1/session, median / 99th percentile, one client. CPU includes that client's requests.`,
      rows: rows.map((row) => ({ ...row, ofPlain: +((row.mbPerSecond / plainMb) * 100).toFixed(1) })),
      ratios: {
        'plain reading, MB/s': +plainMb.toFixed(0),
        'at 10 %: percent of plain reading': +((rows[0]!.mbPerSecond / plainMb) * 100).toFixed(1),
        'at 10 %: median request against idle': rows[0]!.busyOverIdle,
      },
      targets: { 'at 10 %: percent of plain reading': '≤ 10', 'at 10 %: median request against idle': '< 1.5' },
    })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

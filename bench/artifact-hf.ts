// `hf download` of one large file from a site, against the same command and the same file from a plain static server, in one run.
//
// Expectation, on the back of an envelope: the client writes what it gets in pieces of 10 MB and is Python, at 300–600 MB/s on one core; we and the plain
// server both only copy a file into a socket (Node: read, then write, about 1 GB/s). So both rates should be the client's, and their ratio near 1.
// Both servers run on this machine's cores beside the client; runs alternate, so that a disturbance hits both. `cat` into nowhere by curl shows the servers alone.
import { execFile, spawn } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream, existsSync, mkdtempSync, openSync, rmSync, writeSync, closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median } from './load.ts'
import { cpuSeconds, pssMb, start, until } from './process.ts'
import { report } from './report.ts'
import { benchSite, type BenchSite } from './site.ts'

const sizeBytes = 1024 ** 3
const rounds = 5
const name = 'model.safetensors'
const hf = '.cache/py/bin/hf'
const runFile = promisify(execFile)

export const run = async (): Promise<void> => {
  if (!existsSync(hf)) return void process.stdout.write(`artifact-hf: ${hf} is not installed (scripts/test-tools.sh)\n`)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-hf-'))
  const site = await benchSite()
  const file = join(folder, name)
  const digest = makeFile(file)
  const key = await site.key()
  const commit = await pushModel(site, key, file, digest)
  const plain = start(process.execPath, ['bench/plain-hub.ts', file, commit, digest])
  try {
    await until(plain, () => /listening \d+/.test(plain.output()), 20)
    const plainUrl = `http://127.0.0.1:${/listening (\d+)/.exec(plain.output())![1]}`
    const sides = { holdfast: { url: `${site.url}/hf`, pid: site.started.pid }, plain: { url: plainUrl, pid: plain.pid } }
    const seen = { holdfast: [] as Seen[], plain: [] as Seen[] }
    for (let round = -1; round < rounds; round++)
      for (const side of ['holdfast', 'plain'] as const) {
        const one = await download(folder, sides[side], key)
        if (round >= 0) seen[side].push(one) // the first of each reads from the disk, and compiles
      }
    const curled = { holdfast: await curl(sides.holdfast.url, key), plain: await curl(sides.plain.url, key) }
    await tell(seen, curled)
  } finally {
    await plain.stop()
    await site.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Seen = { seconds: number; serverCpuSeconds: number; serverMb: number }

const makeFile = (path: string): string => {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(1024 ** 2)
  const out = openSync(path, 'w')
  for (let written = 0; written < sizeBytes; written += piece.length) {
    randomFillSync(piece)
    hash.update(piece)
    writeSync(out, piece)
  }
  closeSync(out)
  return hash.digest('hex')
}

/** As a client of the registry would. Answers the commit that the manifest is called by. */
const pushModel = async (site: BenchSite, key: string, file: string, sha256: string): Promise<string> => {
  const ask = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${site.url}/v2/hub/bench/large/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      body,
      duplex: 'half',
    } as RequestInit) // `duplex` is of fetch, and not yet of its types
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    return reply
  }
  const config = Buffer.from('{}')
  const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`
  await ask('POST', `blobs/uploads/?digest=${configDigest}`, config)
  await ask('POST', `blobs/uploads/?digest=sha256:${sha256}`, createReadStream(file, { highWaterMark: 1024 ** 2 }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    artifactType: 'application/vnd.cncf.model.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: configDigest, size: config.length },
    layers: [
      {
        mediaType: 'application/vnd.cncf.model.weight.v1.raw',
        digest: `sha256:${sha256}`,
        size: sizeBytes,
        annotations: { 'org.cncf.model.filepath': name },
      },
    ],
  })
  const reply = await ask('PUT', 'manifests/main', manifest, { 'content-type': mediaType })
  return reply.headers.get('docker-content-digest')!.slice('sha256:'.length, 'sha256:'.length + 40)
}

const download = async (folder: string, { url, pid }: { url: string; pid: number }, key: string): Promise<Seen> => {
  const to = join(folder, 'to')
  rmSync(to, { recursive: true, force: true })
  const cpuBefore = cpuSeconds(pid)
  const startedMs = performance.now()
  await runFile(hf, ['download', 'bench/large', name, '--local-dir', to], {
    env: {
      PATH: process.env['PATH'],
      HF_HOME: join(folder, 'home'),
      HF_ENDPOINT: url,
      HF_TOKEN: key,
      HF_HUB_DISABLE_TELEMETRY: '1',
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
    },
  })
  const seconds = (performance.now() - startedMs) / 1000
  return { seconds, serverCpuSeconds: cpuSeconds(pid) - cpuBefore, serverMb: pssMb(pid, (stat) => stat.pid === pid) }
}

/** Seconds for the file by a client that throws it away. */
const curl = async (url: string, key: string): Promise<number> => {
  const one = async () => {
    const startedMs = performance.now()
    const child = spawn('curl', [
      '-sf',
      '-o',
      '/dev/null',
      '-H',
      `authorization: Bearer ${key}`,
      `${url}/bench/large/resolve/main/${name}`,
    ])
    await new Promise<void>((resolve, reject) =>
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`curl ended with ${code}`)))),
    )
    return (performance.now() - startedMs) / 1000
  }
  return median([await one(), await one(), await one()])
}

const tell = async (seen: { holdfast: Seen[]; plain: Seen[] }, curled: { holdfast: number; plain: number }): Promise<void> => {
  const megabytes = sizeBytes / 1e6
  const row = (side: 'holdfast' | 'plain') => ({
    server: side,
    'hf MB/s': Math.round(megabytes / median(seen[side].map(({ seconds }) => seconds))),
    'curl MB/s': Math.round(megabytes / curled[side]),
    'CPU s/GB of the server': +(median(seen[side].map(({ serverCpuSeconds }) => serverCpuSeconds)) / (sizeBytes / 1e9)).toFixed(
      2,
    ),
    'MB of the server': Math.round(median(seen[side].map(({ serverMb }) => serverMb))),
  })
  const rows = [row('holdfast'), row('plain')] as const
  await report('artifact-hf', {
    notes: `hf download of one file of ${sizeBytes} bytes into a folder, the whole command, median of ${rounds} alternating rounds; plain is a static server of Node that knows this one file.`,
    rows: [...rows],
    ratios: {
      'hf download, ours ÷ plain HTTP': +(rows[0]['hf MB/s'] / rows[1]['hf MB/s']).toFixed(2),
      'curl, ours ÷ plain HTTP': +(rows[0]['curl MB/s'] / rows[1]['curl MB/s']).toFixed(2),
    },
    targets: { 'hf download, ours ÷ plain HTTP': '≥ 0.9' },
  })
}

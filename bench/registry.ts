// The registry against CNCF distribution (its reference implementation, Go), one after the other in one run, by the same clients, on the same disk.
//
// Expectation: a push is one sha256 of every byte (about 1 GB/s a core here) and one write of it; a pull is one copy from the page cache to a socket, which
// distribution leaves to the kernel (sendfile) and Node does not. A small layer is two or three requests, each a few rows in PostgreSQL with us and a few
// files with distribution; both sync what they acknowledge.
import { execFile, spawn } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync, closeSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cpuSeconds, start, tree, until, type Started } from './process.ts'
import { report } from './report.ts'
import { benchSite, ready } from './site.ts'

const gb = 1e9
const largeBytes = 5 * gb
const modelBytes = 0.5 * gb
const smallLayers = 2_000
const smallBytes = 10_000
/** As docker and podman push and pull. */
const clientsAtOnce = 5
const pullsAtOnce = 64
const manifestReads = 5_000
const manifestReadersAtOnce = 16

type Subject = {
  readonly name: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly started: Started
  stop(): Promise<void>
}

export const run = async (): Promise<void> => {
  if (!existsSync('.cache/go-bin/registry')) {
    process.stdout.write(
      '\nregistry: CNCF distribution is not built (scripts/bench-tools.sh), so there is nothing to compare with.\n',
    )
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-registry-'))
  const files = { large: join(folder, 'large'), model: join(folder, 'model') }
  const digests = { large: await randomFile(files.large, largeBytes), model: await randomFile(files.model, modelBytes) }
  const results: Record<string, Measured[]> = {}
  try {
    for (const begin of [distribution, holdfast]) {
      const subject = await begin(folder)
      results[subject.name] = await measureAll(subject, files, digests)
      await subject.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  await tell(results)
}

const tell = async (results: Record<string, Measured[]>): Promise<void> => {
  const rows = Object.entries(results).flatMap(([who, measured]) => measured.map((one) => ({ who, ...one })))
  const ours = results['holdfast']!
  const theirs = results['distribution']!
  const ratios: Record<string, number> = {}
  for (const [at, { what, seconds, cpu }] of ours.entries()) {
    ratios[`${what}: rate, ours over distribution's`] = +(theirs[at]!.seconds / seconds).toFixed(2)
    ratios[`${what}: CPU seconds, ours over distribution's`] = +(cpu / Math.max(theirs[at]!.cpu, 0.01)).toFixed(2)
  }
  ratios['memory taken while pushing and pulling, MB, most'] = Math.max(...ours.map(({ grewMb }) => grewMb))
  await report('registry', {
    notes: `curl for large blobs, ${clientsAtOnce} connections of one Node process for small ones. CPU seconds of the server and its children, PostgreSQL included. Memory: peak resident of the server process over what it had at rest.`,
    rows,
    ratios,
    targets: {
      ...Object.fromEntries(
        Object.keys(ratios)
          .filter((name) => name.includes(': rate') && !name.includes('manifest'))
          .map((name) => [name, '≥ 1']),
      ),
      'memory taken while pushing and pulling, MB, most': '≤ 128',
    },
  })
}

const randomFile = async (path: string, bytes: number): Promise<string> => {
  const file = openSync(path, 'w')
  const hash = createHash('sha256')
  const piece = Buffer.alloc(10_000_000)
  for (let written = 0; written < bytes; written += piece.length) {
    randomFillSync(piece)
    hash.update(piece)
    writeSync(file, piece)
  }
  closeSync(file)
  await promisify(execFile)('sync', [path])
  return `sha256:${hash.digest('hex')}`
}

const distribution = async (folder: string): Promise<Subject> => {
  const port = 20_000 + (process.pid % 20_000)
  const config = join(folder, 'distribution.yml')
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${join(folder, 'distribution')}}, delete: {enabled: true}}\nhttp: {addr: '127.0.0.1:${port}'}\n`,
  )
  const started = start('.cache/go-bin/registry', ['serve', config], { OTEL_TRACES_EXPORTER: 'none' })
  const url = `http://127.0.0.1:${port}`
  await until(started, async () => (await fetch(`${url}/v2/`)).ok, 30)
  return { name: 'distribution', url, headers: {}, started, stop: () => started.stop() }
}

const holdfast = async (): Promise<Subject> => {
  const site = await benchSite()
  await ready(site, 'smollm2') // what the start itself costs is no cost of a push
  const key = await site.key()
  return {
    name: 'holdfast',
    url: site.url.replace('localhost', '127.0.0.1'),
    headers: { authorization: `Bearer ${key}` },
    started: site.started,
    stop: () => site.stop(),
  }
}

type Measured = { what: string; seconds: number; mbPerSecond: number; cpu: number; grewMb: number }

const serverPid = ({ started }: Subject): number => tree(started.pid).find(({ name }) => name !== 'postgres')?.pid ?? started.pid

const statusMb = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

const measure = async (subject: Subject, what: string, bytes: number, run: () => Promise<void>): Promise<Measured> => {
  const pid = serverPid(subject)
  writeFileSync(`/proc/${pid}/clear_refs`, '5') // proc(5): the peak is counted anew
  const before = { mb: statusMb(pid, 'VmRSS'), cpu: cpuSeconds(subject.started.pid), ms: performance.now() }
  await run()
  const seconds = (performance.now() - before.ms) / 1000
  const result = {
    what,
    seconds: +seconds.toFixed(2),
    mbPerSecond: Math.round(bytes / 1e6 / seconds),
    cpu: +(cpuSeconds(subject.started.pid) - before.cpu).toFixed(2),
    grewMb: Math.round(statusMb(pid, 'VmHWM') - before.mb),
  }
  process.stdout.write(
    `  ${subject.name}: ${what}: ${result.seconds} s, ${result.mbPerSecond} MB/s, ${result.cpu} CPU s, grew ${result.grewMb} MB\n`,
  )
  return result
}

type Files = { large: string; model: string }

const measureAll = async (subject: Subject, files: Files, digests: Files): Promise<Measured[]> => {
  const small = Array.from({ length: smallLayers }, () => randomFillSync(Buffer.alloc(smallBytes)))
  const layers = small.map((content) => ({ content, digest: `sha256:${createHash('sha256').update(content).digest('hex')}` }))
  const smallTotal = smallLayers * smallBytes
  const results = [
    await measure(subject, 'push 5 GB in one layer', largeBytes, () => pushFile(subject, files.large, digests.large)),
    await measure(subject, 'pull 5 GB in one layer', largeBytes, () => pullFile(subject, digests.large)),
    await measure(subject, `push ${smallLayers} small layers`, smallTotal, () =>
      each(layers, clientsAtOnce, (layer) => pushSmall(subject, layer)),
    ),
    await measure(subject, `pull ${smallLayers} small layers`, smallTotal, () =>
      each(layers, clientsAtOnce, ({ digest }) => pullSmall(subject, digest)),
    ),
  ]
  await pushFile(subject, files.model, digests.model)
  results.push(
    await measure(subject, `${pullsAtOnce} pulls of one model at once`, modelBytes * pullsAtOnce, async () => {
      await Promise.all(Array.from({ length: pullsAtOnce }, () => pullFile(subject, digests.model)))
    }),
  )
  await pushManifest(subject, digests.model, modelBytes)
  results.push(
    await measure(subject, `${manifestReads} manifest reads`, 0, () =>
      each(Array.from({ length: manifestReads }), manifestReadersAtOnce, () =>
        ask(subject, 'GET', '/v2/bench/manifests/v1').then(() => {}),
      ),
    ),
  )
  return results
}

const each = async <T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) await run(items[next++]!)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const curl = (subject: Subject, ...args: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = Object.entries(subject.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const child = spawn('curl', ['-sS', '--fail', '-o', '/dev/null', ...headers, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`curl ${args.join(' ')} ended with ${code}`))))
  })

const uploadUrl = async (subject: Subject, digest: string): Promise<string> => {
  const { headers } = await ask(subject, 'POST', '/v2/bench/blobs/uploads/')
  const url = new URL(headers['location']!, subject.url)
  url.searchParams.set('digest', digest)
  return url.href
}

const pushFile = async (subject: Subject, path: string, digest: string): Promise<void> =>
  curl(subject, '-T', path, '-H', 'content-type: application/octet-stream', await uploadUrl(subject, digest))

const pullFile = (subject: Subject, digest: string): Promise<void> => curl(subject, `${subject.url}/v2/bench/blobs/${digest}`)

type Layer = { content: Buffer; digest: string }

const pushSmall = async (subject: Subject, { content, digest }: Layer): Promise<void> => {
  const { pathname, search } = new URL(await uploadUrl(subject, digest))
  await ask(subject, 'PUT', `${pathname}${search}`, content, 'application/octet-stream')
}

const pullSmall = async (subject: Subject, digest: string): Promise<void> =>
  void (await ask(subject, 'GET', `/v2/bench/blobs/${digest}`))

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

const pushManifest = async (subject: Subject, digest: string, size: number): Promise<void> => {
  const config = Buffer.from('{}')
  const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`
  await pushSmall(subject, { content: config, digest: configDigest })
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: configDigest, size: config.length },
    layers: [{ mediaType: 'application/octet-stream', digest, size }],
  }
  await ask(subject, 'PUT', '/v2/bench/manifests/v1', Buffer.from(JSON.stringify(manifest)), manifestType)
}

const agent = new Agent({ keepAlive: true })

const ask = (
  { url, headers }: Subject,
  method: string,
  path: string,
  body?: Buffer,
  type?: string,
): Promise<{ headers: Record<string, string | undefined> }> =>
  new Promise((resolve, reject) => {
    const sent = {
      accept: manifestType,
      ...headers,
      ...(body === undefined ? { 'content-length': '0' } : { 'content-length': String(body.length), 'content-type': type }),
    }
    request(new URL(path, url), { method, agent, headers: sent }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => {
        if (reply.statusCode! < 300) resolve({ headers: reply.headers as Record<string, string | undefined> }) // none of these comes twice
        else reject(new Error(`${method} ${path}: ${reply.statusCode} ${Buffer.concat(chunks).toString().slice(0, 500)}`))
      })
    })
      .on('error', reject)
      .end(body)
  })

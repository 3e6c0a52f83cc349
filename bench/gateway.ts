// The gateway against LiteLLM's proxy (PyPI) and Portkey's gateway (npm), over one mock upstream, in one run.
//
// Expectation, on the back of an envelope: a pass-through by node:http costs 83 µs of CPU per call (measured before, in research), a hash of a key, one
// cached decision and one small transaction perhaps 400 µs more; LiteLLM was seen at 12,500 µs and Portkey at 1,500 µs.
// CPU is what the kernel charged to the gateway's process tree while it served; PostgreSQL's share of ours is printed beside it.
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { call, load, median, percentile, type Call } from './load.ts'
import { cpuSeconds, start, tree, until, type Started } from './process.ts'
import { report } from './report.ts'
import { benchSite, ready } from './site.ts'

const streams = 8
const callsMeasured = { holdfast: 4000, portkey: 3000, litellm: 400, mock: 6000 }
const rounds = 40
const body = (stream: boolean) =>
  JSON.stringify({
    model: 'mock',
    stream,
    messages: [{ role: 'user', content: 'How is the harbour light kept burning through the night? '.repeat(2) }],
  })
const nonStream = body(false)

type Rival = { name: keyof typeof callsMeasured; what: Call; streamed: Call; started: Started }

const startMock = async (): Promise<{ started: Started; url: string }> => {
  const started = start(process.execPath, ['bench/mock-upstream.ts'])
  await until(started, () => /listening \d+/.test(started.output()), 20)
  return { started, url: `http://127.0.0.1:${/listening (\d+)/.exec(started.output())![1]}/v1` }
}

const rival = (name: Rival['name'], started: Started, url: string, headers: Record<string, string> = {}): Rival => ({
  name,
  started,
  what: { url, body: nonStream, headers },
  streamed: { url, body: body(true), headers },
})

const startHoldfast = async (mock: string) => {
  const site = await benchSite()
  await site.api('PUT', '/deployments', {
    scope: '/',
    name: 'mock',
    spec: {
      engine: 'openai',
      model: 'mock',
      baseUrl: mock,
      upstreamModel: 'mock',
      parallel: 16,
      contextTokens: 8192,
      queueMax: 256,
      recordContent: 'none',
    },
  })
  await ready(site, 'mock')
  return {
    site,
    rival: rival('holdfast', site.started, `${site.url}/v1/chat/completions`, { authorization: `Bearer ${await site.key()}` }),
  }
}

/** Portkey gets the Node that this project was started with, as its users run it. */
const systemNode = (): string =>
  (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path) && realpathSync(path) !== realpathSync(process.execPath)) ?? process.execPath

const startPortkey = async (mock: string, port: number): Promise<Rival | undefined> => {
  const program = '.cache/bench-npm/node_modules/@portkey-ai/gateway/build/start-server.js'
  if (!existsSync(program)) return undefined
  const started = start(systemNode(), [program, '--headless', `--port=${port}`], { NODE_ENV: 'production' })
  const made = rival('portkey', started, `http://127.0.0.1:${port}/v1/chat/completions`, {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': mock,
    authorization: 'Bearer sk-mock',
  })
  await until(started, async () => (await call(made.what)).status === 200, 60)
  return made
}

const startLitellm = async (mock: string, port: number): Promise<Rival | undefined> => {
  const program = '.cache/bench-py/bin/litellm'
  if (!existsSync(program)) return undefined
  const started = start(
    program,
    ['--config', join('bench', 'litellm.yaml'), '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
    {
      MOCK_URL: mock,
      LITELLM_MASTER_KEY: 'sk-bench',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_TELEMETRY: 'False',
      LITELLM_LOG: 'ERROR',
    },
  )
  const made = rival('litellm', started, `http://127.0.0.1:${port}/v1/chat/completions`, { authorization: 'Bearer sk-bench' })
  await until(started, async () => (await call(made.what)).status === 200, 240)
  return made
}

/** CPU microseconds per call, warm, with `streams` callers. */
const cpuPerCall = async (it: Rival, which: Call, count: number) => {
  await load(which, { count: Math.ceil(count / 5), streams })
  const database = (name: string) => name === 'postgres'
  const before = { all: cpuSeconds(it.started.pid), database: cpuSeconds(it.started.pid, (stat) => database(stat.name)) }
  const startedMs = performance.now()
  await load(which, { count, streams })
  const seconds = (performance.now() - startedMs) / 1000
  const databaseUs = ((cpuSeconds(it.started.pid, (stat) => database(stat.name)) - before.database) / count) * 1e6
  const allUs = ((cpuSeconds(it.started.pid) - before.all) / count) * 1e6
  return {
    cpuUs: Math.round(allUs - databaseUs),
    databaseCpuUs: Math.round(databaseUs),
    callsPerSecond: Math.round(count / seconds),
  }
}

/** Latency added over the bare mock: single calls, direct and through each gateway in turn, so that drift of the machine hits all alike. */
const addedLatency = async (direct: Call, rivals: Rival[]) => {
  const times = new Map<string, number[]>([['mock', []], ...rivals.map(({ name }): [string, number[]] => [name, []])])
  for (let round = 0; round < rounds; round++)
    for (const [name, what] of [['mock', direct] as const, ...rivals.map((it) => [it.name, it.what] as const)])
      for (let i = 0; i < 5; i++) times.get(name)!.push((await call(what)).ms)
  const base = times.get('mock')!
  return Object.fromEntries(
    rivals.map(({ name }) => [
      name,
      { p50: median(times.get(name)!) - median(base), p99: percentile(times.get(name)!, 0.99) - percentile(base, 0.99) },
    ]),
  )
}

type Row = {
  gateway: string
  cpuUs: number
  databaseCpuUs: number
  callsPerSecond: number
  /** A streamed answer of 50 chunks. */
  streamCpuUs: number | string
  addedP50Ms: number
  addedP99Ms: number
  residentMb: number
}

/**
 * Portkey 1.15.2, as npm has it, answers every streamed call with 500, under Node 20 and 26 alike: it makes its reply as
 * `new Response(stream, upstreamResponse)`, which the light Response of its server keeps with the upstream's own headers, and appends to those:
 * "TypeError: immutable" (updateHeaders). Nothing in its settings avoids that, so it is measured on what it can.
 */
const cannotStream = 'fails: answers 500 to every streamed call (TypeError: immutable)'

const streamedCpu = async (it: Rival): Promise<number | string> => {
  if (it.name === 'portkey' && (await call(it.streamed)).status === 500) return cannotStream
  return (await cpuPerCall(it, it.streamed, Math.ceil(callsMeasured[it.name] / 3))).cpuUs
}

export const run = async (): Promise<void> => {
  const mock = await startMock()
  const { site, rival: ours } = await startHoldfast(mock.url)
  const rivals = [ours, await startPortkey(mock.url, 18_787), await startLitellm(mock.url, 14_000)].filter(
    (it) => it !== undefined,
  )
  try {
    const direct: Call = { url: `${mock.url}/chat/completions`, body: nonStream }
    const rows: Row[] = []
    const latency = await addedLatency(direct, rivals)
    for (const it of rivals) {
      const plain = await cpuPerCall(it, it.what, callsMeasured[it.name])
      const streamed = await streamedCpu(it)
      rows.push({
        gateway: it.name,
        ...plain,
        streamCpuUs: streamed,
        addedP50Ms: +latency[it.name]!.p50.toFixed(2),
        addedP99Ms: +latency[it.name]!.p99.toFixed(2),
        residentMb: Math.round(tree(it.started.pid).find(({ pid }) => pid === it.started.pid)?.residentMb ?? 0),
      })
    }
    const of = (name: string, value: (row: Row) => number) => {
      const row = rows.find(({ gateway }) => gateway === name)
      return row && value(row)
    }
    const against = (name: string, value: (row: Row) => number) => ratio(of('holdfast', value), of(name, value))
    await report('gateway', {
      notes:
        'Holdfast authenticates a key, decides, records the call durably in the transparency log and HMACs prompt and answer; Portkey does none of it, LiteLLM checks one key and has no database here. Added latency is over the bare mock, single calls in turn.',
      rows,
      ratios: {
        'CPU per call, Holdfast / LiteLLM': against('litellm', (row) => row.cpuUs),
        'CPU per call, Holdfast / Portkey': against('portkey', (row) => row.cpuUs),
        'the same with PostgreSQL counted, Holdfast / LiteLLM': against('litellm', (row) => row.cpuUs + row.databaseCpuUs),
        'the same with PostgreSQL counted, Holdfast / Portkey': against('portkey', (row) => row.cpuUs + row.databaseCpuUs),
        'added latency p50, Holdfast / LiteLLM': against('litellm', (row) => row.addedP50Ms),
        'added latency p50, Holdfast / Portkey': against('portkey', (row) => row.addedP50Ms),
        'added latency p99, Holdfast / LiteLLM': against('litellm', (row) => row.addedP99Ms),
        'added latency p99, Holdfast / Portkey': against('portkey', (row) => row.addedP99Ms),
      },
      targets: {
        'CPU per call, Holdfast / LiteLLM': '≤ 0.1',
        'CPU per call, Holdfast / Portkey': '≤ 1',
        'added latency p50, Holdfast / LiteLLM': '≤ 1',
        'added latency p50, Holdfast / Portkey': '≤ 1',
        'added latency p99, Holdfast / LiteLLM': '≤ 1',
        'added latency p99, Holdfast / Portkey': '≤ 1',
      },
    })
  } finally {
    for (const it of rivals.slice(1)) await it.started.stop()
    await site.stop()
    await mock.started.stop()
  }
}

const ratio = (a: number | undefined, b: number | undefined): number | string =>
  a === undefined || b === undefined ? 'not installed: run scripts/bench-tools.sh' : +(a / b).toFixed(3)

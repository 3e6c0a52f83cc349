import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { defineJob, enqueue } from '#platform/jobs.ts'
import { systemContext } from '#platform/context.ts'
import { testApp, type TestApp } from '../../test/app.ts'

const env = { HOLDFAST_ASSETS_DIR: join(tmpdir(), 'holdfast-no-assets') }
const pollMs = 20

type Sample = { name: string; labels: Record<string, string>; value: number }

/** As the format is defined (Prometheus text exposition 0.0.4), and nothing more lenient. */
const parse = (text: string) => {
  assert.ok(text.endsWith('\n'))
  const types = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    const type = /^# TYPE ([a-z0-9_]+) (counter|gauge|histogram|summary)$/.exec(line)
    if (type) {
      assert.ok(!types.has(type[1]!), `${type[1]} is declared twice`)
      types.set(type[1]!, type[2]!)
      continue
    }
    if (/^# HELP [a-z0-9_]+ \S/.test(line)) continue
    const sample = /^([a-z0-9_]+)(?:\{(.*)\})? (-?[0-9.e+-]+|nan|[+-]Inf)$/i.exec(line)
    assert.ok(sample, `not a sample: ${line}`)
    const labels = [...(sample[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"/g)]
    assert.equal(labels.map(([whole]) => whole).join(','), sample[2] ?? '', line)
    samples.push({
      name: sample[1]!,
      labels: Object.fromEntries(labels.map(([, name, value]) => [name, value])),
      value: Number(sample[3]),
    })
  }
  const familyOf = (name: string) => (types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))
  for (const { name } of samples) assert.ok(types.has(familyOf(name)), `${name} has no type`)
  return { types, samples, familyOf }
}

const scrape = async (app: TestApp) => {
  const { status, text, headers } = await (await app.as('operator')).get('/metrics')
  assert.deepEqual([status, String(headers['content-type']).split(';')[0]], [200, 'text/plain'])
  const parsed = parse(text)
  const value = (name: string, labels: Record<string, string> = {}) =>
    parsed.samples.find(
      (each) => each.name === name && Object.entries(labels).every(([label, text]) => each.labels[label] === text),
    )?.value
  return { text, value, ...parsed }
}

/** Another server, which answers when it is told to. */
const upstream = async (t: TestContext) => {
  const held: http.ServerResponse[] = []
  const usage = { prompt_tokens: 3, completion_tokens: 4 }
  const server = http.createServer((request, response) => {
    request.resume()
    held.push(response.setHeader('content-type', 'application/json'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return {
    baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`,
    held,
    answer: () => held.shift()?.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'yes' } }], usage })),
  }
}

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, pollMs))
}

test('calls, tokens and queues are measured as they are', async (t) => {
  const far = await upstream(t)
  const app = await testApp(t, { engines: true, env })
  const owner = await app.as('owner')
  const spec = { engine: 'openai', model: 'far', upstreamModel: 'far', baseUrl: far.baseUrl, parallel: 1, queueMax: 4 }
  const { body: made } = await owner.put('/api/v1/deployments', { name: 'far', spec })
  await until(async () => (await scrape(app)).value('holdfast_deployments', { state: 'ready' }) === 1)
  assert.equal((await scrape(app)).value('holdfast_tokens_total', { kind: 'prompt' }), 0)
  const call = () => owner.post('/v1/chat/completions', { model: 'far', messages: [{ role: 'user', content: 'hello' }] })
  const calls = [call(), call(), call()]
  await until(() => far.held.length === 1)
  await until(async () => {
    const { value } = await scrape(app)
    const deployment = { deployment: made.resource.id }
    const [running, waiting] = ['running', 'waiting'].map((what) => value(`holdfast_deployment_calls_${what}`, deployment))
    return running === 1 && waiting === 2
  })
  for (const _ of calls) {
    await until(() => far.held.length === 1)
    far.answer()
  }
  assert.deepEqual(
    (await Promise.all(calls)).map(({ status }) => status),
    [200, 200, 200],
  )
  const { value } = await scrape(app)
  assert.equal(value('holdfast_calls_total', { outcome: 'done' }), 3)
  assert.deepEqual(
    [value('holdfast_tokens_total', { kind: 'prompt' }), value('holdfast_tokens_total', { kind: 'completion' })],
    [9, 12],
  )
  assert.equal(value('holdfast_call_seconds_count'), 3)
  assert.equal(value('holdfast_http_request_seconds_count', { door: 'v1', method: 'POST', status: '200' }), 3)
})

test('work that was given up, the log, the database and the disk are measured as they are', async (t) => {
  const define = ({ jobs }: TestApp['app']['site']) =>
    defineJob(jobs, 'poison', async () => {
      throw new Error('never')
    })
  const app = await testApp(t, { engines: true, env, define })
  const ctx = systemContext(app.app.site, 'test')
  await enqueue(ctx, 'poison', {}, { attemptsMax: 1 })
  await enqueue(ctx, 'poison', {}, { runAt: new Date(Date.now() + 3_600_000) })
  await until(async () => (await scrape(app)).value('holdfast_jobs', { state: 'failed' }) === 1)
  const { value, text } = await scrape(app)
  assert.equal(value('holdfast_jobs', { state: 'scheduled' }), 1)
  assert.equal(value('holdfast_check', { check: 'jobs' }), 1)
  assert.ok(value('holdfast_log_entries')! > 0, text)
  assert.ok(value('holdfast_log_lag_seconds')! >= 0)
  assert.equal(value('holdfast_blob_bytes'), 0)
  assert.ok(value('holdfast_database_bytes')! > 1e6)
  assert.ok(value('holdfast_disk_free_bytes')! < value('holdfast_disk_bytes')!)
  assert.ok(value('holdfast_database_connections', { state: 'used' })! <= value('holdfast_database_connections_max')!)
})

test('histograms hold together, and each measurement of ours is told of in docs/metrics.md, and no other', async (t) => {
  const app = await testApp(t, { engines: true, env })
  const { types, samples } = await scrape(app)
  for (const [name] of [...types].filter(([, type]) => type === 'histogram')) {
    const series = Map.groupBy(
      samples.filter((each) => each.name === `${name}_bucket`),
      ({ labels }) => JSON.stringify({ ...labels, le: undefined }),
    )
    for (const [labels, buckets] of series) {
      const counts = buckets.map(({ value }) => value)
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
        `${name} ${labels}`,
      )
      const count = samples.find((each) => each.name === `${name}_count` && JSON.stringify(each.labels) === labels)
      assert.deepEqual([buckets.at(-1)?.labels['le'], buckets.at(-1)?.value], ['+Inf', count?.value])
    }
  }
  const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const told = new Set(
    [...page.matchAll(/^\| (`holdfast_.*?) \|/gm)].flatMap(([, cell]) => [...cell!.matchAll(/holdfast_[a-z_]+/g)].map(String)),
  )
  assert.deepEqual([...told].sort(), [...types.keys()].filter((name) => name.startsWith('holdfast_')).sort())
})

test('no measurement names anyone or anything people chose, and none grows with who asks and for what', async (t) => {
  const app = await testApp(t, { engines: true, env })
  const series = async () =>
    new Set(
      (await scrape(app)).samples
        .filter(({ name }) => name.startsWith('holdfast_'))
        .map(({ name, labels }) => JSON.stringify([name, labels])),
    )
  const ask = async (n: number) => {
    const who = await app.as('member', { name: `canary-person-${n}` })
    await who.get(`/api/v1/projects/canary-project-${n}`)
    await who.get(`/canary-page-${n}`)
    await who.get(`/api/v1/canary-nothing-${n}`)
    await who.post('/v1/chat/completions', {
      model: `canary-model-${n}`,
      messages: [{ role: 'user', content: 'canary-question' }],
    })
    return who
  }
  const people = [await ask(0)]
  await series() // from its first scrape on, the scraper is measured too
  const before = await series()
  for (let n = 1; n < 4; n++) people.push(await ask(n))
  const after = await series()
  assert.deepEqual(
    [...after].filter((each) => !before.has(each)),
    [],
  )
  const { text, samples } = await scrape(app)
  assert.doesNotMatch(text, /canary/)
  for (const { userId } of people) assert.ok(!text.includes(userId))
  const labels = new Set(samples.filter(({ name }) => name.startsWith('holdfast_')).flatMap((each) => Object.keys(each.labels)))
  assert.deepEqual([...labels].sort(), ['check', 'door', 'kind', 'le', 'method', 'outcome', 'state', 'status', 'version'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testApp, type Caller, type TestApp } from '../../test/app.ts'
import { clear } from '../../test/clearance.ts'

type Item = {
  id: string
  kind: string
  name: string
  scope: string
  owner: string
  labels: Record<string, string>
  generation: number
  createdAt: string
  classification: { level: string; caveats: string[] }
  effectiveClassification: { level: string; caveats: string[] }
  effectiveCriticality: string
  spec: Record<string, unknown>
}

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!
const levels = ['open', 'internal', 'confidential', 'secret']
const criticalities = ['low', 'medium', 'high', 'mission']

/** A hundred things of three kinds in a tree of four places, as mixed as sixteen numbers can make them. */
const plant = async (app: TestApp, owner: Caller): Promise<void> => {
  await clear(app, owner, { rank: 1000 })
  const places = ['/', '/a', '/a/b', '/c']
  const folders = [
    { kind: 'folder', name: 'a', spec: {} },
    { kind: 'folder', scope: '/a', name: 'b', classification: { level: 'internal' }, spec: {} },
    { kind: 'folder', name: 'c', spec: { title: '50% of_all "quoted"' } },
  ]
  const things = Array.from({ length: 100 }, (_, n) => ({
    kind: 'deployment',
    scope: pick(places, n * 7),
    name: `d${n}-${pick(['chat', 'code', 'speech'], n * 5)}`,
    ...(n % 3 === 0 ? {} : { labels: { env: pick(['prod', 'test'], n), ...(n % 5 === 0 ? { 'a/b.c-d': 'x,y' } : {}) } }),
    ...(n % 4 === 0 ? { classification: { level: pick(levels, n / 4) } } : {}),
    ...(n % 6 === 0 ? { criticality: pick(criticalities, n / 6) } : {}),
    spec: {
      engine: 'openai',
      model: pick(['m', 'M', 'm%', 'x "y" z', '12'], n),
      baseUrl: 'http://127.0.0.1:9/v1',
      ...(n % 2 === 0 ? { parallel: 1 + (n % 9) } : {}),
    },
  }))
  const views = Array.from({ length: 10 }, (_, n) => ({
    kind: 'view',
    name: `v${n}`,
    spec: { query: 'kind:model', columns: n % 2 === 0 ? ['name', 'spec.model'] : ['name'], title: `View ${n}` },
  }))
  const reply = await owner.post('/api/v1/apply', { resources: [...folders, ...things, ...views] })
  assert.equal(reply.status, 200, reply.text)
}

const found = async (who: Caller, query: string, more: Record<string, string> = {}): Promise<Item[]> => {
  const items: Item[] = []
  for (let after: string | undefined; ;) {
    const ask = new URLSearchParams({ query, limit: '500', ...more, ...(after === undefined ? {} : { after }) })
    const { status, body, text } = await who.get(`/api/v1/resources?${ask.toString()}`)
    assert.equal(status, 200, `${query}: ${text}`)
    items.push(...body.items)
    after = body.next
    if (after === undefined) return items
  }
}

type Word = { text: string; holds: (item: Item) => boolean }
const quoted = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`
const glob = (pattern: string) =>
  new RegExp(`^${pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\*', '.*')}$`, 'is')

const texts: [string, (item: Item) => string | undefined, readonly string[]][] = [
  ['kind', (item) => item.kind, ['folder', 'deployment', 'view', 'dragon']],
  ['name', (item) => item.name, ['a', 'd1-code', 'd3-chat', 'v1']],
  ['label.env', (item) => item.labels['env'], ['prod', 'test', 'p_od', '']],
  ['label.a/b.c-d', (item) => item.labels['a/b.c-d'], ['x,y', 'x']],
  ['spec.model', (item) => item.spec['model'] as string | undefined, ['m', 'M', 'm%', 'x "y" z', '12']],
  ['spec.title', (item) => item.spec['title'] as string | undefined, ['View 1', '50% of_all "quoted"']],
]
const textWord = fc
  .record({
    of: fc.constantFrom(...texts),
    op: fc.constantFrom(':', '=', '!='),
    values: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
  })
  .map(({ of: [field, read, known], op, values }): Word => {
    const wanted = values.map((n) => pick(known, n)).filter((value) => value !== '' || op !== ':')
    if (wanted.length === 0) wanted.push(known[0]!)
    const is = (item: Item) => wanted.includes(read(item) as string)
    return { text: `${field}${op}${wanted.map(quoted).join(',')}`, holds: op === '!=' ? (item) => !is(item) : is }
  })
const globWord = fc
  .record({
    of: fc.constantFrom(...texts),
    pattern: fc.constantFrom('*', 'd1*', '*chat', '*o*', 'M*', 'p_*', '*%', '50%*', 'V*1'),
  })
  .map(({ of: [field, read], pattern }): Word => ({
    text: `${field}:${quoted(pattern)}`,
    holds: (item) => glob(pattern).test(read(item) ?? '') && read(item) !== undefined,
  }))
const compare = (op: string, a: number | string, b: number | string) =>
  op === '>' ? a > b : op === '<' ? a < b : op === '>=' ? a >= b : a <= b
const orders: [string, (item: Item) => number | string | undefined, readonly (number | string)[]][] = [
  ['spec.parallel', (item) => item.spec['parallel'] as number | undefined, [1, 4, 4.5, 9]],
  ['generation', (item) => item.generation, [0, 1, 2]],
]
const orderWord = fc
  .record({ of: fc.constantFrom(...orders), op: fc.constantFrom('>', '<', '>=', '<='), n: fc.nat(9) })
  .map(({ of: [field, read, known], op, n }): Word => {
    const value = field === 'generation' ? Math.floor(Number(pick(known, n))) : pick(known, n)
    return { text: `${field}${op}${value}`, holds: (item) => read(item) !== undefined && compare(op, read(item)!, value) }
  })
const ranked: [string, (item: Item) => string, readonly string[]][] = [
  ['criticality', (item) => item.effectiveCriticality, criticalities],
  ['classification', (item) => item.effectiveClassification.level, levels],
]
const rankWord = fc
  .record({ of: fc.constantFrom(...ranked), op: fc.constantFrom('>', '<', '>=', '<=', ':', '='), n: fc.nat(9) })
  .map(({ of: [field, read, order], op, n }): Word => {
    const value = pick(order, n)
    const at = (item: Item) => order.indexOf(read(item))
    const holds = (item: Item) => (op === ':' || op === '=' ? read(item) === value : compare(op, at(item), order.indexOf(value)))
    return { text: `${field}${op}${value}`, holds }
  })
const placeWord = fc
  .record({ path: fc.constantFrom('/', '/a', '/a/b', '/c', '/none'), op: fc.constantFrom(':', '=') })
  .map(({ path, op }): Word => ({
    text: `scope${op}${path}`,
    holds: ({ scope }) => scope === path || (op === ':' && path !== '/none' && (path === '/' || scope.startsWith(`${path}/`))),
  }))
const numberWord = fc
  .record({
    value: fc.constantFrom('3', '12', 'true', 'openai', '3.0'),
    field: fc.constantFrom('parallel', 'model', 'engine', 'columns'),
  })
  .map(({ value, field }): Word => ({
    text: `spec.${field}=${value}`,
    holds: ({ spec }) => {
      const is = (held: unknown) => held === value || (typeof held === 'number' && held === Number(value))
      const held = spec[field]
      return Array.isArray(held) ? held.some(is) : is(held)
    },
  }))
const freeWord = fc.constantFrom('chat', 'CHAT', 'View', '50%', '_', 'd1').map((word): Word => ({
  text: quoted(word),
  holds: ({ name, spec }) =>
    [name, spec['title'], spec['description']].some(
      (part) => typeof part === 'string' && part.toLowerCase().includes(word.toLowerCase()),
    ),
}))
const word = fc
  .tuple(fc.oneof(textWord, globWord, orderWord, rankWord, placeWord, numberWord, freeWord), fc.boolean())
  .map(([{ text, holds }, negated]): Word => (negated ? { text: `-${text}`, holds: (item) => !holds(item) } : { text, holds }))
const words = fc.array(word, { maxLength: 4 })

test('a search finds exactly what a person would who looked at every thing they may see, whatever the words', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await plant(app, owner)
  const member = await app.as('member', { scope: '/a', name: 'mia' })
  await clear(app, member, { rank: 200 })
  const all = new Map<Caller, Item[]>()
  for (const who of [owner, member]) all.set(who, await found(who, ''))
  assert.ok(all.get(owner)!.length > 110 && all.get(member)!.length > 10 && all.get(member)!.length < 60)
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1e9)
  t.diagnostic(`seed ${seed}`)

  await fc.assert(
    fc.asyncProperty(words, fc.constantFrom(owner, member), fc.constantFrom('500', '5'), async (said, who, limit) => {
      const query = said.map(({ text }) => text).join(' ')
      const expected = all.get(who)!.filter((item) => said.every(({ holds }) => holds(item)))
      const ids = (items: Item[]) => items.map(({ id }) => id).sort()
      assert.deepEqual(ids(await found(who, query, { limit })), ids(expected), query)
    }),
    { seed, numRuns: 250 },
  )
})

test('every order has pages that join without gap or repetition, for who sees all and for who sees a part', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await plant(app, owner)
  const member = await app.as('member', { scope: '/a', name: 'mia' })
  await clear(app, member, { rank: 200 })
  const ids = (items: Item[]) => items.map(({ id }) => id)

  for (const who of [owner, member]) {
    const all = new Set(ids(await found(who, '')))
    for (const sort of ['name', '-name', 'kind', '-kind', 'created', '-created', 'updated', '-updated']) {
      const whole = ids(await found(who, '', { sort }))
      assert.deepEqual(ids(await found(who, '', { sort, limit: '7' })), whole, sort)
      assert.deepEqual([new Set(whole), whole.length], [all, all.size], sort)
    }
    const names = (await found(who, '', { sort: '-name', limit: '9' })).map(({ name }) => name)
    assert.deepEqual(names, [...names].sort().toReversed())
  }
})

test('no text in the search box does more than find or be refused', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'a', spec: {} })
  const ask = async (query: string) =>
    (await owner.get(`/api/v1/resources?query=${encodeURIComponent(query.toWellFormed())}`)).status
  const hostile = [
    `name='; drop table resource; --`,
    `spec.a'b=1`,
    `label.x'||(select 1)||'=y`,
    `name:${'*'.repeat(900)}x`,
    `name:${'*a'.repeat(400)}*`,
    `${'"'.repeat(999)}`,
    `${'a:'.repeat(400)}`,
    `spec.${'a.'.repeat(300)}a=1`,
    'spec.__proto__=1',
    'constructor:x',
    'generation:99999999999999999999',
    'spec.n=9007199254740993',
    'created>2026-13-45',
    'name:\\',
    'name:"\\"',
    'spec.a:"\\u0000"',
    `x ${'y '.repeat(400)}`,
    `name=${Array(200).fill('a').join(',')}`,
  ]
  for (const query of hostile) assert.ok([200, 400].includes(await ask(query)), query)

  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (query) => {
      if (query.includes('\0')) return
      assert.ok([200, 400].includes(await ask(query)), JSON.stringify(query))
    }),
    { numRuns: 150 },
  )
  assert.equal((await owner.get('/api/v1/folders')).body.items.length, 1)
})

test('a wrong search says at which word it is wrong', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  for (const [query, says] of [
    ['kind:model colour:red', /colour is not a field/],
    ['name>x', /name has no order/],
    ['criticality:huge', /one of low, medium, high, mission/],
    ['classification>=cosmic', /There is no level "cosmic"/],
    ['name:', /a value is missing/],
    ['a "b', /a quote is opened and not closed/],
    ['spec.n>9007199254740993', /2\^53/],
    ['created:2026-01-01', /created is compared with/],
  ] as const) {
    const { status, body } = await owner.get(`/api/v1/resources?query=${encodeURIComponent(query)}`)
    assert.equal(status, 400)
    assert.match(body.detail, says)
  }
  assert.equal((await owner.get('/api/v1/resources?after=nonsense')).status, 400)
  assert.equal((await owner.get('/api/v1/resources?sort=colour')).status, 400)
})

test('a saved search shows each who opens it what they may see, and is refused when it makes no sense', async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await plant(app, owner)
  const spec = { query: 'kind:deployment label.env=prod', sort: '-name' }
  assert.equal((await owner.put('/api/v1/views', { name: 'prod', scope: '/a', spec })).status, 201)
  const member = await app.as('member', { scope: '/a', name: 'mia' })
  await clear(app, member, { rank: 200 })
  const count = async (who: Caller, more = '') =>
    (await who.get(`/api/v1/resources?view=prod&limit=500${more}`)).body.items.length

  const [everything, mine] = [await count(owner), await count(member)]

  assert.ok(everything > mine && mine > 0)
  assert.ok((await count(owner, '&query=chat')) < everything)
  assert.equal((await owner.put('/api/v1/views', { name: 'x', spec: { query: 'colour:red' } })).status, 400)
  assert.equal((await app.anyone().get('/api/v1/resources')).status, 401)
})

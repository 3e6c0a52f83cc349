import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Caller } from '../../test/app.ts'
import { definition, governed, type Governed } from '../../test/compliance-state.ts'
import { chance, type Chance } from '../../test/chance.ts'
import { judgeNext } from './sweep.ts'
import { counted } from './tally-store.ts'

const hourMs = 3_600_000
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 2 ** 31)
const acts = 40

test(`sums that are kept are what counting anew gives, whatever changed and however far it was judged (HOLDFAST_TEST_SEED=${seed})`, async (t) => {
  const site = await governed(t)
  const draw = chance(seed)
  await site.folder('lab')
  await site.assign({})
  await site.define(definition({ require: { field: 'labels.owner', exists: true }, effect: 'manual' }), other)
  await site.project('p0', {}, '/lab')
  const engineer = await site.app.as('ai-engineer', { scope: '/lab' })
  const people = [await lasting(site, site.owner), await lasting(site, engineer)]
  const told: string[] = []
  for (let i = 0; i < acts; i++) {
    const [what, act] = draw.one(Object.entries(changes))
    told.push(what)
    await act(site, draw, people[0]!)
    await recounted(site, told)
    for (const person of people) await summed(person, told)
  }
})

const other = `guardrail_${'1'.repeat(26)}`

/** A session would end as hours go by. */
const lasting = async (site: Governed, who: Caller): Promise<Caller> =>
  site.app.bearer((await who.post('/api/v1/keys', { name: 'reader' })).body.secret)

type Act = (site: Governed, draw: Chance, owner: Caller) => Promise<unknown>
const anyProject = async (site: Governed, draw: Chance): Promise<string> => {
  const { rows } = await sql<{ id: string }>`select id from resource where kind = 'project' order by id`.execute(site.ctx.db)
  return rows.length === 0 ? 'project_none' : draw.one(rows).id
}

const changes: Record<string, Act> = {
  'a project is made or labelled': async (_, draw, owner) => {
    const labels = draw.one([{}, { purpose: 'x' }, { purpose: 'x', owner: 'me' }])
    const { status } = await owner.put('/api/v1/projects', {
      scope: draw.one(['/', '/lab']),
      name: `p${draw.below(6)}`,
      labels,
      spec: {},
    })
    assert.equal(status < 300, true, `${status}`)
  },
  'a project is removed': async (site, draw, owner) => {
    const id = await anyProject(site, draw)
    if (draw.once(3))
      // Untold, as by a database that was restored.
      await sql`with gone as (delete from resource where id = ${id}) delete from policy_scope where id = ${id}`.execute(
        site.ctx.db,
      )
    else await owner.delete(`/api/v1/projects/${id}`)
  },
  'something is assigned': async (site, draw) =>
    site.assign({ guardrail: other }, { id: 'assigned_2', scope: draw.one(['/', '/lab']) }),
  'and no more': async (site) => site.unassign('assigned_2').catch(() => {}),
  'something is exempt for a while': async (site, draw) =>
    site.exempt({
      resource: await anyProject(site, draw),
      expiresAt: new Date(site.ctx.now().getTime() + hourMs * (1 + draw.below(40))).toISOString(),
    }),
  'what the folder holds is to be judged': async (site) =>
    sql`update compliance_subject set due = due + 1 where scope_id in (select id from policy_scope where path like '/lab%')`.execute(
      site.ctx.db,
    ),
  'minutes pass': async (site, draw) => site.app.clock.advance(60_000 * draw.below(60)),
  'a day passes, nearly or quite': async (site, draw) => site.app.clock.advance(hourMs * 22 + 60_000 * draw.below(180)),
  'a little is judged': async (site, draw) => {
    for (let i = draw.below(4); i >= 0; i--) await judgeNext(site.ctx)
  },
  'something was judged before sums were kept': async (site, draw) =>
    site.ctx.db.transaction().execute(async (db) => {
      const id = await anyProject(site, draw)
      await sql`update compliance_tally as kept set things = things - 1 from (select ${counted} from compliance_subject where id = ${id}) was
      where (kept.scope_id, kept.kind, kept.rank, kept.caveats, kept.version, kept.fresh_hour, kept.pattern_id) =
        (was.scope_id, was.kind, was.rank, was.caveats, was.version, was.fresh_hour, was.pattern_id)`.execute(db)
      await sql`update compliance_subject set pattern_id = null where id = ${id}`.execute(db)
    }),
  'all is judged': async (site) => site.judge(),
  'all is judged anew': async (site) => {
    site.app.clock.advance(hourMs)
    await site.judge()
  },
}

/** Tallies are of the subjects there are, and patterns of their findings. */
const recounted = async ({ ctx: { db } }: Governed, told: readonly string[]): Promise<void> => {
  const key = sql`scope_id, kind, rank, caveats, version, fresh_hour, pattern_id`
  const { rows: kept } = await sql`select ${key}, things from compliance_tally where things <> 0 order by ${key}`.execute(db)
  const { rows: anew } = await sql`select ${key}, count(*)::int as things from (select ${counted} from compliance_subject) one
    where pattern_id is not null group by ${key} order by ${key}`.execute(db)
  assert.deepEqual(kept, anew, told.join('\n'))
  const { rows: others } =
    await sql`select subject.id from compliance_subject subject join compliance_pattern pattern on pattern.id = pattern_id
    where (pattern.state, pattern.compliant, pattern.found, pattern.states) is distinct from (subject.state, subject.compliant,
      array(select rule_id from compliance_finding where subject_id = subject.id order by rule_id),
      array(select state from compliance_finding where subject_id = subject.id order by rule_id))`.execute(db)
  assert.deepEqual(others, [], told.join('\n'))
}

const worstFirst = ['non-compliant', 'unknown', 'stale', 'exempt', 'compliant']

/** What the summary says is what one counts in the list of verdicts. */
const summed = async (who: Caller, told: readonly string[]): Promise<void> => {
  for (const query of ['', 'scope=/lab', 'assignment=assigned_1', 'assignment=assigned_2&scope=/lab']) {
    const { body } = await who.get(`/api/v1/compliance?${query}`)
    const { items, next } = (await who.get(`/api/v1/compliance/verdicts?limit=200&${query}`)).body
    assert.equal(next, undefined)
    const said = (about: object) => `${told.join('\n')}\n${query} ${JSON.stringify(about)}`
    assert.deepEqual(nonzero(body.verdicts), tallied(items.map(({ state }: any) => state)), said(items))
    for (const { assignment, verdicts } of body.assignments)
      assert.deepEqual(
        nonzero(verdicts),
        tallied(items.flatMap((item: any) => (item.assignment === assignment ? item.state : []))),
      )
    if (!query.includes('assignment')) continue
    const things = Map.groupBy(items, ({ resource }: any) => resource.id as string)
    const worst = [...things.values()].map((of: any[]) => worstFirst.find((state) => of.some((item) => item.state === state))!)
    assert.deepEqual(nonzero(body.resources), tallied(worst), said(body))
    const perScope = body.scopes.map(({ resources }: any) => Object.values<number>(resources).reduce((a, b) => a + b, 0))
    assert.equal(
      perScope.reduce((a: number, b: number) => a + b, 0),
      things.size,
    )
    const oldest = items.map(({ judgedAt }: any) => judgedAt as string).sort()[0]
    assert.ok(oldest === undefined || body.oldestAt <= oldest, `${body.oldestAt} ${oldest}`)
  }
}

const tallied = (states: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
const nonzero = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))

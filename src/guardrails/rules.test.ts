import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { amended, guardrailConflict } from './amend.ts'
import { checkDefinition } from './definition.ts'
import { checkInitiative } from './initiative.ts'
import { malformed } from './language/reading.ts'
import { compileAll, type Rule, type RuleSet } from './rules.ts'
import { lockOut, tryOut } from './try.ts'
import type { Assignment, Definition, Effect, Exemption, GuardrailDocument, Initiative } from './schema.ts'
import { reaches, verdictOf, type Subject } from './verdict.ts'

const nowMs = Date.parse('2027-01-15T12:00:00Z')
const id = (n: number) => `guardrail_${String(n).padStart(26, '0')}`

const definition = (given: Partial<Definition> = {}): Definition => ({
  title: 'No remote engine',
  description: '',
  category: 'test',
  version: '1.0.0',
  kinds: ['deployment'],
  require: { field: 'spec.engine', equals: 'llama' },
  effects: ['deny', 'audit'],
  effect: 'deny',
  message: '{name} runs {spec.engine}.',
  ...given,
})

const document = (given: Partial<GuardrailDocument> = {}): GuardrailDocument => ({
  kind: 'deployment',
  id: 'deployment_1',
  scope: '/a/b',
  scopeId: 'folder_b',
  name: 'chat',
  labels: {},
  classification: { rank: 0, caveats: [] },
  owner: 'user_ann',
  spec: { engine: 'openai' },
  facts: {},
  ...given,
})

const subject = (doc = document(), at = nowMs): Subject => ({ doc, ancestors: [doc.scopeId, 'folder_a', 'org_1'], nowMs: at })

type Facts = {
  definitions?: Definition[]
  initiatives?: Record<string, Initiative>
  assignments?: (Assignment & { id?: string; scopeId?: string })[]
  exemptions?: Omit<Exemption, 'assignment'>[]
}
const setOf = ({
  definitions = [definition()],
  initiatives = {},
  assignments = [{ guardrail: id(0) }],
  exemptions = [],
}: Facts): RuleSet =>
  compileAll({
    definitions: new Map(definitions.map((one, i) => [id(i), checkDefinition(one)])),
    initiatives: new Map(Object.entries(initiatives)),
    assignments: assignments.map((one, i) => ({ id: `assignment_${i}`, scopeId: 'folder_a', ...one })),
    exemptions: exemptions.map((one, i) => ({ id: `exemption_${i}`, assignment: 'assignment_0', ...one })),
  })
const ruleOf = (facts: Facts = {}): Rule => {
  const { rules, misfits } = setOf(facts)
  assert.deepEqual(misfits, [])
  return rules[0]!
}

test('a verdict says which assignment of which guardrail, with what effect, under which version, and why', () => {
  const set = setOf({})
  assert.deepEqual(verdictOf(set.rules[0]!, subject()), {
    assignment: 'assignment_0',
    guardrail: id(0),
    effect: 'deny',
    enforced: true,
    state: 'non-compliant',
    message: 'chat runs openai.',
    policyVersion: set.version,
  })
})

test('what cannot be judged is unknown and says what is not known', () => {
  const verdict = verdictOf(ruleOf(), subject(document({ spec: {} })))
  assert.equal(verdict.state, 'unknown')
  assert.equal(verdict.message, 'It cannot be judged: spec.engine not known.')
})

test('a guardrail is not about what its `when` leaves out; where that is unknown, so is the verdict', () => {
  const rule = ruleOf({ definitions: [definition({ when: { field: 'facts.public', equals: true } })] })
  const state = (facts: Record<string, unknown>) => verdictOf(rule, subject(document({ facts }))).state
  assert.deepEqual([state({ public: false }), state({ public: true }), state({})], ['not-applicable', 'non-compliant', 'unknown'])
})

test('a disabled guardrail says nothing at all', () => {
  const disabled = definition({ effects: ['deny', 'disabled'] })
  assert.deepEqual(setOf({ definitions: [disabled], assignments: [{ guardrail: id(0), effect: 'disabled' }] }).rules, [])
})

test('a manual guardrail is unknown until a person attests, whatever holds', () => {
  const rule = ruleOf({ definitions: [definition({ effects: ['manual'], effect: 'manual', require: { all: [] } })] })
  assert.equal(verdictOf(rule, subject()).state, 'unknown')
})

test('a message shows others’ text cut, on one line, and never turned around', () => {
  const rule = ruleOf({ definitions: [definition({ message: '{spec.engine}|{labels}|{spec.list}|{facts.none}|{criticality}' })] })
  const doc = document({
    spec: { engine: `a\n\u202E${'x'.repeat(200)}`, list: Array.from({ length: 12 }, (_, i) => i) },
    labels: { env: 'x' },
  })
  assert.equal(
    verdictOf(rule, subject(doc)).message,
    `a  ${'x'.repeat(117)}|env|0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more|(not known)|(none)`,
  )
})

// ——— where it reaches

test('an assignment reaches what lies at its scope or below, and the scope itself', () => {
  const rule = ruleOf()
  assert.ok(reaches(rule, subject()))
  assert.ok(reaches(rule, { doc: document({ kind: 'folder', id: 'folder_a', scope: '/' }), ancestors: ['org_1'], nowMs }))
  assert.ok(!reaches(rule, { doc: document(), ancestors: ['folder_c', 'org_1'], nowMs }))
})

const places: [string, boolean][] = [
  ['/a/b', false],
  ['/a', false],
  ['/', false],
  ['/a/bc', true],
  ['/a/b/c', true],
  ['folder_b', false],
  ['deployment_1', false],
  ['folder_c', true],
  ['deployment_12', true],
]
for (const [place, reached] of places)
  test(`excluding ${place} ${reached ? 'leaves the guardrail in force' : 'takes the guardrail away'} for what lies in /a/b`, () => {
    assert.equal(reaches(ruleOf({ assignments: [{ guardrail: id(0), exclude: [place] }] }), subject()), reached)
  })

test('excluding the path of a folder excludes the folder', () => {
  const rule = ruleOf({ assignments: [{ guardrail: id(0), exclude: ['/a/lab'] }] })
  const folder = (name: string) => subject(document({ kind: 'folder', id: 'folder_x', scope: '/a', scopeId: 'folder_a', name }))
  assert.deepEqual([reaches(rule, folder('lab')), reaches(rule, folder('laboratory'))], [false, true])
})

test('* is every kind but those that govern and those that are observed, which have to be named', () => {
  const about = (kinds: string[], kind: string) =>
    ruleOf({ definitions: [definition({ kinds, effects: ['audit'], effect: 'audit' })] }).compiled.covers(kind)
  assert.deepEqual(
    ['deployment', 'role-assignment', 'guardrail', 'exemption', 'person', 'site'].map((kind) => about(['*'], kind)),
    [true, true, false, false, false, false],
  )
  assert.deepEqual(
    [about(['*', 'exemption'], 'exemption'), about(['person'], 'person'), about(['model'], 'person')],
    [true, true, false],
  )
})

// ——— exemptions

const until = (expiresAt: string, rest: Partial<Exemption> = {}) =>
  ruleOf({ exemptions: [{ category: 'waived', resource: 'deployment_1', expiresAt, ...rest }] })

test('an exemption holds until the moment it ends, and not a second longer', () => {
  const rule = until('2027-01-15T12:00:00Z')
  const stateAt = (at: number) => verdictOf(rule, subject(document(), at)).state
  assert.deepEqual([stateAt(nowMs - 1), stateAt(nowMs), stateAt(nowMs + 1_000)], ['exempt', 'non-compliant', 'non-compliant'])
})

test('an exemption is named with its end, and covers only what it says', () => {
  const { state, exemption, exemptUntil } = verdictOf(until('2027-02-01T00:00:00Z'), subject())
  assert.deepEqual([state, exemption, exemptUntil], ['exempt', 'exemption_0', '2027-02-01T00:00:00Z'])
  const other = document({ id: 'deployment_2' })
  assert.equal(verdictOf(until('2027-02-01T00:00:00Z'), subject(other)).state, 'non-compliant')
  assert.equal(verdictOf(until('2027-02-01T00:00:00Z', { guardrails: [id(7)] }), subject()).state, 'non-compliant')
})

test('an exemption of a scope covers what lies below it', () => {
  const rule = ruleOf({ exemptions: [{ category: 'mitigated', scopeId: 'folder_b', expiresAt: '2027-02-01T00:00:00Z' }] })
  assert.equal(verdictOf(rule, subject()).state, 'exempt')
  assert.equal(
    verdictOf(rule, { doc: document({ scopeId: 'folder_c' }), ancestors: ['folder_c', 'folder_a'], nowMs }).state,
    'non-compliant',
  )
})

test('what meets its guardrail is compliant, exempt or not', () => {
  assert.equal(verdictOf(until('2027-02-01T00:00:00Z'), subject(document({ spec: { engine: 'llama' } }))).state, 'compliant')
})

// ——— modify

const setting = (path: string, value: unknown, given: Partial<Definition> = {}): Definition =>
  definition({
    effects: ['modify'],
    effect: 'modify',
    require: { field: path, equals: value as string },
    modify: [{ path, value: value as string }],
    ...given,
  })
const rulesOf = (...definitions: Definition[]) =>
  setOf({ definitions, assignments: definitions.map((_, i) => ({ guardrail: id(i) })) }).rules

test('modify sets what is missing or different, in labels, spec and criticality, and takes out what is null', () => {
  const rules = rulesOf(
    setting('spec.engine', 'llama'),
    setting('spec.limits.memory', 4),
    setting('labels.cost-centre.example/x', '7'),
    setting('criticality', 'high'),
    setting('spec.baseUrl', null, { require: { field: 'spec.baseUrl', exists: false } }),
  )
  const { doc } = amended(rules, subject(document({ spec: { engine: 'openai', baseUrl: 'http://x' } })))
  assert.deepEqual(
    [doc.spec, doc.labels, doc.criticality],
    [{ engine: 'llama', limits: { memory: 4 } }, { 'cost-centre.example/x': '7' }, 'high'],
  )
})

test('a dry run, an exemption and a text in the way of the path leave a document as it is', () => {
  const rule = setting('spec.engine.name', 'llama')
  const dry = setOf({ definitions: [setting('spec.engine', 'llama')], assignments: [{ guardrail: id(0), enforced: false }] })
  const exempt = setOf({
    definitions: [setting('spec.engine', 'llama')],
    exemptions: [{ category: 'waived', resource: 'deployment_1', expiresAt: '2027-02-01T00:00:00Z' }],
  })
  for (const rules of [rulesOf(rule), dry.rules, exempt.rules]) assert.deepEqual(amended(rules, subject()).doc, document())
  assert.deepEqual(verdictOf(dry.rules[0]!, subject()).changes, [{ path: 'spec.engine', value: 'llama' }])
})

test('two guardrails that set one field to different values change nothing, and both are named', () => {
  const rules = rulesOf(setting('spec.engine', 'llama'), setting('spec.engine', 'vllm'))
  assert.throws(
    () => amended(rules, subject()),
    (problem: any) => {
      assert.equal(problem.code, guardrailConflict.code)
      assert.deepEqual([...problem.facts.guardrails].sort(), [id(0), id(1)])
      return true
    },
  )
})

test('two guardrails that undo each other by taking out and putting in end in a refusal, not in a circle', () => {
  const rules = rulesOf(
    setting('spec.limits', null, { require: { field: 'spec.limits', exists: false } }),
    setting('spec.limits.memory', 4),
  )
  assert.throws(() => amended(rules, subject()), { code: guardrailConflict.code })
})

test('modifying what was modified changes nothing more, whatever guardrails meet', () => {
  const anyPath = fc.constantFrom('spec.a', 'spec.b', 'spec.a.c', 'labels.a', 'labels.b')
  const anyText = fc.constantFrom('x', 'y')
  const anySetter = fc
    .record({
      when: fc.option(fc.tuple(anyPath, anyText), { nil: undefined }),
      path: anyPath,
      value: anyText,
      from: fc.option(anyPath, { nil: undefined }),
    })
    .map(({ when, path, value, from }) =>
      setting(path, value, {
        ...(when ? { when: { field: when[0], default: 'none', equals: when[1] } } : {}),
        ...(from ? { require: { field: path, equals: { field: from } }, modify: [{ path, value: { field: from } }] } : {}),
      }),
    )
  const anyMembers = fc.dictionary(fc.constantFrom('a', 'b'), anyText)
  let settled = 0
  let fought = 0
  fc.assert(
    fc.property(fc.array(anySetter, { minLength: 1, maxLength: 5 }), anyMembers, anyMembers, (definitions, spec, labels) => {
      const rules = rulesOf(...definitions)
      let once: GuardrailDocument
      try {
        once = amended(rules, subject(document({ spec, labels }))).doc
      } catch (error: any) {
        assert.equal(error.code, guardrailConflict.code)
        return void fought++
      }
      settled++
      const again = amended(rules, subject(once))
      assert.deepEqual(again.doc, once)
      assert.equal(again.changes.size, 0)
    }),
    { numRuns: 2_000 },
  )
  assert.ok(settled > 200 && fought > 20, `${settled} settled, ${fought} fought`)
})

// ——— definitions that do not hold together

const refused: [string, Partial<Definition> | ((given: Definition) => unknown), string][] = [
  ['an effect it does not list', { effect: 'audit', effects: ['deny'] }, '/effect'],
  ['modify without saying what', { effects: ['modify'], effect: 'modify' }, '/modify'],
  ['changes without the effect', { remediate: [{ path: 'spec.a', value: 1 }] }, '/remediate'],
  ['nothing to require', (given) => JSON.parse(JSON.stringify({ ...given, require: undefined })), '/require'],
  ['refusing what is only observed', { kinds: ['person'] }, '/effects'],
  ['setting the owner', setting('owner', 'user_x'), '/modify/0/path'],
  ['setting the classification', setting('classification.rank', 0), '/modify/0/path'],
  ['setting through the prototype', setting('spec.__proto__.x', 1, { require: { all: [] } }), '/modify/0/path'],
  ['a number for a label', setting('labels.a', 1, { require: { all: [] } }), '/modify/0/value'],
  ['a criticality there is not', setting('criticality', 'utmost', { require: { all: [] } }), '/modify/0/value'],
  ['a rounded number to set', setting('spec.a', 2 ** 53, { require: { all: [] } }), '/modify/0/value'],
  ['a place in the message for nothing', { message: '{secret.key}' }, '/message'],
  ['a place in the message for no parameter', { message: '{param.days}' }, '/message'],
  [
    'a default that is not of its type',
    { parameters: { days: { type: 'integer', title: 'Days', default: 1.5 } } },
    '/parameters/days/default',
  ],
  [
    'a rounded default',
    { parameters: { days: { type: 'number', title: 'Days', default: 2 ** 53 } } },
    '/parameters/days/default',
  ],
  ['a member it does not have', (given) => ({ ...given, script: 'x' }), ''],
  ['no version', { version: 'new' }, '/version'],
  ['an effect there is not', { effects: ['mutate' as Effect], effect: 'mutate' as Effect }, '/effects/0'],
  [
    'a parameter named like what objects inherit',
    () => ({ ...definition(), parameters: JSON.parse('{"__proto__x": {"type": "string", "title": "x"}}') }),
    '/parameters',
  ],
]
for (const [name, given, at] of refused)
  test(`a definition is refused, saying where: ${name}`, () => {
    const made = typeof given === 'function' ? given(definition()) : definition(given)
    assert.throws(
      () => checkDefinition(made),
      (problem: any) => {
        assert.equal(problem.code, malformed.code)
        assert.ok(
          problem.facts.faults.some((fault: { at: string }) => fault.at === at),
          JSON.stringify(problem.facts.faults),
        )
        return true
      },
    )
  })

// ——— values and initiatives

const withDays = definition({
  parameters: {
    days: { type: 'integer', title: 'Days', minimum: 1, maximum: 90 },
    mode: { type: 'string', title: 'Mode', default: 'a', enum: ['a', 'b'] },
  },
  require: { field: 'spec.days', lte: { param: 'days' } },
  message: '{spec.days} of {param.days}',
})
const values: [string, Assignment['parameters'], string | undefined][] = [
  ['all that is needed', { days: 30 }, undefined],
  ['all there is', { days: 30, mode: 'b' }, undefined],
  ['nothing', {}, '/parameters/days'],
  ['a text for a number', { days: '30' }, '/parameters/days'],
  ['half a day', { days: 0.5 }, '/parameters/days'],
  ['too few', { days: 0 }, '/parameters/days'],
  ['too many', { days: 91 }, '/parameters/days'],
  ['a rounded number', { days: 2 ** 53 }, '/parameters/days'],
  ['a value that is not among those', { days: 1, mode: 'c' }, '/parameters/mode'],
  ['one it does not have', { days: 1, hours: 2 }, '/parameters/hours'],
  ['a list for a number', { days: [1] }, '/parameters/days'],
  ['no value where there is a default', { days: 1, mode: null }, '/parameters/mode'],
]
for (const [name, parameters, at] of values)
  test(`an assignment that gives ${name} ${at === undefined ? 'fits' : 'does not fit, and says where'}`, () => {
    const { misfits } = setOf({ definitions: [withDays], assignments: [{ guardrail: id(0), parameters: parameters! }] })
    assert.equal(misfits[0]?.faults[0]?.at, at)
  })

test('an assignment that no longer fits judges as unknown and refuses nothing', () => {
  const { rules } = setOf({ definitions: [withDays] })
  const verdict = verdictOf(rules[0]!, subject())
  assert.deepEqual([verdict.state, verdict.effect], ['unknown', 'audit'])
  assert.match(verdict.message!, /\/parameters\/days has no default/)
})

const grouped = (guardrails: Initiative['guardrails'], parameters?: Initiative['parameters']): Initiative => ({
  title: 'Group',
  description: '',
  category: 'test',
  version: '1.0.0',
  guardrails,
  ...(parameters ? { parameters } : {}),
})

test('an initiative hands its values down, and an assignment may choose the effect of each', () => {
  const initiative = grouped([{ guardrail: id(0), parameters: { days: { param: 'period' }, mode: 'b' } }, { guardrail: id(1) }], {
    period: { type: 'integer', title: 'Period', default: 7 },
  })
  const { rules, misfits } = setOf({
    definitions: [withDays, definition()],
    initiatives: { initiative_1: initiative },
    assignments: [{ initiative: 'initiative_1', parameters: { period: 14 }, effects: { [id(1)]: 'audit' } }],
  })
  assert.deepEqual(misfits, [])
  assert.deepEqual(
    rules.map(({ guardrail, initiative: by, parameters, effect }) => [guardrail, by, parameters, effect]),
    [
      [id(0), 'initiative_1', { days: 14, mode: 'b' }, 'deny'],
      [id(1), 'initiative_1', {}, 'audit'],
    ],
  )
})

test('an initiative is refused that names no guardrail there is, one twice, or leaves a value open', () => {
  const known = { definitions: new Map([[id(0), withDays]]) }
  const cases: [Initiative, RegExp][] = [
    [grouped([{ guardrail: id(9) }]), /there is no guardrail/],
    [
      grouped([
        { guardrail: id(0), parameters: { days: 1 } },
        { guardrail: id(0), parameters: { days: 2 } },
      ]),
      /named twice/,
    ],
    [grouped([{ guardrail: id(0) }]), /has no default/],
    [grouped([{ guardrail: id(0), parameters: { days: { param: 'none' } } }]), /has no default/],
    [grouped([{ guardrail: id(0), parameters: { days: 1 }, effect: 'manual' }]), /has the effects/],
  ]
  for (const [initiative, message] of cases)
    assert.throws(() => checkInitiative(initiative, known), { code: malformed.code, message })
})

test('an assignment of both, of neither, or with an effect its guardrail has not, does not fit', () => {
  const faults = (assignment: Assignment) => setOf({ assignments: [assignment] }).misfits[0]?.faults[0]?.message
  assert.match(faults({})!, /either a guardrail or an initiative/)
  assert.match(faults({ guardrail: id(0), initiative: 'builtin/baseline' })!, /either/)
  assert.match(faults({ guardrail: id(0), effect: 'modify' })!, /has the effects deny, audit/)
  assert.match(faults({ guardrail: id(0), effects: { [id(0)]: 'deny' } })!, /for an initiative/)
  assert.match(faults({ initiative: 'builtin/baseline', effect: 'audit' })!, /for one guardrail/)
  assert.match(faults({ initiative: 'builtin/baseline', effects: { 'builtin/passkey': 'audit' } })!, /not in this initiative/)
})

// ——— locking out

const samples = [1, 2, 3].map((n) => document({ id: `deployment_${n}`, scopeId: 'folder_a' }))
const now = new Date(nowMs)
const reasonOf = (given: Partial<Definition>, assignment: Partial<Assignment> = {}, docs = samples) =>
  lockOut(definition(given), { guardrail: id(0), ...assignment }, docs, now)?.reason

test('a guardrail that refuses everything there is would lock everyone out; one that lets something pass would not', () => {
  assert.equal(reasonOf({}), 'refuses-everything')
  assert.equal(reasonOf({}, {}, [...samples, document({ id: 'deployment_4', spec: { engine: 'llama' } })]), undefined)
  assert.equal(reasonOf({ require: { field: 'facts.untold', equals: 1 } }), 'refuses-everything')
  assert.match(lockOut(definition(), { guardrail: id(0) }, samples, now)!.explanation, /would refuse all 3/)
})

test('two are too few to tell, other kinds and excluded places do not count', () => {
  assert.equal(reasonOf({}, {}, samples.slice(0, 2)), undefined)
  assert.equal(reasonOf({ kinds: ['model'] }), undefined)
  assert.equal(reasonOf({}, { exclude: ['deployment_3'] }), undefined)
})

test('a guardrail whose requirement can hold for nothing is found by its text alone', () => {
  assert.equal(reasonOf({ require: { any: [] } }, {}, []), 'never-holds')
  const list = {
    parameters: { licences: { type: 'strings', title: 'Licences' } },
    require: { field: 'facts.licence', in: { param: 'licences' } },
  } as const
  assert.equal(reasonOf(list, { parameters: { licences: [] } }, []), 'never-holds')
  assert.equal(reasonOf(list, { parameters: { licences: ['mit'] } }, []), undefined)
  assert.equal(reasonOf({ when: { any: [] }, require: { any: [] } }, {}, []), undefined)
})

test('a guardrail over guardrails could keep itself in place, whether it refuses or changes them', () => {
  for (const kind of ['guardrail', 'initiative', 'guardrail-assignment', 'exemption', 'publisher'])
    assert.equal(reasonOf({ kinds: ['model', kind] }, {}, []), 'governs-guardrails', kind)
  const modifying = setting('spec.enforced', true)
  assert.equal(lockOut({ ...modifying, kinds: ['guardrail-assignment'] }, {}, [], now)?.reason, 'governs-guardrails')
  assert.equal(reasonOf({ kinds: ['*'] }, {}, []), undefined)
})

test('a dry run and an audit lock nobody out', () => {
  assert.equal(reasonOf({}, { enforced: false }), undefined)
  assert.equal(reasonOf({}, { effect: 'audit' }), undefined)
  assert.equal(reasonOf({ kinds: ['guardrail'] }, { enforced: false }), undefined)
})

test('a guardrail that is tried says what it would say, and of what it is not about nothing', () => {
  const docs = [document(), document({ spec: { engine: 'llama' } }), document({ kind: 'model' })]
  assert.deepEqual(
    tryOut(definition(), {}, docs, now).map((verdict) => verdict?.state),
    ['non-compliant', 'compliant', undefined],
  )
})

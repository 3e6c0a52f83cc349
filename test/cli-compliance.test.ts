// Compliance from the command line: how it stands, verdict by verdict, and putting right what does not hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from './app.ts'
import { assigned, putGuardrail } from './compliance.ts'
import { shell } from './shell.ts'

test('how it stands is told, and what does not hold is previewed, put right, shown and stopped', async (t) => {
  const app = await testApp(t, { engines: true })
  const owner = await app.as('owner')
  const { run, login } = shell(t, await app.listen())
  await login()
  const done = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await run(args)
    assert.equal(code, 0, `${args.join(' ')}: ${err}`)
    return out
  }
  const exact = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).out)
  assert.match(await done('compliance'), /Nothing is assigned here/)
  assert.match(await done('remediation', 'list'), /Nothing was ever put right/)

  await owner.put('/api/v1/folders', { name: 'clinic', spec: {} })
  await owner.put('/api/v1/projects', { scope: '/clinic', name: 'imaging', spec: {} })
  const guardrail = await putGuardrail(owner, 'purpose', {
    effects: ['remediate'],
    effect: 'remediate',
    remediate: [{ path: 'labels.purpose', value: 'unsaid' }],
  })
  const assignment = await assigned(owner, 'purpose', { guardrail })
  const standsAt = async (state: string, count: number) => {
    const giveUpAt = Date.now() + 60_000
    while ((await exact('compliance')).resources[state] !== count) assert.ok(Date.now() < giveUpAt, `never ${count} ${state}`)
  }
  await standsAt('non-compliant', 1)

  const standing = await run(['compliance', '--scope', '/clinic'])
  assert.equal(standing.code, 1, 'a script sees by the exit that something is wrong')
  assert.match(standing.out, /A project says what it is for +remediate +0 +1 +0 +0 +0 +assignment_/)
  assert.match(
    await done('compliance', 'verdicts', '--state', 'non-compliant'),
    /project\/imaging +\/clinic\/imaging +guardrail_\w+ +non-compliant/,
  )
  assert.equal((await run(['compliance', 'verdicts', '--state', 'green'])).code, 2)
  const { items } = (await owner.get(`/api/v1/compliance/verdicts?assignment=${assignment}`)).body
  assert.equal(items.length, 1)
  const narrow = ['--assignment', assignment, '--guardrail', guardrail, '--resource', items[0].resource.id]
  assert.deepEqual(await exact('compliance', 'verdicts', ...narrow), { items }, 'exactly what the site says')
  assert.match(await done('compliance', 'verdicts', ...narrow, '--state', 'exempt'), /No verdict/)
  assert.match(await done('compliance', 'sweep'), /judged again/)

  assert.match(await done('remediation', 'preview', assignment), /1 would be changed[^]*labels\.purpose: not set → unsaid/)
  assert.deepEqual((await exact('remediation', 'list')).items, [])
  assert.equal((await run(['remediation', 'start', assignment, '--per-minute', 'many'])).code, 2)
  const { id } = await exact('remediation', 'start', assignment, '--per-minute', '60', '--reason', 'Tidy up')
  const again = await run(['remediation', 'start', assignment])
  assert.deepEqual([again.code, again.err.includes(id)], [1, true], 'the refusal names the one that runs')
  await standsAt('compliant', 1)
  assert.match(await done('remediation', 'show', id), /up to 60 a minute: Tidy up\n1 put right[^]*project\/imaging: rewritten/)
  assert.match(await done('remediation', 'stop', id), / stopped/)
  assert.match(await done('remediation', 'list'), new RegExp(`${id} +stopped +/ +1 +0 +0`))
  assert.equal((await owner.get('/api/v1/projects/imaging')).body.labels.purpose, 'unsaid')
  assert.equal((await run(['remediation', 'show', 'remediation_00000000000000000000000000'])).code, 1)
  assert.equal((await run(['remediation', 'preview', 'assignment_none'])).code, 1)
})

test('only the guardrails that are named are put right', async (t) => {
  const app = await testApp(t, { engines: true })
  const owner = await app.as('owner')
  const { run, login } = shell(t, await app.listen())
  await login()
  const effect = { effects: ['remediate'], effect: 'remediate' }
  const purpose = await putGuardrail(owner, 'purpose', { ...effect, remediate: [{ path: 'labels.purpose', value: 'unsaid' }] })
  const kept = await putGuardrail(owner, 'kept', {
    ...effect,
    require: { field: 'labels.kept', exists: true },
    remediate: [{ path: 'labels.kept', value: 'a-year' }],
  })
  const both = {
    title: 'Labels',
    description: '',
    category: 'test',
    version: '1.0.0',
    guardrails: [{ guardrail: purpose }, { guardrail: kept }],
  }
  const made = await owner.put('/api/v1/initiatives', { name: 'labels', spec: both })
  assert.equal(made.status, 201, made.text)
  const assignment = await assigned(owner, 'labels', { initiative: made.body.resource.id })
  await owner.put('/api/v1/projects', { name: 'imaging', spec: {} })
  const preview = async (...some: string[]) => (await run(['remediation', 'preview', assignment, ...some])).out
  const giveUpAt = Date.now() + 60_000
  while (!(await preview()).startsWith('1 would')) assert.ok(Date.now() < giveUpAt, 'it is never judged')

  assert.match(await preview(), /labels\.purpose[^]*labels\.kept|labels\.kept[^]*labels\.purpose/)
  assert.doesNotMatch(await preview('--guardrail', kept), /labels\.purpose/)
  assert.match(await preview('--guardrail', kept, '--guardrail', purpose), /labels\.purpose/)
  const started = JSON.parse((await run(['remediation', 'start', assignment, '--guardrail', kept, '--json'])).out)

  assert.deepEqual(started.guardrails, [kept])
  const other = await run(['remediation', 'start', assignment, '--guardrail', 'builtin/none'])
  assert.equal(other.code, 1, other.out)
})

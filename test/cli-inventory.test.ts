// The inventory from the command line: as files and back, searched, held against the site, locked, moved, and put before others.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { putGuardrailAssignment } from '#guardrails'
import { rootScope } from '#policy'
import { atomically, systemContext } from '#platform/context.ts'
import { pathOf } from '../cli/export-tree.ts'
import { ask, changeSets, putRule } from './approvals.ts'
import { testApp } from './app.ts'
import { holder, registered } from './certificates.ts'
import { shell } from './shell.ts'

const files = `kind: folder
name: research
labels: { contact: llm@ministry.example }
criticality: high
---
kind: project
scope: /research
name: llm
labels: { contact: llm@ministry.example }
dependsOn: ['folder:/other']
spec: { title: One }
---
kind: folder
name: other
labels: { contact: other@ministry.example }
`

const started = async (t: TestContext) => {
  const app = await testApp(t)
  const { run, login, folder } = shell(t, await app.listen())
  await login()
  writeFileSync(join(folder, 'site.yaml'), files)
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const done = async (...args: string[]) => {
    const { code, out, err } = await run(args)
    assert.equal(code, 0, `${args.join(' ')}: ${err}${out}`)
    return out
  }
  return { app, run, done, folder, write }
}

test('an export is a folder of files that apply takes, and drift says when they and the site part', async (t) => {
  const { done, run, folder, write } = await started(t)
  await done('apply', '-f', 'site.yaml')

  assert.match(await done('export', 'out'), /Wrote \d+ documents/)
  const paths = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'))
  assert.ok(paths.includes('folder.research.yaml') && paths.includes(join('research', 'project.llm.yaml')), paths.join(' '))
  assert.match(readFileSync(join(folder, 'out', 'research', 'project.llm.yaml'), 'utf8'), /dependsOn:\n {2}- folder:\/other/)
  assert.match(await done('apply', '-f', 'out', '--dry-run'), /0 created, 0 changed, 0 deleted, \d+ unchanged/)
  assert.match(await done('drift', '-f', 'out'), /^No drift/)
  assert.equal((await run(['export', 'out'])).code, 1)

  await done('lock', 'add', 'stays', '--scope', '/other', '--effect', 'cannot-delete')
  write('out/research/project.llm.yaml', 'kind: project\nscope: /research\nname: llm\nspec: { title: Two }\n')
  write('out/view.v.yaml', 'kind: view\nname: v\nspec: { query: "kind:lock" }\n')
  const drifted = await run(['drift', '-f', 'out'])
  assert.equal(drifted.code, 1)
  for (const line of [
    /only in files {2}view\/v at \//,
    /only on site {2}lock\/stays at \/other/,
    /different {2}project\/llm at \/research/,
    /spec\.title: "Two" → "One"/,
  ])
    assert.match(drifted.out, line)
  const exact = JSON.parse((await run(['drift', '-f', 'out', '--json'])).out)
  assert.deepEqual([exact.onlyInFiles.length, exact.onlyOnSite.length, exact.different.length], [1, 1, 1])

  assert.match(await done('export', 'out', '--replace'), /Removed 1 files/)
  assert.equal(existsSync(join(folder, 'out', 'view.v.yaml')), false)
  assert.match(await done('drift', '-f', 'out'), /^No drift/)
})

test('an export writes nothing outside its folder, whatever a site sends', () => {
  assert.deepEqual(pathOf({ kind: 'view', scope: '/a/b', name: 'v' }), ['a', 'b', 'view.v.yaml'])
  for (const document of [
    { kind: 'view', name: '../v' },
    { kind: '../view', name: 'v' },
    { kind: 'view', scope: '/a/../..', name: 'v' },
    { kind: 'view', scope: '/a/.git', name: 'v' },
    { kind: 'view', name: 'a/b' },
    { kind: 'view', name: 7 as unknown as string },
  ])
    assert.throws(() => pathOf(document), /no name of a file/)
})

test('a dry run shows what is made, changed and deleted, what guardrails say and whose approval it takes; propose asks for it', async (t) => {
  const { app, done, run, write } = await started(t)
  const owner = await app.as('owner')
  await done('apply', '-f', 'site.yaml', '--manager', 'git')
  await putRule(owner, 'eyes', { actions: ['project.delete'] })
  await atomically(systemContext(app.app.site, 'test'), async (tx) =>
    putGuardrailAssignment(tx, {
      id: 'assignment_contact',
      scopeId: (await rootScope(tx))!.id,
      assignment: { guardrail: 'builtin/contact-stated', effect: 'audit' },
    }),
  )
  write(
    'next.yaml',
    'kind: folder\nname: research\nlabels: {}\ncriticality: low\n---\nkind: folder\nname: other\n---\nkind: view\nname: v\nspec: { query: x }\n',
  )
  const pruning = ['--manager', 'git', '--prune']

  const said = await done('apply', '-f', 'next.yaml', '--dry-run', ...pruning)

  for (const line of [
    /created {2}view\/v at \//,
    /changed {2}folder\/research at \//,
    /criticality: "high" → "low"/,
    /labels\.contact: - "llm@ministry\.example"/,
    /guardrail: builtin\/contact-stated \(audit\) non-compliant: project|guardrail: builtin\/contact-stated \(audit\) non-compliant: folder/,
    /deleted {2}project\/llm at \/research/,
    /approval: project\.delete takes 1 other/,
    /1 created, 1 changed, 1 deleted, 1 unchanged; nothing was changed/,
    /--propose/,
  ])
    assert.match(said, line)
  const refused = await run(['apply', '-f', 'next.yaml', ...pruning])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /--propose --reason/)
  assert.equal((await run(['apply', '-f', 'next.yaml', '--propose', ...pruning])).code, 1)
  const asked = await done('apply', '-f', 'next.yaml', '--propose', '--reason', 'Tidy up', ...pruning)
  const id = /change_\w+/.exec(asked)![0]
  const shown = await done('change', 'show', id)
  assert.match(shown, /Tidy up/)
  assert.match(shown, /deleted {2}project\/llm at \/research/)
  assert.match(await done('change', 'list', '--asked'), new RegExp(`${id}  open +resourceApply`))
  assert.match(await done('change', 'withdraw', id), /Withdrew/)
  assert.match(await done('change', 'list', '--state', 'withdrawn'), new RegExp(id))
})

test('what is there is found, drawn and told how it came to be', async (t) => {
  const { done, run } = await started(t)
  await done('apply', '-f', 'site.yaml', '--reason', 'The first files')
  assert.match(await done('search', 'kind:project', 'criticality=low'), /project {2}llm {2,}\/research/)
  assert.match(await done('search', 'kind:project spec.title:Two'), /Nothing that you may see/)
  assert.deepEqual(
    JSON.parse(await done('search', 'kind:project', '--json')).items.map(({ name }: { name: string }) => name),
    ['llm'],
  )
  assert.match((await run(['search', 'kind:'])).err, /a value is missing/)
  assert.match(await done('graph', 'project', 'llm'), /needs:\n {2}folder\/other at \/ declared/)
  assert.match(await done('graph', 'folder', 'other'), /is needed by:\n {2}project\/llm at \/research/)

  const project = JSON.parse(await done('get', 'project', 'llm', '--json'))
  await done('delete', 'project', 'llm', '--reason', 'Not needed')
  const told = await done('history', 'project', project.id)
  assert.match(told, /^2 {2}deleted .*: Not needed\n1 {2}created .*: The first files\n/)
  assert.match(told, /spec\.title: \+ "One"/)
  assert.equal((await run(['history', 'project', 'llm'])).code, 1)
})

test('locks are put on and taken away, and a move is tried before it is made', async (t) => {
  const { done, run } = await started(t)
  await done('apply', '-f', 'site.yaml')
  await done('lock', 'add', 'keep', '--effect', 'read-only', '--kind', 'project', '--on', 'llm', '--note', 'In use')
  assert.match(await done('lock', 'list'), /keep {2}\/ +read-only {2}project_\w+ {2}In use/)
  assert.match((await run(['delete', 'project', 'llm'])).err, /The lock keep/)
  assert.equal((await run(['lock', 'add', 'half', '--effect', 'read-only', '--kind', 'project'])).code, 1)
  await done('lock', 'remove', 'keep')

  assert.match(
    await done('move', 'project', 'llm', '/other', '--dry-run'),
    /From \/research to \/other, with 0 scopes and 0 other resources[^]*nothing was moved/,
  )
  assert.match(await done('get', 'project', 'llm'), /scope: \/research\n/)
  assert.match(await done('move', 'project', 'llm', '/other'), /Moved project llm to \/other/)
  assert.equal((await run(['move', 'folder', 'other', '/other'])).code, 1)
})

test('a certificate’s key approves from the command line what it was shown, and nothing else', async (t) => {
  const { app, done, run, write } = await started(t)
  const [owner, officer] = [await app.as('owner'), await app.as('security-officer')]
  const card = await holder()
  const certificate = await registered(owner, card)
  await putRule(owner, 'eyes', { actions: ['view.apply'] })
  const propose = () => ask(officer, { operationId: 'viewApply', body: { name: 'v', spec: { query: 'x' } } })
  const [id, other] = [await propose(), await propose()]
  write('card.pem', card.privateKey)
  write(
    'wrong.pem',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )

  assert.equal((await run(['change', 'approve', id, '--certificate', certificate, '--key', 'wrong.pem', '--yes'])).code, 1)
  assert.equal((await run(['change', 'approve', id, '--certificate', certificate, '--key', 'card.pem'], 'n\n')).code, 1)
  write('over-another.sig', card.sign(await done('change', 'statement', other)))
  assert.equal(
    (await run(['change', 'approve', id, '--certificate', certificate, '--signature', 'over-another.sig', '--yes'])).code,
    1,
  )
  assert.equal((await owner.get(`${changeSets}/${id}`)).body.state, 'open')

  const { code, out, err } = await run(['change', 'approve', id, '--certificate', certificate, '--key', 'card.pem'], 'y\n')
  assert.equal(code, 0, err)
  assert.match(err, /created {2}view\/v at \//)
  assert.match(out, /Approved .*: done/)
  assert.match(await done('change', 'refuse', other, '--reason', 'Once is enough'), /Refused/)
})

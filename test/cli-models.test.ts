// Models, deployments, answers and keys from the command line, against a site whose engine really answers.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { program } from '../cli/main.ts'
import { answeringSite, becomes } from './clients/site.ts'
import { password } from './app.ts'
import { smallModel } from './gguf.ts'
import { shell } from './shell.ts'

const site = await answeringSite()
const { run, login, folder } = shell({ after }, site.url)
const signedIn = await login()
assert.equal(signedIn.code, 0, signedIn.err)

const json = async (...args: string[]) => {
  const { code, out, err } = await run([...args, '--json'])
  assert.equal(code, 0, `${args.join(' ')}: ${err}`)
  return JSON.parse(out)
}

test('a file becomes a model with a passport and is listed; one that is none is refused by what is wrong with it', async () => {
  writeFileSync(join(folder, 'Small One.gguf'), smallModel(1_000_000))
  const added = await run(['model', 'add', 'Small One.gguf', '--licence', 'Apache-2.0', '--source', 'a drawer'])
  assert.equal(added.code, 0, added.err)
  assert.match(added.out, /Added small-one: llama, 1 M parameters, F32, context 2048 tokens, 3\.8 MiB/)
  assert.match((await run(['model', 'list'])).out, /small-one +\/ +1 M +F32 +2048 +3\.8 MiB/)
  const listed = (await json('model', 'list')).items.find(({ name }: { name: string }) => name === 'small-one')
  assert.deepEqual([listed.spec.licence, listed.spec.source], ['Apache-2.0', 'a drawer'])
  writeFileSync(join(folder, 'cut.gguf'), smallModel().subarray(0, 150))
  const refused = await run(['model', 'add', 'cut.gguf'])
  assert.equal(refused.code, 1)
  assert.match(refused.err, /not a usable model.*cut off/)
})

test('a model is deployed, becomes ready, and answers a question with a receipt that verifies', async () => {
  const made = await run(
    'deployment create second --model smollm2-135m-instruct --parallel 1 --context-tokens 512 --queue-max 2'.split(' '),
  )
  assert.match(made.out, /created deployment second/)
  await becomes(site.owner, 'second')
  assert.match((await run(['deployment', 'list'])).out, /second +\/ +smollm2-135m-instruct +ready/)
  const asked = 'chat -m second --max-tokens 16 --temperature 0 --receipt r.json What colour is the sky?'.split(' ')
  const answered = await run(asked)
  assert.equal(answered.code, 0, answered.err)
  assert.match(answered.out, /blue/)
  assert.match(answered.err, /\d+ tokens in .* receipt entry_/)
  const verified = await run(['log', 'verify', 'r.json'])
  assert.equal(verified.code, 0, verified.out)
  const unknown = await run(['chat', '-m', 'nobody', 'Hello'])
  assert.equal(unknown.code, 1)
  assert.match(unknown.err, /No deployment is called "nobody"/)
})

test('without a question one talks, and what was said before is part of the next question', async () => {
  const { code, out } = await run(['chat', '-m', 'smollm2', '--max-tokens', '8'], 'Hello\nAnd again\n\n')
  assert.equal(code, 0)
  assert.equal(out.match(/receipt entry_/g)?.length, 2)
  const [second, first] = (await site.app.audit()).filter(({ action }) => action === 'deployment.invoke').toReversed()
  assert.ok(second!.facts.usage.promptTokens > first!.facts.usage.promptTokens)
})

test('a key of one’s own is made by a person, works where it may, is listed, and ends when it is revoked', async () => {
  const person = `owner\n${password}\n`
  const made = await run(['key', 'create', 'robot', '--days', '1', '--action', 'deployment.invoke'], person)
  assert.equal(made.code, 0, made.err)
  const secret = made.out.split('\n')[0]!
  writeFileSync(join(folder, 'key'), secret)
  const asRobot = { HOLDFAST_KEY_FILE: join(folder, 'key') }
  assert.equal((await run(['chat', '-m', 'smollm2', '--max-tokens', '1', 'Hi'], '', asRobot)).code, 0)
  assert.match((await run(['model', 'add', 'Small One.gguf'], '', asRobot)).err, /Not permitted/)
  const { id } = (await json('key', 'list')).items.find(({ name }: { name: string }) => name === 'robot')
  assert.ok((await run(['key', 'list'])).out.includes(id))
  assert.equal((await run(['key', 'revoke', id])).code, 0)
  assert.equal((await run(['chat', '-m', 'smollm2', 'Hi'], '', asRobot)).code, 1)
})

/** How each verb that reads is asked, and what its exact answer has. */
const reads: Record<string, [args: string[], has: string]> = {
  status: [['status'], 'checks'],
  chat: [['chat', '-m', 'smollm2', '--max-tokens', '1', 'Hi'], 'receipt'],
  'model list': [['model', 'list'], 'items'],
  'deployment list': [['deployment', 'list'], 'items'],
  get: [['get', 'deployment', 'smollm2'], 'spec'],
  diff: [['diff', '-f', 'empty.yaml'], 'changes'],
  'log list': [['log', 'list', '-n', '3'], 'items'],
  'log show': [['log', 'show', '0'], 'entry'],
  'log prove': [['log', 'prove', '0'], 'checkpoint'],
  'log export': [['log', 'export'], 'file'],
  'log checkpoint': [['log', 'checkpoint'], 'text'],
  why: [['why', '--action', 'model.apply'], 'allowed'],
  'key list': [['key', 'list'], 'items'],
  search: [['search', 'kind:deployment'], 'items'],
  graph: [['graph', 'deployment', 'smollm2'], 'nodes'],
  history: [['history', 'deployment', 'smollm2'], 'items'],
  'lock list': [['lock', 'list'], 'items'],
  'change list': [['change', 'list'], 'items'],
  'role list': [['role', 'list'], 'items'],
  'elevation list': [['elevation', 'list'], 'items'],
  'guardrail list': [['guardrail', 'list'], 'items'],
  'guardrail show': [['guardrail', 'show', 'builtin/model-licence-stated'], 'definition'],
  'guardrail try': [['guardrail', 'try', 'builtin/model-licence-stated'], 'counts'],
  'exemption list': [['exemption', 'list'], 'items'],
  'compliance show': [['compliance'], 'resources'],
  'compliance verdicts': [['compliance', 'verdicts'], 'items'],
  'compliance history': [['compliance', 'history'], 'items'],
  'compliance transitions': [['compliance', 'transitions'], 'items'],
  'attestations list': [['compliance', 'attestations'], 'items'],
  'remediation list': [['remediation', 'list'], 'items'],
  'artifact repositories': [['artifact', 'repositories'], 'items'],
  'artifact list': [['artifact', 'list'], 'items'],
  'artifact login-lines': [['artifact', 'login-lines'], 'items'],
}
/** Verbs that change, that print what is no data of the site, or that speak by their exit. */
const others = [
  'up, config, recover, login, logout, completion, apply, delete, move, export, drift, what-if, elevate',
  'model add, deployment create, log verify, log rebuild, key create, key revoke, elevation end',
  'lock add, lock remove, guardrail import, compliance sweep, compliance attest, attestations withdraw',
  'remediation show, remediation preview, remediation start, remediation stop',
  'change show, change approve, change statement, change refuse, change withdraw',
  'storage show, storage collect, storage retain, storage scrub, storage damaged, storage usage',
  'generation list, generation show, generation make, generation switch, generation rollback, generation discard',
  'artifact push, artifact pull, artifact copy, artifact attach, artifact discard, artifact tags, artifact show, artifact referrers',
  'artifact push-model, artifact pull-model, artifact sign, artifact verify, artifact signing-key',
].flatMap((line) => line.split(', '))

test('every verb that reads has an exact answer for machines, wherever on the line it is asked for', async () => {
  const leaves = (command: ReturnType<typeof program>, path: string): string[] =>
    command.commands.flatMap((it) => (it.commands.length > 0 ? leaves(it, `${it.name()} `) : [`${path}${it.name()}`]))
  const unknown = leaves(program(), '').filter((verb) => !(verb in reads) && !others.includes(verb))
  assert.deepEqual(unknown, [], 'a new verb: put it among those that read, or among the others')
  writeFileSync(join(folder, 'empty.yaml'), '')
  for (const [verb, [args, has]] of Object.entries(reads)) assert.ok(has in (await json(...args)), verb)
  for (const what of ['kinds', 'roles', 'deployment']) assert.ok((await json('get', what)).items.length > 0, what)
  assert.ok('checks' in JSON.parse((await run(['--json', 'status'])).out))
})

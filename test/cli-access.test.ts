// Roles, rights for a time and what-if from the command line.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { inWords, secondsIn } from '../cli/access.ts'
import { testApp, type Caller } from './app.ts'
import { shell } from './shell.ts'

const started = async (t: TestContext) => {
  const app = await testApp(t)
  const { run, login, folder } = shell(t, await app.listen())
  await login()
  const done = async (...args: string[]) => {
    const { code, out, err } = await run(args)
    assert.equal(code, 0, `${args.join(' ')}: ${err}${out}`)
    return out
  }
  return { app, run, done, folder }
}

/** The first owner is who runs the command line. */
const eligible = async (giver: Caller, principal: string, more = {}) => {
  const spec = { principal, role: 'auditor', eligible: { maxSeconds: 7200, ...more } }
  assert.equal((await giver.put('/api/v1/role-assignments', { name: 'on-call', spec })).status, 201)
}

test('a role is activated for a time with a reason, listed, and ended, in words and as JSON', async (t) => {
  const { app, done, run } = await started(t)
  const owner = await app.as('owner')
  await eligible(await app.as('owner', { name: 'second' }), owner.userId)
  assert.match(
    await done('elevation', 'list'),
    /Nobody you may see is elevated\.\n\nYOU COULD ACTIVATE .*\non-call +auditor +\/ +2h +0/,
  )

  assert.match(
    await done('elevate', 'on-call', '--for', '1h30m', '--reason', 'To look'),
    /^Elevated: auditor at \/ until .* \(in 90 min\)/,
  )

  const listed = JSON.parse(await done('elevation', 'list', '--json'))
  const [{ id, reason, startsAt, expiresAt }] = listed.items
  assert.deepEqual([reason, Date.parse(expiresAt) - Date.parse(startsAt)], ['To look', 5_400_000])
  assert.match(await done('elevation', 'list'), new RegExp(`${id} +${owner.userId} +auditor +/ +in .* +To look`))
  const again = await run(['elevate', 'on-call', '--for', '1h', '--reason', 'Once more'])
  assert.equal(again.code, 1)
  assert.match(again.err, /active already/)
  assert.match(await done('elevation', 'end', id), /^Ended/)
  assert.equal((await run(['elevation', 'end', id])).code, 1)
})

test('where others must approve, elevate says so, and proposes it', async (t) => {
  const { app, done, run } = await started(t)
  const owner = await app.as('owner')
  await eligible(await app.as('owner', { name: 'second' }), owner.userId, { approvals: 1 })
  const args = ['elevate', 'on-call', '--for', '30m', '--reason', 'To look']

  const refused = await run(args)

  assert.equal(refused.code, 1)
  assert.match(refused.err, /--propose/)
  assert.match(await done(...args, '--propose'), /^Asked: change_/)
  assert.match(await done('change', 'list'), /elevationActivate/)
})

test('a time that is none, or no reason, is refused before anything is sent', async (t) => {
  const { run } = await started(t)

  for (const time of ['', 'soon', '1', '30m1h', '-1h', '1.5h'])
    assert.match((await run(['elevate', 'x', `--for=${time}`, '--reason', 'y'])).err, /is no time such as|argument missing/, time)
  assert.equal((await run(['elevate', 'x', '--for', '1h'])).code, 2)
  assert.deepEqual(['90m', '1h30m', '2d', '1d2h3m4s', '45s'].map(secondsIn), [5400, 5400, 172_800, 93_784, 45])
  assert.deepEqual([5400, 172_800, 93_784, 45].map(inWords), ['1h30m', '2d', '1d2h3m4s', '45s'])
})

test('what-if tells who would gain and lose by files and deletions, and changes nothing; roles made here are listed', async (t) => {
  const { app, done, run, folder } = await started(t)
  const member = await app.as('member')
  const role = `kind: role\nname: reader\nspec: { title: Reader, actions: [audit.read] }\n`
  const given = `kind: role-assignment\nname: a\nspec: { principal: ${member.userId}, role: reader }\n`
  writeFileSync(join(folder, 'roles.yaml'), `${given}---\n${role}`)

  assert.match(await done('what-if', '-f', 'roles.yaml'), new RegExp(`^gains {2}${member.userId} {2}audit.read at /\n$`))
  assert.doesNotMatch(await done('role', 'list'), /reader/)
  const { body } = await (await app.as('owner')).get('/api/v1/role-assignments?q=member')
  const effects = JSON.parse(await done('what-if', '--delete', body.items[0].id, '--json'))
  assert.deepEqual([effects.gains, effects.loses.some((it: { principal: string }) => it.principal === member.userId)], [[], true])
  assert.equal((await run(['what-if'])).code, 2)
  await done('apply', '-f', 'roles.yaml')
  assert.match(await done('role', 'list'), /reader +here +1 +Reader/)
  assert.match(await done('what-if', '-f', 'roles.yaml'), /^Nobody gains or loses anything\./)
})

test('why takes a username, and says so when there is nobody of that name', async (t) => {
  const { app, done, run } = await started(t)
  const member = await app.as('member', { name: 'tim' })

  assert.match(await done('why', '--who', member.username, '--action', 'model.apply'), /^No: no role held/)
  assert.match(await done('why', '--who', member.userId, '--action', 'deployment.invoke'), /^Yes: the role member/)
  const unknown = await run(['why', '--who', `${member.username}x`, '--action', 'model.apply'])

  assert.equal(unknown.code, 1, unknown.out)
  assert.match(unknown.err, new RegExp(`No such person or group: .*"${member.username}x".*/api/v1/users`))
})

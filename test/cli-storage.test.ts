// From the command line: how the store stands, what can be freed, what retention would take, and generations.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from './app.ts'
import { registryClient } from './registry.ts'
import { shell } from './shell.ts'

test('the store is looked after, and generations are made, shown, switched and rolled back', async (t) => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const owner = await app.as('owner')
  const { run, login } = shell(t, await app.listen())
  await login()
  const artifact = async (...args: string[]) => {
    const { code, out, err } = await run(['artifact', ...args])
    assert.equal(code, 0, `${args.join(' ')}: ${err}`)
    return out
  }
  await owner.put('/api/v1/repositories', { name: 'apps', spec: { format: 'oci' } })
  const [one, two] = [await client.push('apps', 'v1'), await client.push('apps', 'v2')]
  const loose = await client.pushBlob('apps', Buffer.from('loose'))

  assert.match(await artifact('storage'), /None is damaged.*\n100\.0 %/)
  const dry = await artifact('storage', 'collect', '--dry-run')
  assert.match(dry, new RegExp(`${loose} +5 B`))
  assert.match(await artifact('storage', 'collect'), /Removed 0 files/)
  assert.match(await artifact('storage', 'damaged'), /Nothing that was read is damaged/)
  assert.match(await artifact('storage', 'usage'), /apps +oci/)
  assert.match(await artifact('storage', 'retain', 'apps', '--dry-run', '--keep-last', '1'), /apps:v1 +sha256:/)
  assert.equal((await run(['artifact', 'storage', 'retain', 'apps'])).code, 1, 'nothing is set')

  assert.match(await artifact('generation', 'make', 'main', `apps:prod@${one}`, '--switch'), /Made main\/1: 1 names, live/)
  assert.match(await artifact('generation', 'make', 'main', `apps:prod@${two}`), /switch main\/2/)
  assert.match(await artifact('generation', 'switch', 'main/2'), /Live: main\/2, before it main\/1; 1 tags moved/)
  assert.match(await artifact('generation', 'show', 'main/2'), new RegExp(`apps:prod +${one} +${two}`))
  assert.match(await artifact('generation', 'rollback', 'main'), /Live: main\/1/)
  assert.match(await artifact('generation', 'list'), /main\/1 +live/)
  assert.equal((await run(['artifact', 'generation', 'discard', 'main/1'])).code, 1)
  assert.match(await artifact('generation', 'discard', 'main/2'), /Discarded main\/2/)
})

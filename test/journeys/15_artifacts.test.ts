import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { writePulls } from '#artifacts'
import { password, testApp } from '../app.ts'
import { childEnv } from '../child-env.ts'
import { openBrowser, signIn, skip as noBrowser } from './browser.ts'

const oras = resolve('.cache/go-bin/oras')
const skip = noBrowser || (existsSync(oras) ? false : 'oras is not installed: `sh scripts/test-tools.sh` and run again')

test('a repository is made, filled by a client of the field, looked into, and a tag of it discarded', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const url = await app.listen()
  const { host } = new URL(url)
  const folder = mkdtempSync(join(tmpdir(), 'oras-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { body: key } = await owner.post('/api/v1/keys', { name: 'oras' })
  const run = (...args: string[]) =>
    promisify(execFile)(oras, args, { cwd: folder, env: { ...childEnv(), DOCKER_CONFIG: folder, HOME: folder } })
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, 'owner', password)

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Artifacts' }).click()
  await page.getByText('No repositories yet').waitFor()
  await page.getByRole('button', { name: 'Create repository' }).first().click()
  const form = page.getByRole('dialog', { name: 'Create a repository' })
  await form.getByLabel('Name', { exact: true }).fill('probes')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'probes' }).waitFor()
  const lines = await page.getByLabel('Lines for oras').innerText()
  assert.match(lines, new RegExp(`^oras login ${host} -u owner\\noras push ${host}/probes/THING:1.0 FILE`))

  writeFileSync(join(folder, 'readings.csv'), 'depth,temperature\n1,4\n')
  await run('login', host, '-u', 'owner', '-p', key.secret, '--plain-http')
  for (const tag of ['1.0', '1.1']) await run('push', '--plain-http', `${host}/probes/north:${tag}`, 'readings.csv')
  await run('pull', '--plain-http', `${host}/probes/north:1.1`, '-o', join(folder, 'out'))
  await writePulls(app.app.site)

  await page.goto(`${url}/artifacts`)
  const row = page.getByRole('table', { name: 'Repositories' }).getByRole('row').filter({ hasText: 'probes' })
  assert.match(await row.innerText(), /OCI\s+1\s/)
  await row.getByRole('link', { name: 'probes' }).click()
  await page.getByRole('table', { name: 'Packages' }).getByRole('link', { name: 'north' }).click()
  const tags = page.getByRole('table', { name: 'Tags' })
  await tags.getByRole('link', { name: '1.1', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'probes/north:1.1' }).waitFor()
  const file = page.getByRole('table', { name: 'Files' }).getByRole('row').filter({ hasText: 'readings.csv' })
  assert.match(await file.innerText(), /22 B/)
  await page.getByRole('tab', { name: /Pulls \(1\)/ }).click()
  await page.getByRole('table', { name: 'Who pulls it' }).getByText('The Owner').waitFor()

  await page.getByRole('link', { name: 'probes/north', exact: true }).click()
  await tags.getByRole('button', { name: 'Discard 1.0' }).click()
  const sure = page.getByRole('alertdialog')
  await sure.getByText('probes/north:1.0').waitFor()
  await sure.getByLabel('Type 1.0 to confirm').fill('1.0')
  await sure.getByRole('button', { name: 'Discard' }).click()
  await tags.getByRole('link', { name: '1.0', exact: true }).waitFor({ state: 'detached' })
  await assert.rejects(run('pull', '--plain-http', `${host}/probes/north:1.0`), /not found/)
  assert.equal((await app.audit()).filter(({ action }) => action === 'repository.discard').length, 1)
})

test(
  'who may only pull is offered neither to push nor to discard, and what one may not read is not there',
  { skip: noBrowser },
  async (t) => {
    const app = await testApp(t)
    const owner = await app.as('owner')
    await owner.put('/api/v1/projects', { name: 'open', spec: {} })
    for (const scope of ['/', '/open']) await owner.put('/api/v1/repositories', { name: 'shelf', scope, spec: { format: 'oci' } })
    const member = await app.as('member', { scope: '/open' })
    const url = await app.listen()
    const browser = await openBrowser(t, url, { expectedFaults: [/There is no repository at shelf\/secret/] })
    const { page } = browser
    await signIn(browser, member.username, password)
    await page.goto(`${url}/artifacts`)
    const rows = page.getByRole('table', { name: 'Repositories' }).getByRole('row')
    await rows.nth(1).waitFor()
    assert.equal(await rows.count(), 2)
    assert.match(await rows.nth(1).innerText(), /\/open[^]*pull$/)
    await page.goto(`${url}/artifacts/package?path=shelf/secret`)
    await page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor()
  },
)

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { password, testApp } from '../app.ts'
import { openBrowser, signIn, skip } from './browser.ts'

test('a group is made, filled and given a role at a project, and its people may from then on', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const grace = await app.as('nobody', { name: 'grace' })
  await owner.put('/api/v1/projects', { name: 'harbour', spec: {} })
  assert.equal((await grace.get('/api/v1/projects/harbour')).status, 404)
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, 'owner', password)

  await page.goto(`${url}/groups`)
  await page.getByRole('button', { name: 'Create group' }).first().click()
  const form = page.getByRole('dialog', { name: 'Create a group' })
  await form.getByLabel('Name', { exact: true }).fill('Night watch')
  await form.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'Night watch' }).waitFor()
  await page.getByRole('combobox', { name: 'Add a person or group' }).click()
  await page.getByRole('option', { name: grace.username }).click()
  await page.getByRole('table', { name: 'Members' }).getByText(grace.username).waitFor()

  await page.goto(`${url}/roles`)
  await page.getByRole('button', { name: 'Grant or deny' }).click()
  const grant = page.getByRole('dialog', { name: 'Grant a role, or deny acts' })
  await grant.getByRole('combobox', { name: 'Person or group' }).click()
  await page.getByRole('option', { name: 'Night watch' }).click()
  await grant.getByRole('combobox', { name: 'Role', exact: true }).click()
  await page.getByRole('option', { name: 'Member' }).click()
  await grant.getByRole('combobox', { name: 'Where' }).click()
  await page.getByRole('option', { name: '/harbour' }).click()
  await grant.getByRole('button', { name: 'Grant', exact: true }).click()
  await page.getByRole('row').filter({ hasText: 'Night watch' }).getByText('/harbour').waitFor()

  assert.equal((await grace.get('/api/v1/projects/harbour')).status, 200)
})

test('an API key is shown once, works at the door it is for, and ends when it is revoked', { skip }, async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, member.username, password)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'Create key' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Create a key' })
  await dialog.getByLabel('Name', { exact: true }).fill('Night report')
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const secret = await dialog.getByLabel('Key', { exact: true }).innerText()
  assert.match(secret, /^hf_[\w-]{20,}/)
  const asked = async (path: string, method = 'GET') =>
    (await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${secret}` } })).status
  assert.deepEqual([await asked('/v1/models'), await asked('/api/v1/overview')], [200, 404])

  await page.keyboard.press('Escape')
  const row = page.getByRole('row').filter({ hasText: 'Night report' })
  await row.getByText('Active').waitFor()
  await page.reload()
  await row.waitFor()
  assert.ok(!(await page.content()).includes(secret))
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await row.getByText('Revoked').waitFor()
  assert.equal(await asked('/v1/models'), 401)
})

test('an auditor takes the whole log away, and it verifies without the site', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const auditor = await app.as('auditor')
  await owner.put('/api/v1/projects', { name: 'harbour', spec: {} })
  await app.audit()
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, auditor.username, password)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit log' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export the whole log' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'holdfast-log.ndjson')
  const file = await download.path()
  const verifier = join(import.meta.dirname, '../../verifier/holdfast-verify.mjs')
  const checked = spawnSync(process.execPath, [verifier, file], { encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stdout)
  const actions = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(Buffer.from(JSON.parse(line).leaf, 'base64').toString('utf8')).action)
  assert.ok(actions.includes('project.apply'), actions.join())
})

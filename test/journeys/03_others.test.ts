import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, testApp } from '../app.ts'
import { openBrowser, signIn, skip } from './browser.ts'

test('a member finds what is theirs, and neither sees nor reaches what is not; the refusal is on record', { skip }, async (t) => {
  const app = await testApp(t)
  const member = await app.as('member')
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, member.username, password)
  const nav = page.getByRole('navigation', { name: 'Main' })
  await nav.getByRole('link', { name: 'Chat' }).waitFor()
  for (const hidden of ['People', 'Audit']) assert.equal(await nav.getByRole('link', { name: hidden }).count(), 0, hidden)
  await page.goto(`${url}/audit`)
  await page
    .getByText(/that you may see/i)
    .first()
    .waitFor()
  assert.equal(await page.getByText('setup').count(), 0)
  const denied = (await app.audit()).filter(({ actor, outcome }) => actor === member.userId && outcome === 'denied')
  assert.ok(
    denied.some(({ action }) => action === 'audit.read'),
    JSON.stringify(denied),
  )
})

test('an auditor follows an act to its proof, in the browser', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  await owner.put('/api/v1/projects', { name: 'harbour', spec: {} })
  const [entry] = (await app.audit()) as unknown as { id: string }[]
  const auditor = await app.as('auditor')
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, auditor.username, password)
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' }).click()
  await page.getByRole('table').getByText('project.apply').first().click()
  await page.getByRole('region', { name: 'Verification' }).getByText('Verified in your browser').waitFor()
  assert.ok((await page.content()).includes(entry!.id))
})

test('an invited person joins by their link and is who they were invited to be', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const { body } = await owner.post('/api/v1/users', { username: 'grace', displayName: 'Grace Hopper' })
  const token = new URL(body.invitation.url, 'http://localhost').searchParams.get('token')
  const url = await app.listen()
  const { page } = await openBrowser(t, url)
  await page.goto(`${url}/join?token=${token}`)
  await page.getByRole('button', { name: 'Choose a password' }).click()
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByLabel('Password again', { exact: true }).fill(password)
  await page
    .getByRole('button', { name: /password|join|continue/i })
    .last()
    .click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
  await page.getByText('Grace Hopper').first().waitFor()
})

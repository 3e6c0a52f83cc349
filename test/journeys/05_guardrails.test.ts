import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, testApp } from '../app.ts'
import { openBrowser, signIn, skip } from './browser.ts'

test('a guardrail is written, tried, put to work as a dry run, enforced, and then refuses in words', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  assert.equal((await owner.put('/api/v1/projects', { name: 'harbour', spec: {} })).status, 201)
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, owner.username, password)

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Guardrails' }).click()
  await page.getByText('Nothing is held to anything yet').waitFor()
  await page.getByRole('button', { name: 'Write a guardrail' }).click()
  const writing = page.getByRole('dialog', { name: 'Write a guardrail' })
  await writing.getByLabel('Name', { exact: true }).fill('says-whom-to-ask')
  await writing.getByRole('button', { name: 'Try it on what is here' }).click()
  await writing.getByText('harbour does not say whom to ask').waitFor()
  await writing.getByRole('button', { name: 'Keep it' }).click()

  await page.getByRole('tab', { name: 'Library' }).click()
  await page.getByRole('textbox', { name: 'Search the library' }).fill('whom to ask')
  await page.getByRole('button', { name: 'Assign Projects say whom to ask' }).click()
  const assigning = page.getByRole('dialog', { name: 'Put to work: Projects say whom to ask' })
  await assigning.getByLabel('Effect').click()
  await page.getByRole('option', { name: 'deny: Refuse what does not hold' }).click()
  await assigning.getByRole('button', { name: 'Begin the dry run' }).click()

  await page.getByRole('tab', { name: 'At work' }).click()
  const work = page.getByRole('table', { name: 'Guardrails at work' })
  await work.getByText('dry run').waitFor()
  assert.equal((await owner.put('/api/v1/projects', { name: 'quay', spec: {} })).status, 201)
  await work.getByRole('button', { name: 'Enforce' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Enforce' }).click()
  await work.getByText('enforced').waitFor()

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Scopes' }).click()
  await page.getByRole('button', { name: 'Create scope' }).click()
  const creating = page.getByRole('dialog', { name: 'Create a scope' })
  await creating.getByLabel('Name', { exact: true }).fill('pier')
  await creating.getByRole('button', { name: 'Create', exact: true }).click()
  await creating.getByText('pier does not say whom to ask: give it the label contact.').waitFor()
})

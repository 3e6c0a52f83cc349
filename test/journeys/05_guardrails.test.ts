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

test('a dry run is looked at before it is enforced: what does not hold, where, and why', { skip }, async (t) => {
  const app = await testApp(t, { engines: true })
  const owner = await app.as('owner')
  await owner.put('/api/v1/folders', { name: 'clinic', spec: {} })
  await owner.put('/api/v1/projects', { scope: '/clinic', name: 'imaging', spec: {} })
  const spec = {
    title: 'Projects say whom to ask',
    description: 'Whoever finds something wrong must know where to turn.',
    category: 'ownership',
    version: '1.0.0',
    kinds: ['project'],
    require: { field: 'labels.contact', exists: true },
    effects: ['deny'],
    effect: 'deny',
    message: '{name} does not say whom to ask.',
  }
  const made = await owner.put('/api/v1/guardrails', { name: 'contact', spec })
  const assigned = { guardrail: made.body.resource.id, enforced: false }
  assert.equal((await owner.put('/api/v1/guardrail-assignments', { name: 'contact', spec: assigned })).status, 201)
  const auditor = await app.as('auditor')
  const url = await app.listen()
  const browser = await openBrowser(t, url)
  const { page } = browser
  await signIn(browser, auditor.username, password)

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Compliance' }).click()
  await page.getByRole('img', { name: 'Resources: 1 non-compliant' }).waitFor()
  await page.getByRole('table', { name: 'By place' }).getByRole('link', { name: '/clinic' }).waitFor()
  await page.getByRole('table', { name: 'By guardrail' }).getByRole('link', { name: 'Projects say whom to ask' }).click()
  const verdicts = page.getByRole('table', { name: 'Verdicts' })
  await verdicts.getByText('imaging does not say whom to ask.').waitFor()
  await verdicts.getByText('dry run').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Judge all again' }).count(), 0)
})

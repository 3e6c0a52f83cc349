import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, testApp } from '../app.ts'
import { openBrowser, plugAuthenticator, signIn, skip } from './browser.ts'

test('what needs four eyes is offered to others, shown exactly, signed with a passkey, and then done', { skip }, async (t) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const second = await app.as('owner', { name: 'second' })
  const rule = { name: 'folders-by-two', spec: { actions: ['folder.apply'], quorum: 1 } }
  assert.equal((await owner.put('/api/v1/approval-rules', rule)).status, 201)
  const url = await app.listen()

  const asker = await openBrowser(t, url)
  await signIn(asker, owner.username, password)
  await asker.page.goto(`${url}/scopes`)
  await asker.page.getByRole('button', { name: 'Create scope' }).click()
  const form = asker.page.getByRole('dialog', { name: 'Create a scope' })
  await form.getByText('Folder', { exact: true }).click()
  await form.getByLabel('Name', { exact: true }).fill('research')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  const offer = asker.page.getByRole('dialog', { name: 'Others must approve this' })
  await offer.getByLabel('Why it is needed').fill('The research council begins in March.')
  await offer.getByRole('button', { name: 'Ask for approval' }).click()
  await asker.page.getByRole('heading', { name: 'Apply folder' }).waitFor()
  await asker.page.getByRole('heading', { name: 'What it changes' }).waitFor()

  const approver = await openBrowser(t, url)
  await plugAuthenticator(approver.page)
  await signIn(approver, second.username, password)
  await approver.page.goto(`${url}/account`)
  await approver.page.getByRole('button', { name: 'Add passkey' }).click()
  await approver.page.getByRole('dialog').getByLabel('Name').fill('Desk key')
  await approver.page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click()
  await approver.page.getByText('Desk key').waitFor()
  await approver.page.goto(`${url}/approvals`)
  await approver.page.getByRole('link', { name: 'Apply folder' }).click()
  await approver.page.getByText('The research council begins in March.').waitFor()
  await approver.page.getByText('created', { exact: true }).waitFor()
  await approver.page.getByRole('button', { name: 'Approve with passkey' }).click()
  await approver.page.getByText('Approved, and done').waitFor()

  const { body } = await owner.get('/api/v1/folders')
  assert.deepEqual(
    body.items.map(({ name, owner: by }: { name: string; owner: string }) => [name, by]),
    [['research', owner.userId]],
  )
})

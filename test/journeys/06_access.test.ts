import assert from 'node:assert/strict'
import { test } from 'node:test'
import { password, testApp } from '../app.ts'
import { openBrowser, signIn, skip } from './browser.ts'

test(
  'a role is made, its effect is told before it is given, and an eligible one is activated for a time',
  { skip },
  async (t) => {
    const app = await testApp(t)
    const owner = await app.as('owner')
    const tim = await app.as('member', { name: 'tim' })
    const url = await app.listen()
    const giving = await openBrowser(t, url)
    const { page } = giving
    await signIn(giving, owner.username, password)

    await page.goto(`${url}/roles?tab=roles`)
    await page.getByRole('button', { name: 'Make a role' }).click()
    const making = page.getByRole('dialog', { name: 'Make a role' })
    await making.getByLabel('Title').fill('Night desk')
    await making.getByLabel('Name', { exact: true }).fill('night-desk')
    await making.getByLabel('What it is for').fill('Looks after deployments at night.')
    await making.getByRole('checkbox', { name: 'deployment.apply' }).check()
    await making.getByRole('checkbox', { name: 'lock.apply' }).check()
    await making.getByRole('button', { name: 'Make the role of 2 acts' }).click()
    await page.getByRole('region', { name: 'Night desk' }).waitFor()

    await page.getByRole('tab', { name: 'Who has what' }).click()
    await page.getByRole('button', { name: 'Grant or deny' }).click()
    const granting = page.getByRole('dialog', { name: 'Grant a role, or deny acts' })
    await granting.getByLabel('Person or group').click()
    await page.getByRole('option', { name: new RegExp(tim.username) }).click()
    await granting.getByLabel('Role', { exact: true }).click()
    await page.getByRole('option', { name: 'Night desk' }).click()
    await granting.getByRole('button', { name: 'Who gains, who loses?' }).click()
    await granting.getByText('gains 2 acts at /').waitFor()
    await granting.getByText('Make eligible', { exact: true }).click()
    await granting.getByRole('button', { name: 'Make eligible' }).click()
    await page.getByRole('table', { name: 'Role assignments' }).getByText('when activated').waitFor()
    const lock = { name: 'still', spec: { effect: 'read-only' } }
    assert.equal((await tim.put('/api/v1/locks', lock)).status, 403)

    const own = await openBrowser(t, url)
    await signIn(own, tim.username, password)
    await own.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Elevation' }).click()
    await own.page.getByRole('button', { name: 'Activate' }).click()
    const activating = own.page.getByRole('dialog', { name: 'Activate for a time' })
    await activating.getByLabel('What for').fill('The night shift begins.')
    await activating.getByRole('button', { name: 'Activate' }).click()
    await own.page.getByRole('table', { name: 'Active elevations' }).getByText('The night shift begins.').waitFor()
    const held = await tim.put('/api/v1/locks', lock)
    assert.ok(held.status < 300, held.text)
  },
)

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issueSetupToken } from '#identity'
import { systemContext } from '#platform/context.ts'
import { freshSite, listen } from '../app.ts'
import { openBrowser, plugAuthenticator, skip } from './browser.ts'

test('whoever holds the one-time link becomes owner with a passkey, and comes back with it', { skip }, async (t) => {
  const { app } = await freshSite(t)
  const url = await listen(app)
  const link = `${url}/setup?token=${await issueSetupToken(systemContext(app.site, 'test'))}`
  const { page } = await openBrowser(t, url)
  await plugAuthenticator(page)

  await page.goto(link)
  await page.getByLabel('Organisation', { exact: true }).fill('Ministry of Harbours')
  await page.getByLabel('Your name', { exact: true }).fill('Ada Lovelace')
  await page.getByLabel('User name', { exact: true }).fill('ada')
  await page.getByRole('button', { name: 'Continue with a passkey' }).click()
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'People' }).waitFor()

  await page.getByText('Ada Lovelace').first().click()
  await page.getByRole('menuitem', { name: /sign out/i }).click()
  // The sign-in page asks for a passkey by itself, and this authenticator's person is always present.
  await page.waitForURL('**/sign-in**')
  await page.getByRole('navigation', { name: 'Main' }).waitFor()

  await page.goto(link)
  await page.getByText('The set-up link works once.').waitFor()
  assert.equal(await page.getByLabel('Organisation', { exact: true }).count(), 0)
})

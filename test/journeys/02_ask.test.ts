import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { becomes } from '../clients/site.ts'
import { password, testApp } from '../app.ts'
import { openBrowser, signIn, skip } from './browser.ts'

test(
  'a question is answered as one watches, and its receipt verifies in the browser and without the site',
  { skip },
  async (t) => {
    const app = await testApp(t, { engines: true })
    const owner = await app.as('owner')
    const url = await app.listen()
    const { ensureDefaults } = await import('#inference')
    const { systemContext } = await import('#platform/context.ts')
    await ensureDefaults(systemContext(app.app.site, 'test'))
    await becomes(owner, 'smollm2')
    const browser = await openBrowser(t, url)
    const { page } = browser
    await signIn(browser, 'owner', password)

    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Chat' }).click()
    await page.getByLabel('Your question').fill('Name one colour of the sea.')
    await page.getByRole('button', { name: 'Send' }).click()
    const receiptButton = page.getByRole('button', { name: 'Receipt' })
    await receiptButton.waitFor({ timeout: 60_000 })
    assert.ok((await page.getByRole('article', { name: 'Answer' }).first().innerText()).length > 5)

    await receiptButton.click()
    const verification = page.getByRole('region', { name: 'Verification' })
    await verification.getByText('Verified in your browser').waitFor()
    assert.equal(await verification.getByLabel('Holds').count(), 4)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).first().click(),
    ])
    const checked = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../verifier/holdfast-verify.mjs'), await download.path()],
      { encoding: 'utf8' },
    )
    assert.equal(checked.status, 0, checked.stdout)
    await page.keyboard.press('Escape')

    await page.getByLabel('Your question').fill('Tell a very long story about the sea, with every wave described.')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('article[aria-busy=true]').getByText(/token/).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    const stopped = page.getByRole('article', { name: 'Answer' }).getByText('stopped', { exact: true })
    await stopped.waitFor()

    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.locator('article[aria-busy=true]').getByText(/token/).waitFor()
    await page.getByLabel('Your question').press('Escape')
    await stopped.waitFor()
    assert.equal(await page.getByRole('article', { name: 'Answer' }).count(), 2, 'the new answer is in the place of the old')
    const invoked = (await app.audit()).filter(({ action }) => action === 'deployment.invoke')
    assert.deepEqual(
      invoked.map(({ outcome }) => outcome),
      ['done', 'cancelled', 'cancelled'],
    )
  },
)

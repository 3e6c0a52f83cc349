import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { password, testApp } from '../app.ts'
import { smallModel } from '../gguf.ts'
import { openBrowser, signIn, skip } from './browser.ts'

/** Lets go of a file over the field, as one does who drags it from a folder. */
const drop = async (page: Page, name: string, content: Buffer): Promise<void> => {
  const field = page.getByText('Drop a GGUF file here, or choose one')
  // As text, since these tests are compiled for a world without a document.
  const carried = await page.evaluateHandle(`(async () => {
    const data = new DataTransfer()
    const content = await (await fetch(${JSON.stringify(`data:application/octet-stream;base64,${content.toString('base64')}`)})).blob()
    data.items.add(new File([content], ${JSON.stringify(name)}))
    return data
  })()`)
  for (const event of ['dragenter', 'dragover', 'drop']) await field.dispatchEvent(event, { dataTransfer: carried })
}

test(
  'a model dropped on the page is sent with its progress shown, checked, and becomes one with a passport; what is none is refused by why',
  { skip },
  async (t) => {
    const app = await testApp(t)
    const engineer = await app.as('ai-engineer')
    const url = await app.listen()
    // The site's own policy lets no page fetch data: URLs; the test's page does, to have a file at all.
    const browser = await openBrowser(t, url, { bypassCSP: true })
    const { page } = browser
    await signIn(browser, engineer.username, password)
    await page.goto(`${url}/models`)
    const adding = page.getByRole('button', { name: 'Add model' }).first()
    const form = page.getByRole('dialog', { name: 'Add a model' })
    const register = form.getByRole('button', { name: 'Register model' })

    await adding.click()
    await drop(page, 'letter.gguf', Buffer.from('Dear harbour master'))
    await register.click()
    const refused = await form.getByRole('alert').innerText()
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })

    // Held at the door, so that what is shown meanwhile can be seen.
    const gate = Promise.withResolvers<void>()
    await page.route('**/api/v1/uploads', async (route) => {
      await gate.promise
      await route.continue()
    })
    await adding.click()
    await drop(page, 'Tide Table 1B.gguf', smallModel(1_000_000))
    const progress = page.getByRole('progressbar')
    await progress.waitFor({ state: 'attached' })
    await page.getByText(/starting$/).waitFor()
    await page.getByText('Tide Table 1B.gguf').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).waitFor()
    gate.resolve()

    const name = form.getByLabel('Name', { exact: true })
    await name.waitFor()
    assert.equal(await name.inputValue(), 'tide-table-1b')
    await form.getByLabel('Licence (optional)').fill('Apache-2.0')
    await register.click()
    await page.getByRole('heading', { level: 1, name: 'tide-table-1b' }).waitFor()
    await page.getByText('llama', { exact: true }).first().waitFor()
    assert.match(refused, /GGUF/)
    const { body } = await engineer.get('/api/v1/models')
    assert.deepEqual(
      body.items.map(({ name, spec }: { name: string; spec: { licence: string } }) => [name, spec.licence]),
      [['tide-table-1b', 'Apache-2.0']],
    )
  },
)

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { password, testApp } from '../app.ts'
import { ask, putRule } from '../approvals.ts'
import { shell } from '../shell.ts'
import { openBrowser, signIn, skip } from './browser.ts'

const shown = async (page: Page, label: string): Promise<string> => (await page.getByLabel(label).first().textContent()) ?? ''

test(
  'who has no passkey makes a certificate by the commands that are shown, registers it, and approves with it',
  { skip },
  async (t) => {
    const app = await testApp(t)
    const owner = await app.as('owner')
    const asking = await app.as('owner', { name: 'second' })
    await putRule(owner, 'folders', { actions: ['folder.apply'], quorum: 1 })
    const id = await ask(asking, { operationId: 'folderApply', body: { name: 'research', spec: {} } })
    const url = await app.listen()
    const { folder, run, login } = shell(t, url)
    const type = (command: string) => execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    const browser = await openBrowser(t, url)
    const { page } = browser
    await signIn(browser, owner.username, password)

    await page.goto(`${url}/approvals`)
    await page.getByText('You have no passkey.').waitFor()
    await page.getByRole('link', { name: 'under Account' }).click()
    type(await shown(page, 'Command that makes a key and a certificate'))
    await page.getByRole('button', { name: 'Register certificate' }).click()
    const form = page.getByRole('dialog', { name: 'Register a certificate' })
    await form.getByLabel('Certificate (approval.pem)').fill(readFileSync(join(folder, 'approval.pem'), 'utf8'))
    await form.getByLabel('Name', { exact: true }).fill('Desk')
    await form.getByLabel('Signature (base64)').fill('bm8=')
    await form.getByRole('button', { name: 'Register' }).click()
    await form.getByText('only who holds the key may register it').waitFor()
    await form.getByLabel('Signature (base64)').fill(type(await shown(page, 'Command that signs with the key')))
    await form.getByRole('button', { name: 'Register' }).click()
    await page.getByRole('table', { name: 'Certificates' }).getByText('Desk').waitFor()

    await page.goto(`${url}/approvals`)
    await page.getByText('You can sign with your certificate').waitFor()
    await page.getByRole('link', { name: 'Apply folder' }).click()
    const command = await shown(page, 'Command that approves this change')
    assert.match(command, new RegExp(`^holdfast change approve ${id} --certificate certificate_\\w{26} --key approval.key$`))
    await login()
    const approved = await run([...command.split(' ').slice(1), '--yes'])
    assert.equal(approved.code, 0, approved.err)
    assert.deepEqual(
      (await owner.get('/api/v1/folders')).body.items.map(({ name }: { name: string }) => name),
      ['research'],
    )

    await page.goto(`${url}/account`)
    await page.getByRole('button', { name: 'Remove Desk' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No certificates').waitFor()
  },
)

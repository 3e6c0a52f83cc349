import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definition, governed } from '../compliance-state.ts'
import { password } from '../app.ts'
import { openBrowser, signIn, skip } from './browser.ts'

test(
  'a person vouches for what no program sees, for a time; it is seen by whom and how long, and taken back',
  { skip },
  async (t) => {
    const site = await governed(t)
    await site.define(definition({ effect: 'manual' }))
    await site.assign({})
    const id = await site.project('vault')
    await site.judge()
    const url = await site.app.listen()
    const browser = await openBrowser(t, url)
    const { page } = browser
    await signIn(browser, site.owner.username, password)

    await page.goto(`${url}/compliance?tab=attestations`)
    await page.getByRole('link', { name: 'Show what is unknown' }).click()
    await page.getByRole('button', { name: 'Attest' }).click()
    const saying = page.getByRole('dialog')
    await saying.getByLabel('What you have seen').fill('I counted the badges.')
    await saying.getByLabel('It holds until').fill(`${new Date().getFullYear() + 1}-01-01T00:00`)
    await saying.getByRole('button', { name: 'Attest' }).click()

    await page.getByRole('tab', { name: 'Attestations' }).click()
    const said = page.getByRole('table', { name: 'Attestations' })
    await said.getByText('I counted the badges.').waitFor()
    await said.getByText(/(days|h) left/).waitFor()
    await said.getByRole('link', { name: 'vault' }).click()
    await page.getByRole('tab', { name: 'Verdicts' }).click()
    await page.getByRole('table', { name: 'Verdicts' }).getByText('compliant', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Withdraw what was said of vault' }).click()
    const taking = page.getByRole('dialog', { name: 'Withdraw this attestation' })
    await taking.getByLabel('Why').fill('They were last year’s.')
    await taking.getByRole('button', { name: 'Withdraw' }).click()

    await page.getByRole('table', { name: 'Verdicts' }).getByText('unknown', { exact: true }).waitFor()
    await page.getByRole('table', { name: 'What became what' }).getByText('an attestation of').first().waitFor()
    await page.getByText('They were last year’s.').waitFor()
    assert.deepEqual(await site.states(), { vault: 'unknown' })

    await site.owner.delete(`/api/v1/projects/${id}`)
    await page.goto(`${url}/compliance?tab=changes`)
    await page.getByRole('table', { name: 'What became what' }).getByText('gone').first().waitFor()
  },
)

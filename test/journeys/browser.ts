// Debian's Chromium as a person's browser: with an authenticator in software, and nothing that phones anywhere.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'

const program = '/usr/bin/chromium'
export const skip = existsSync(program) ? false : 'Chromium is not installed: `apt-get install chromium` and run again'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--metrics-recording-only',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
]

export type Browser = { page: Page; url: string }

/** A new browser of its own on the site. What its console complains of, or asks of anywhere else, fails the test. */
export const openBrowser = async (
  t: TestContext,
  url: string,
  { expectedFaults = [] as RegExp[], viewport = { width: 1280, height: 800 }, bypassCSP = false } = {},
): Promise<Browser> => {
  const browser = await chromium.launch({ executablePath: program, args: flags })
  const context = await browser.newContext({ acceptDownloads: true, viewport, bypassCSP })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== url) wrong.push(`asked ${request.url()}`)
  })
  page.on('console', (message) => {
    // Chromium reports every refusal (401, 403, 404) as an error of the console; the tests look at those themselves.
    if (
      message.type() === 'error' &&
      !/Failed to load resource/.test(message.text()) &&
      !expectedFaults.some((fault) => fault.test(message.text()))
    )
      wrong.push(message.text())
  })
  const shots = process.env['HOLDFAST_TEST_SHOTS']
  t.after(async () => {
    if (shots) {
      mkdirSync(shots, { recursive: true })
      await page.screenshot({ path: join(shots, `${t.name.slice(0, 40).replaceAll(/\W+/g, '-')}.png`) })
    }
    await browser.close()
    assert.deepEqual(wrong, [])
  })
  return { page, url }
}

/** CTAP2 authenticator that knows its person, by the DevTools protocol. */
export const plugAuthenticator = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

export const signIn = async ({ page, url }: Browser, username: string, password: string): Promise<void> => {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('User name', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
}

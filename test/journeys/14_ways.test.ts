// Without a mouse, on a phone, and by addresses that lead nowhere.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { password, testApp } from '../app.ts'
import { smallModel } from '../gguf.ts'
import { openBrowser, signIn, skip } from './browser.ts'

/** A house with something on every page, under names as long as they may be. */
const furnished = async (t: TestContext) => {
  const app = await testApp(t)
  const owner = await app.as('owner')
  const long = `x${'-harbour'.repeat(7)}`
  const made = async (path: string, body: object, method: 'put' | 'post' = 'put') => {
    const { status, body: reply, text } = await owner[method](`/api/v1/${path}`, body)
    assert.ok(status < 300, text)
    return reply
  }
  await made('folders', { name: long, spec: {} })
  await made('projects', { scope: `/${long}`, name: long, spec: {} })
  const member = await app.as('member', { scope: `/${long}`, name: 'a-name-of-someone-that-is-long' })
  const group = await made('groups', { name: 'The people who keep the light of the outer harbour', description: '' }, 'post')
  const key = await made('keys', { name: 'Report of every night for the harbour master' }, 'post')
  const { digest } = (await owner.post('/api/v1/uploads', smallModel(), { 'content-type': 'application/octet-stream' })).body
  const model = await made('models', { name: `${long}-model`.slice(-60).replace(/^-+/, ''), spec: { digest } })
  await made('deployments', {
    name: 'far',
    spec: { engine: 'openai', model: 'far', upstreamModel: 'far', baseUrl: 'http://127.0.0.1:9/v1', parallel: 1, queueMax: 1 },
  })
  const entries = (await app.audit()) as unknown as { id: string }[]
  const details = [
    `/people/${member.userId}`,
    `/groups/${group.id}`,
    `/models/${model.resource.id}`,
    `/inventory/model/${model.resource.id}`,
    `/roles?tab=roles`,
    `/roles?tab=why`,
    `/audit?entry=${entries[0]!.id}`,
    '/account',
    '/no-such-page',
  ]
  return { app, url: await app.listen(), details, key }
}

const placesOf = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>("[...document.querySelectorAll('nav[aria-label=Main] a')].map((link) => link.getAttribute('href'))")

/** The page has come: its heading is there, and nothing is asked for any more. */
const arrive = async (page: Page, address: string): Promise<void> => {
  await page.goto(address)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForLoadState('networkidle')
}

test('at the width of a phone no page is wider than the screen, and the menu leads everywhere', { skip }, async (t) => {
  const { url, details } = await furnished(t)
  const browser = await openBrowser(t, url, { viewport: { width: 360, height: 740 } })
  const { page } = browser
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('User name', { exact: true }).fill('owner')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'Menu' }).click()
  const nav = page.getByRole('navigation', { name: 'Main' })
  await nav.waitFor()
  const places = await placesOf(page)
  assert.ok(places.length >= 10, places.join())
  await nav.getByRole('link', { name: 'People' }).click()
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor()
  await nav.waitFor({ state: 'hidden' })

  const wide: string[] = []
  for (const path of ['/sign-in', ...places, ...details]) {
    await arrive(page, `${url}${path}`)
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    if (over > 0) wide.push(`${path} is ${over} px too wide`)
  }
  assert.deepEqual(wide, [])
})

test(
  'an address that leads nowhere shows so inside the house, and a way on; whoever is not signed in is asked to',
  { skip },
  async (t) => {
    const app = await testApp(t)
    await app.as('owner')
    const url = await app.listen()
    const browser = await openBrowser(t, url, { expectedFaults: [/No person user_0+\./, /No model nothing\./] })
    const { page } = browser
    await page.goto(`${url}/no/such/page`)
    await page.waitForURL('**/sign-in**')
    await signIn(browser, 'owner', password)
    for (const path of ['/no/such/page', '/people/user_00000000000000000000000000', '/models/nothing']) {
      await page.goto(`${url}${path}`)
      await page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor()
      await page.getByRole('navigation', { name: 'Main' }).waitFor()
    }
    await page.getByRole('main').getByRole('link', { name: 'Go to the start' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  },
)

type Stop = { name: string; follows: boolean; inside: boolean }

// Run in the page; as text, since these tests are compiled for a world without a document.
const focusNow = `(() => {
  const at = document.activeElement
  if (!at || at === document.body || at === document.documentElement) return undefined
  const before = window.focusedBefore
  window.focusedBefore = at
  const named = (at.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '')
  const labels = [...(at.labels ?? [])].map((label) => label.textContent)
  const told = [at.getAttribute('aria-label'), ...named, ...labels, at.textContent, at.getAttribute('title')]
  return {
    name: told.find((text) => text?.trim()) ?? '',
    follows: before === at || !before?.isConnected || Boolean(before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING),
    inside: document.getElementById('main')?.contains(at) ?? false,
  }
})()`

/** What has the focus: by which name it is told, and whether it stands behind what had it before. Undefined when the page has let it go. */
const focused = (page: Page): Promise<Stop | undefined> => page.evaluate<Stop | undefined>(focusNow)

/** The page's own policy runs no text of strangers, so we look ourselves. */
const until = async (page: Page, holds: string): Promise<void> => {
  for (const untilMs = performance.now() + 30_000; !(await page.evaluate<boolean>(holds));)
    assert.ok(performance.now() < untilMs, `not to be: ${holds}`)
}

const inField = "document.activeElement?.tagName === 'INPUT'"

const stopsMax = 400

test(
  'all is reached by keyboard, in the order in which it stands, each thing by a name; Enter goes, Escape returns',
  { skip },
  async (t) => {
    const { url } = await furnished(t)
    const browser = await openBrowser(t, url)
    const { page } = browser
    const press = (key: string) => page.keyboard.press(key)
    const tabTo = async (name: string | RegExp): Promise<void> => {
      for (let n = 0; n < stopsMax; n++) {
        await press('Tab')
        const at = await focused(page)
        if (at && (typeof name === 'string' ? at.name.trim() === name : name.test(at.name))) return
      }
      assert.fail(`no ${name} by Tab`)
    }
    await page.goto(`${url}/sign-in`)
    await page.getByLabel('User name', { exact: true }).waitFor()
    await tabTo(/^User name/)
    await page.keyboard.type('owner')
    await tabTo(/^Password/)
    await page.keyboard.type(password)
    await press('Enter')
    const nav = page.getByRole('navigation', { name: 'Main' })
    await nav.waitFor()

    const places = await placesOf(page)
    for (const path of places.filter((each) => each !== '/chat')) {
      await arrive(page, `${url}${path}`)
      const stops: Stop[] = []
      for (let n = 0; n < stopsMax; n++) {
        await press('Tab')
        const at = await focused(page)
        if (!at || (n > 0 && at.name === 'Skip to content')) break
        stops.push(at)
      }
      assert.equal(stops[0]?.name, 'Skip to content', path)
      assert.ok(stops.length < stopsMax, `${path} holds the focus`)
      assert.deepEqual(
        stops.filter(({ name }) => name === ''),
        [],
        path,
      )
      assert.deepEqual(
        stops.slice(1).filter(({ follows }) => !follows),
        [],
        path,
      )
      const acts = await page.getByRole('main').locator('a[href]:visible, button:enabled:visible').count()
      assert.ok(acts === 0 || stops.some(({ inside }) => inside), `${path} has acts that are not reached`)
    }

    await arrive(page, `${url}/people`)
    await press('Tab')
    await press('Enter')
    await press('Tab')
    assert.equal((await focused(page))?.inside, true, 'the skip link leads past the menu')

    await arrive(page, url)
    await tabTo('Groups')
    await press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor()
    await until(page, "document.activeElement?.id === 'main'")
    await tabTo('Create group')
    await press('Enter')
    const form = page.getByRole('dialog', { name: 'Create a group' })
    await until(page, inField)
    await press('Escape')
    await form.waitFor({ state: 'detached' })
    await until(page, "document.activeElement?.textContent === 'Create group'")
    await press('Enter')
    await until(page, inField)
    await page.keyboard.type('Pilots')
    await press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Pilots' }).waitFor()

    await press('Control+K')
    await until(page, inField)
    await page.keyboard.type('audit')
    await press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor()
    await page.getByRole('button', { name: 'group.create' }).first().waitFor()
    await tabTo('group.create')
    await press('Enter')
    const entry = page.getByRole('dialog', { name: 'Log entry' })
    await entry.waitFor()
    await press('Escape')
    await entry.waitFor({ state: 'detached' })
  },
)

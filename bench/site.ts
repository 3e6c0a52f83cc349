// A real site in a home of its own, set up the way a person would by the one-time link, for benches to load.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start, until, type Started } from './process.ts'

export type BenchSite = {
  readonly url: string
  readonly started: Started
  readonly home: string
  api(method: string, path: string, body?: unknown): Promise<any>
  /** A new API key of the owner. */
  key(): Promise<string>
  stop(): Promise<void>
}

const upSecondsMax = 120
const password = 'bench: correct horse battery staple'

export const bringUp = async (
  home = mkdtempSync(join(tmpdir(), 'holdfast-bench-')),
): Promise<{ started: Started; line: string }> => {
  const started = start(process.execPath, ['src/main.ts', 'up'], { HOLDFAST_HOME: home, HOLDFAST_PORT: '0' })
  await until(started, () => /Holdfast is up/.test(started.output()), upSecondsMax)
  return { started, line: /(http\S+)/.exec(started.output())![1]! }
}

export const benchSite = async (): Promise<BenchSite> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const { started, line } = await bringUp(home)
  const link = new URL(line)
  const url = link.origin
  const token = link.searchParams.get('token')
  const reply = await fetch(`${url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, organisation: 'Bench', username: 'owner', displayName: 'Owner', password }),
  })
  if (!reply.ok) throw new Error(`Set-up failed: ${await reply.text()}`)
  const cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  const session = (await (await fetch(`${url}/api/v1/session`, { headers: { cookie } })).json()) as { csrf: string }
  const api: BenchSite['api'] = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { cookie, 'x-csrf-token': session.csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? undefined : answer.json()
  }
  return {
    url,
    started,
    home,
    api,
    key: async () =>
      (
        await api('POST', '/keys', {
          name: `bench-${performance.now().toFixed(0)}`,
          expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
        })
      ).secret,
    stop: async () => {
      await started.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Waits until a deployment says `ready`. */
export const ready = async (site: BenchSite, name: string): Promise<void> =>
  until(
    site.started,
    async () =>
      (await site.api('GET', '/deployments')).items.some((item: any) => item.name === name && item.status?.state === 'ready'),
    60,
  )

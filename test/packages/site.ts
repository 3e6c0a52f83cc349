// A site with a repository, a folder to work in, and the clients of the field run as a person's shell would run them.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { testApp, type Role, type TestApp } from '../app.ts'

export type Ran = { code: number; out: string; err: string }

export type PackageSite = {
  readonly app: TestApp
  readonly url: string
  readonly host: string
  readonly folder: string
  /** The API key of someone who holds the role. */
  key(role: Role): Promise<string>
  /** In the folder, with an environment of its own. */
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<Ran>
  ask(key: string, method: string, path: string, body?: Buffer | string, headers?: Record<string, string>): Promise<Answer>
}
export type Answer = { status: number; headers: Headers; text: string; json: any } // tests look inside

const runMsMax = 120_000
const outputBytesMax = 16 * 1024 ** 2

export const packageSite = async (
  t: Pick<TestContext, 'after'>,
  format: string,
  env: Record<string, string> = {},
): Promise<PackageSite> => {
  const app = await testApp(t, { env })
  const folder = mkdtempSync(join(tmpdir(), 'packages-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const made = await (await app.as('owner')).put('/api/v1/repositories', { name: 'stock', spec: { format } })
  if (made.status >= 300) throw new Error(`no repository: ${made.text}`)
  const url = await app.listen()
  const keys = new Map<Role, string>()
  return {
    app,
    url,
    host: new URL(url).host,
    folder,
    key: async (role) => {
      const known = keys.get(role) ?? (await (await app.as(role)).post('/api/v1/keys', { name: 'packages' })).body.secret
      keys.set(role, known)
      return known
    },
    run: (program, args, more = {}) =>
      new Promise((resolve) => {
        execFile(
          program,
          args,
          {
            cwd: folder,
            env: { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8', ...more },
            timeout: runMsMax,
            maxBuffer: outputBytesMax,
          },
          (error, out, err) => resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err }),
        )
      }),
    ask: async (key, method, path, body, headers = {}) => {
      const reply = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}`, ...headers },
        ...(body === undefined ? {} : { body: body as string }),
      })
      const text = await reply.text()
      const json = /json/.test(reply.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined
      return { status: reply.status, headers: reply.headers, text, json }
    },
  }
}

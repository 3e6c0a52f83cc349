// Clients of the field, run as their users run them: a key in Docker's configuration file, plain HTTP to loopback.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { testApp, type TestApp } from '../app.ts'
import { registryClient, type RegistryClient } from '../registry.ts'

const runMsMax = 60_000

const found = (name: string): string | undefined =>
  [resolve('.cache/go-bin', name), ...(process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name))].find(existsSync)

/** What a test needs and is not here, as the reason to skip it; false when all are. */
export const lacking = (...names: string[]): string | false => {
  const missing = names.filter((name) => found(name) === undefined)
  return missing.length > 0 && `not installed: ${missing.join(', ')} (scripts/test-tools.sh)`
}

export type Bench = {
  readonly app: TestApp
  readonly client: RegistryClient
  /** `localhost:port`, as image names begin. */
  readonly host: string
  readonly folder: string
  run(name: string, ...args: string[]): Promise<string>
  /** Ends with an error; answers with what it said. */
  fails(name: string, ...args: string[]): Promise<string>
}

export const toolBench = async (t: Pick<TestContext, 'after'>): Promise<Bench> => {
  const app = await testApp(t)
  const client = await registryClient(app)
  const { host } = new URL(client.url)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-oci-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const auth = Buffer.from(`robot:${client.secret}`).toString('base64')
  mkdirSync(join(folder, 'docker'))
  writeFileSync(join(folder, 'docker', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }))
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    DOCKER_CONFIG: join(folder, 'docker'),
    REGISTRY_AUTH_FILE: join(folder, 'docker', 'config.json'),
  }
  const run = async (name: string, ...args: string[]): Promise<string> => {
    const running = promisify(execFile)(found(name) ?? name, args, { cwd: folder, env, timeout: runMsMax, maxBuffer: 2 ** 26 })
    running.child.stdin?.end() // none of them is to wait for more
    return (await running).stdout
  }
  return {
    app,
    client,
    host,
    folder,
    run,
    fails: async (name, ...args) => {
      const answer: unknown = await run(name, ...args).catch((error: unknown) => error)
      if (!(answer instanceof Error)) throw new Error(`${name} ${args.join(' ')} went through`)
      return String((answer as Error & { stderr?: string }).stderr)
    },
  }
}

/** An image in an OCI layout, with a root file system of one random file. */
export const makeImage = async ({ run, folder }: Bench, name: string, content: Buffer): Promise<string> => {
  writeFileSync(join(folder, `${name}.bin`), content)
  await run('umoci', 'init', '--layout', name)
  await run('umoci', 'new', '--image', `${name}:v1`)
  await run('umoci', 'insert', '--image', `${name}:v1`, `${name}.bin`, '/data.bin')
  return `${name}:v1`
}

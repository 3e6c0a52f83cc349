// A real S3 server (moto, from PyPI) on loopback, with a bucket; what tests do to it goes past us.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { after, type TestContext } from 'node:test'
import { openBucket, type Bucket } from '#platform/bucket.ts'
import { s3Caller, type S3Settings } from '#platform/s3-call.ts'

const program = resolve('.cache/py/bin/moto_server')
export const s3Missing = existsSync(program) ? false : 'moto is not here: scripts/test-tools.sh installs it'

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

export type S3Server = {
  readonly settings: S3Settings
  readonly bucket: Bucket
  /** Another one, with nothing in it. */
  fresh(): Promise<Bucket>
  stop(): Promise<void>
}

export const startS3 = async (t: Pick<TestContext, 'after'>, { checksKeys = false } = {}): Promise<S3Server> => {
  const port = await freePort()
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, ...(checksKeys ? { INITIAL_NO_AUTH_ACTION_COUNT: '0' } : {}) },
  })
  const gone = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  t.after(stop)
  const settings: S3Settings = {
    endpoint: new URL(`http://127.0.0.1:${port}`),
    bucket: 'holdfast',
    region: 'us-east-1',
    key: { id: 'testing', secret: 'testing' },
    cacheBytesMax: 4 * 1024 ** 2,
  }
  const caller = s3Caller(settings, () => new Date())
  t.after(caller.close)
  while (!checksKeys) {
    const made = await caller.call({ method: 'PUT' }).catch(() => undefined) // until it listens
    made?.resume()
    if (made) break
    if (child.exitCode !== null) throw new Error('the S3 server ended')
  }
  while (checksKeys && !(await fetch(settings.endpoint).catch(() => undefined)))
    if (child.exitCode !== null) throw new Error('it ended')
  const open = (to: S3Settings): Bucket => {
    const bucket = openBucket(to, () => new Date())
    t.after(bucket.close)
    return bucket
  }
  let made = 0
  const fresh = async (): Promise<Bucket> => {
    const own = { ...settings, bucket: `holdfast-${made++}` }
    const maker = s3Caller(own, () => new Date())
    ;(await maker.call({ method: 'PUT' })).resume()
    maker.close()
    return open(own)
  }
  return { settings, bucket: open(settings), fresh, stop }
}

let shared: Promise<S3Server> | undefined
const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends) await end()
})

/** A bucket with nothing in it, on the one server of a test file. */
export const freshBucket = async (): Promise<Bucket> => {
  shared ??= startS3({ after: (end) => void ends.push(end as () => unknown) }) // its own takes no argument
  return (await shared).fresh()
}

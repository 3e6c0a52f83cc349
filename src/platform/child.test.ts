import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startChild } from './child.ts'
import { silentLog } from './log.ts'

const program = (t: TestContext, source: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'child-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'program.ts'), source)
  return join(folder, 'program.ts')
}
const start = (t: TestContext, source: string, memoryMbMax?: number) =>
  startChild({
    module: program(t, source),
    name: 'test',
    network: 'none',
    log: silentLog,
    ...(memoryMbMax === undefined ? {} : { memoryMbMax }),
  })

test('a child has no network, not even loopback, and none of our environment', async (t) => {
  const child = start(
    t,
    `
    import net from 'node:net'
    process.once('message', () => {
      const socket = net.connect(4600, '127.0.0.1')
      socket.on('error', (error) => process.send({ error: error.code, secrets: Object.keys(process.env).filter((name) => /HOLDFAST|DATABASE|HOME/.test(name)) }))
    })`,
  )
  const heard = new Promise((resolve) => child.onMessage(resolve))
  child.send('go')
  assert.deepEqual(await heard, { error: 'EGRESS_REFUSED', secrets: [] })
  child.kill()
  assert.equal((await child.exited).reason, 'killed')
})

test('a child that takes more memory than it was given is ended, and we are not', async (t) => {
  const child = start(t, `const kept = []; setInterval(() => kept.push(Buffer.alloc(16 * 1024 ** 2, 1)), 5)`, 256)
  assert.equal((await child.exited).reason, 'memory')
})

test('a child that crashes says how it ended', async (t) => {
  const child = start(t, `process.kill(process.pid, 'SIGSEGV')`)
  assert.equal((await child.exited).signal, 'SIGSEGV')
})

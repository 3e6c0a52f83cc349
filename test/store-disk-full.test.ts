// A disk that is full at every write of an upload: a small one, filled until so many pages or files are left.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  globSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { testApp } from './app.ts'
import { digestOf, registryClient, type RegistryClient } from './registry.ts'

const diskBytes = 1024 ** 2
const diskFiles = 64
const pageBytes = 4096
const contentBytes = 6 * pageBytes
/** One more than any upload takes of either. */
const pagesTried = 9
const filesTried = 4

/** Over the store of a site; undefined where this user may mount nothing. */
const smallDisk = (ends: (() => void)[], blobs: string) => {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes},nr_inodes=${diskFiles}`, 'tmpfs', blobs], {
    encoding: 'utf8',
  })
  if (mounted.status !== 0) return undefined
  ends.push(() => void spawnSync('umount', [blobs]))
  for (const folder of ['sha256', 'incoming']) mkdirSync(join(blobs, folder))
  const fillers = join(blobs, 'filler')
  return {
    fill: (left: { pages?: number; files?: number }) => {
      mkdirSync(fillers)
      if (left.files === undefined) return takePages(join(fillers, 'pages'), left.pages ?? 0)
      const taken = takeFiles(fillers)
      for (let n = 0; n < left.files; n++) rmSync(join(fillers, String(taken - 1 - n)))
    },
    free: () => rmSync(fillers, { recursive: true }),
  }
}

const takePages = (path: string, left: number): void => {
  const file = openSync(path, 'w')
  let bytes = 0
  try {
    for (;;) bytes += writeSync(file, Buffer.alloc(pageBytes))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  }
  ftruncateSync(file, Math.max(0, bytes - left * pageBytes))
  closeSync(file)
}

const takeFiles = (folder: string): number => {
  for (let n = 0; ; n++)
    try {
      writeFileSync(join(folder, String(n)), '')
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
      return n
    }
}

const refused = ({ status, json }: { status: number; json: any }): boolean => {
  if (status < 300) return false
  assert.equal(status, 507, JSON.stringify(json))
  assert.match(json.errors[0].message, /disk.*full|no room/i)
  return true
}

const content = (n: number): Buffer => Buffer.alloc(contentBytes, n)

/** In one request; true when it was refused. */
const whole = async (client: RegistryClient, n: number): Promise<boolean> =>
  refused(await client.ask('POST', `/v2/stock/blobs/uploads/?digest=${digestOf(content(n))}`, content(n)))

/** Piece by piece, from where it is; tells where it stands when it was refused. */
const pieces = async (client: RegistryClient, n: number, begun?: string): Promise<{ refused: boolean; location?: string }> => {
  const begin = begun === undefined ? await client.ask('POST', '/v2/stock/blobs/uploads/') : await client.ask('GET', begun)
  if (refused(begin)) return { refused: true }
  const location = begin.headers.get('location')!
  const range = begin.headers.get('range')!
  for (let at = range === '0-0' ? 0 : Number(range.slice(2)) + 1; at < contentBytes; at += 2 * pageBytes) {
    const piece = content(n).subarray(at, at + 2 * pageBytes)
    const told = await client.ask('PATCH', location, piece, { 'content-range': `${at}-${at + piece.length - 1}` })
    if (refused(told)) return { refused: true, location }
  }
  return { refused: refused(await client.ask('PUT', `${location}?digest=${digestOf(content(n))}`)), location }
}

test('a disk that is full at any write of an upload: refused as such, nothing half-done, and it goes on when there is room', async (t) => {
  const ends: (() => void)[] = []
  t.after(() => ends.forEach((end) => end())) // before the home goes, in which the disk is
  const app = await testApp(t)
  const blobs = join(app.home, 'blobs')
  const disk = smallDisk(ends, blobs)
  if (!disk) return t.skip('this user may not mount a small disk')
  const client = await registryClient(app)
  await client.pushBlob('stock', Buffer.from('made before'))
  const lefts = [
    ...Array.from({ length: pagesTried }, (_, pages) => ({ pages })),
    ...Array.from({ length: filesTried }, (_, files) => ({ files })),
  ]
  const outcomes = { refused: 0, stored: 0 }
  let n = 0
  for (const left of lefts)
    for (const door of ['whole', 'pieces'] as const) {
      n++
      disk.fill(left)
      const outcome = door === 'whole' ? { refused: await whole(client, n) } : await pieces(client, n)
      outcomes[outcome.refused ? 'refused' : 'stored']++
      const digest = digestOf(content(n))
      const head = await client.ask('HEAD', `/v2/stock/blobs/${digest}`)
      assert.equal(head.status, outcome.refused ? 404 : 200, `${door} with ${JSON.stringify(left)} left`)
      assert.deepEqual(readdirSync(join(blobs, 'incoming')), [], 'nothing half-done is left')
      assert.equal((await client.ask('GET', `/v2/stock/blobs/${digestOf(Buffer.from('made before'))}`)).status, 200)
      disk.free()
      if (outcome.refused) {
        if (door === 'whole') assert.equal(await whole(client, n), false)
        else assert.equal((await pieces(client, n, outcome.location)).refused, false)
      }
      assert.deepEqual((await client.ask('GET', `/v2/stock/blobs/${digest}`)).body, content(n))
      for (const path of globSync(join(blobs, 'sha256', '*', '*')))
        assert.equal(digestOf(readFileSync(path)), `sha256:${basename(path)}`)
      assert.equal((await client.ask('DELETE', `/v2/stock/blobs/${digest}`)).status, 202)
      rmSync(join(blobs, 'sha256', digest.slice(7, 9), digest.slice(7)))
    }
  assert.ok(outcomes.refused >= pagesTried && outcomes.stored >= 4, JSON.stringify(outcomes))
  assert.deepEqual(readdirSync(join(blobs, 'uploads')), [], 'no upload is left over')
})

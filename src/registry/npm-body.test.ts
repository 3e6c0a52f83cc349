import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { readPublished, takenOut } from './npm-body.ts'

const chunked = async function* (body: Buffer, size: number) {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

const read = async (text: string, size = 65_536) => {
  const taken: Buffer[] = []
  const rest = await readPublished(chunked(Buffer.from(text), size), async (content) => {
    for await (const chunk of content) taken.push(chunk)
  })
  return { rest, taken: Buffer.concat(taken) }
}

test('a document without a long text remains as it is, however it is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.integer({ min: 1, max: 9 }), async (text, size) => {
      assert.deepEqual(await read(text, size), { rest: text, taken: Buffer.alloc(0) })
    }),
  )
})

test('a tarball of any length is taken out as it was, and what is around it remains', async () => {
  for (const bytes of [1_200_000, 1_200_001, 1_200_002, 3_000_000]) {
    const tarball = randomBytes(bytes)
    const document = {
      name: 'a "quoted\\" name',
      _attachments: { 'x.tgz': { data: tarball.toString('base64'), length: bytes } },
      last: [1],
    }
    const { rest, taken } = await read(JSON.stringify(document), 70_001)
    assert.ok(taken.equals(tarball), `${bytes}`)
    assert.deepEqual(JSON.parse(rest), { ...document, _attachments: { 'x.tgz': { data: takenOut, length: bytes } } })
  }
})

test('what is no base64, a second tarball, a document too long and one that breaks off are refused', async () => {
  const long = 'A'.repeat(1_400_000)
  for (const text of [
    `{"data":"${long.slice(0, -1)}"}`,
    `{"data":"${long.slice(0, 1_300_000)}=AAA"}`,
    `{"data":"${long}!!!!"}`,
    `{"data":"${long}\\n"}`,
    `{"a":"${long}","b":"${long}"}`,
    `{"data":"${long}`,
    '{"a":"b',
    `{"data":"==${long}=="}`,
  ])
    await assert.rejects(read(text), { code: 'invalid-request' }, text.slice(-20))
  await assert.rejects(read(`[${'"x",'.repeat(1_500_000)}1]`), { code: 'too-large' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boundaryOf, readForm } from './multipart.ts'

const chunked = async function* (body: Buffer, sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length]!
    yield body.subarray(at, at + size)
    at += size
  }
}

const read = async (body: Buffer, sizes: readonly number[] = [7]) => {
  const parts: [string, string][] = []
  for await (const { name, content } of readForm(chunked(body, sizes), 'b')) {
    const chunks: Buffer[] = []
    for await (const chunk of content) chunks.push(chunk)
    parts.push([name, Buffer.concat(chunks).toString('latin1')])
  }
  return parts
}

test('a form is read as it was sent, however it is cut into pieces', async () => {
  const content = fc
    .string({ unit: fc.constantFrom('\r', '\n', '-', 'b', 'x', '"'), maxLength: 40 })
    .filter((text) => !text.includes('\r\n--b'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      async (contents, sizes) => {
        const body = contents
          .map((text, at) => `--b\r\ncontent-disposition: form-data; name="n${at}"\r\n\r\n${text}\r\n`)
          .join('')
        assert.deepEqual(
          await read(Buffer.from(`${body}--b--\r\n`), sizes),
          contents.map((text, at) => [`n${at}`, text]),
        )
      },
    ),
  )
})

test('a form that ends early, has a boundless head or no names is refused', async () => {
  const part = '--b\r\ncontent-disposition: form-data; name="n"\r\n\r\n'
  for (const body of [
    '',
    '--b',
    '--b\r\n',
    part,
    `${part}text\r\n--b`,
    `--bx`,
    `--b\r\nx: y\r\n\r\n\r\n--b--`,
    `${'x'.repeat(10_000)}\r\n--b--`,
    `--b\r\nx: ${'y'.repeat(10_000)}`,
  ])
    await assert.rejects(read(Buffer.from(body)), { code: 'invalid-request' }, body.slice(0, 40))
  assert.equal(boundaryOf('multipart/form-data; boundary="a b"'), 'a b')
  assert.throws(() => boundaryOf('application/json'), { code: 'invalid-request' })
})

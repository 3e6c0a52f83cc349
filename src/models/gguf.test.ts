import assert from 'node:assert/strict'
import { closeSync, copyFileSync, mkdtempSync, openSync, readSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { GgufFault, ggufLimits, readGguf } from './gguf.ts'
import { passportOf } from './passport.ts'

const smollm = join(process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets', 'smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf')
const folder = (t: TestContext) => {
  const path = mkdtempSync(join(tmpdir(), 'gguf-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const read = (path: string) => {
  const file = openSync(path, 'r')
  try {
    return readGguf(file)
  } finally {
    closeSync(file)
  }
}
const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer)
const u64 = (value: number | bigint) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer)
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
const head = (tensors: number | bigint, entries: number | bigint, ...rest: Buffer[]) =>
  Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors), u64(entries), ...rest])
const entry = (key: string, type: number, value: Buffer) => Buffer.concat([text(key), u32(type), value])
const tensor = (name: string, dims: number[], type: number, offset: number | bigint) =>
  Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset)])

test('the passport of the default model is what its weights are', () => {
  const passport = passportOf(read(smollm))
  assert.equal(passport.architecture, 'llama')
  assert.equal(passport.contextLength, 8192)
  assert.equal(passport.blocks, 30)
  assert.equal(passport.quantisation, 'Q4_1')
  assert.equal(passport.licence, 'apache-2.0')
  assert.ok(passport.parameters > 134e6 && passport.parameters < 165e6, `${passport.parameters} parameters`)
  assert.deepEqual([passport.chatTemplate, passport.tools], [true, false])
})

const hostile: [string, Buffer, RegExp][] = [
  ['another kind of file', Buffer.from('PK\u0003\u0004 this is a zip archive, not a model'), /does not begin with GGUF/],
  ['an empty file', Buffer.alloc(0), /does not begin with GGUF/],
  ['an old version', Buffer.concat([Buffer.from('GGUF'), u32(1), u64(0), u64(0), u64(0)]), /version 1/],
  ['2^63 metadata entries', head(0, 2n ** 63n), /number of metadata entries/],
  ['2^40 tensors', head(2n ** 40n, 0), /number of tensors/],
  ['a text of 2^60 bytes', head(0, 1, text('general.name'), u32(8), u64(2n ** 60n)), /length of general.name/],
  ['a text longer than the file', head(0, 1, text('general.name'), u32(8), u64(1000)), /cut off/],
  ['an array of 2^50 items', head(0, 1, text('a'), u32(9), u32(4), u64(2n ** 50n)), /items/],
  [
    'arrays in arrays in arrays',
    head(0, 1, text('a'), u32(9), u32(9), u64(1), u32(9), u64(1), u32(9), u64(1), u32(0), u64(0)),
    /nests arrays/,
  ],
  ['a type that is none', head(0, 1, text('a'), u32(99), u64(1)), /type 99/],
  ['one key twice', head(0, 2, entry('a', 4, u32(1)), entry('a', 4, u32(2))), /twice/],
  ['a key with a path in it', head(0, 1, entry('../etc', 4, u32(1))), /characters/],
  [
    'an absurd template',
    head(0, 1, text('tokenizer.chat_template'), u32(8), u64(ggufLimits.templateBytes + 1)),
    /tokenizer.chat_template/,
  ],
  ['an alignment of 3', head(0, 1, entry('general.alignment', 4, u32(3))), /alignment/],
  ['a tensor beyond the end', head(1, 0, tensor('t', [1024, 1024], 0, 0)), /beyond the end/],
  ['a tensor at an odd offset', head(1, 0, tensor('t', [32], 0, 7), Buffer.alloc(4096)), /not aligned/],
  ['a tensor of 2^60 elements', head(1, 0, tensor('t', [2 ** 30, 2 ** 30], 0, 0)), /absurd/],
  [
    'a tensor of nine dimensions',
    head(
      1,
      0,
      tensor(
        't',
        Array.from({ length: 9 }, () => 2),
        0,
        0,
      ),
    ),
    /9 dimensions/,
  ],
  ['text that is not UTF-8', head(0, 1, Buffer.concat([text('general.name'), u32(8), u64(2), Buffer.of(0xff, 0xfe)])), /UTF-8/],
]

for (const [what, bytes, said] of hostile)
  test(`${what} is refused, and said to be that`, (t) => {
    const path = join(folder(t), 'x.gguf')
    writeFileSync(path, bytes)
    assert.throws(
      () => read(path),
      (error) => error instanceof GgufFault && said.test(error.message),
    )
  })

test('a model cut off anywhere is refused', (t) => {
  const path = join(folder(t), 'cut.gguf')
  copyFileSync(smollm, path)
  for (const bytes of [98_000_000, 50_000_000, 2_000_000, 500_000, 1000, 30]) {
    truncateSync(path, bytes)
    assert.throws(() => read(path), GgufFault, `${bytes} bytes`)
  }
})

test('whatever bytes the head is made of, reading ends quickly and with a word', (t) => {
  const path = join(folder(t), 'fuzz.gguf')
  const start = Buffer.alloc(65_536)
  const file = openSync(smollm, 'r')
  readSync(file, start, 0, start.length, 0)
  closeSync(file)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }), (flips) => {
      const bytes = Buffer.from(start)
      for (const [at, value] of flips) bytes[at] = value
      writeFileSync(path, bytes)
      assert.throws(() => read(path), GgufFault)
    }),
    { numRuns: 300 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkSteps, nameAtPath, pathForName } from './package-names.ts'

/** OCI Distribution 1.1, `<name>`. */
const ociName = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/

test('every name of a package has a path that OCI takes, and is read back from it', () => {
  const step = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }).filter((name) => !name.includes('/')),
    fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('x', '_', '-', '.', '0', '5', 'f', '@', '+', 'A') }),
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
      const name = steps.join('/')
      assert.match(pathForName(name), ociName)
      assert.equal(nameAtPath(pathForName(name)), name)
    }),
    { numRuns: 2_000 },
  )
  assert.equal(pathForName('libstdc++6'), 'libstdc__2b__2b6')
  assert.equal(pathForName('@acme/thing'), 'x__40acme/thing')
  assert.equal(pathForName('typing-extensions'), 'typing-extensions')
})

test('no step of a path leads elsewhere', () => {
  for (const step of ['', '.', '..', 'a/b', 'a\\b', '%2e%2e', 'a\0', 'a\nb', '\u202etxt', 'x'.repeat(256)])
    assert.throws(() => checkSteps(['fine', step], 'a file'), { code: 'invalid-request' }, JSON.stringify(step))
  assert.deepEqual(checkSteps(['1:2.3-1~deb12', 'größe (1)+x.tar'], 'a file'), ['1:2.3-1~deb12', 'größe (1)+x.tar'])
})

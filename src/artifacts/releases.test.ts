import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { tagFor, versionOf } from './releases.ts'
import { checkTag } from './tags.ts'

test('every version has a tag of its own, and is read back from it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 10, unit: 'binary' }), (version) => {
      assert.equal(versionOf(checkTag(tagFor(version))), version)
    }),
  )
  assert.equal(tagFor('1.0+cu121'), '1.0_2bcu121')
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { dependencyList, depsFile, withoutSizes } from './deps.ts'

test('deps.txt names every package that is carried, with its version and licence', () => {
  assert.equal(withoutSizes(readFileSync(depsFile, 'utf8')), dependencyList(false), 'run `npm run gen`')
})

test('every package that is carried says its licence, and none forbids what we do with it', () => {
  const packages = dependencyList(false)
    .split('\n')
    .filter((line) => /^\S+ \d+\.\d/.test(line))
  assert.ok(packages.length > 50)
  for (const known of ['fastify', 'react', 'commander'])
    assert.ok(
      packages.some((line) => line.startsWith(`${known} `)),
      known,
    )
  for (const line of packages) {
    assert.doesNotMatch(line, /licence unknown|UNLICENSED|SSPL|BUSL|Commons-Clause/)
    assert.doesNotMatch(line, /\b(AGPL|GPL)-/, `${line} would bind the whole product`)
  }
})

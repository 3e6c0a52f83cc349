import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import '../src/app.ts'
import { problemKinds } from '#platform/problem.ts'

// The architecture, as a ladder: a room may use only the rooms before it in this list.
const ladder = [
  'platform',
  'audit',
  'policy',
  'identity',
  'guardrails',
  'resources',
  'access',
  'approvals',
  'compliance',
  'artifacts',
  'registry',
  'models',
  'inference',
  'workspace',
  'operations',
]

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([#.][^']+)'/g)].map((match) => match[1]!)
/** `#audit` and `../audit/index.ts` are both audit. */
const roomOf = (file: string, path: string) =>
  path.startsWith('#') ? path.slice(1).split('/')[0]! : join(dirname(file), path).split('/')[1]!

test('a room uses only what is before it, and only through the front door', () => {
  for (const file of globSync('src/*/**/*.ts', { exclude: ['**/*.test.ts'] })) {
    const owner = roomOf(file, './')
    assert.ok(ladder.includes(owner), `${file}: give ${owner} a place on the ladder`)
    for (const path of importsOf(file)) {
      const used = roomOf(file, path)
      if (used === owner) continue
      assert.ok(ladder.slice(0, ladder.indexOf(owner)).includes(used), `${file}: ${owner} may not use ${used}`)
      assert.ok(path === `#${used}` || path.startsWith('#platform/'), `${file}: import '#${used}', not '${path}'`)
    }
  }
})

test('programs beside src/ are clients: they import the client and no room', () => {
  for (const file of globSync(['portal/**/*.{ts,tsx}', 'cli/**/*.ts', 'client/**/*.ts'], {
    exclude: ['**/dist/**', '**/*.test.ts'],
  }))
    for (const path of importsOf(file)) assert.ok(!/(^#(?!client)|\/src\/)/.test(path), `${file}: ${path}`)
})

test('the environment is read in one place', () => {
  for (const file of globSync('src/**/*.ts', { exclude: ['**/*.test.ts', 'src/platform/config.ts'] }))
    assert.ok(!/process\.env\b/.test(readFileSync(file, 'utf8')), file)
})

test('every problem has a page that says what to do', () => {
  for (const { code } of problemKinds()) {
    const page = `docs/problems/${code}.md`
    assert.ok(existsSync(page), `${page} is missing`)
    assert.ok(readFileSync(page, 'utf8').trim().split(/\n\n+/).length >= 3, `${page}: a title, what happened, what to do`)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testsNear } from './near-tests.ts'

test('the tests nearest to a change are those of its room, those that import it and itself; and always those that hold the whole together', () => {
  const near = (...changed: string[]) => new Set(testsNear(changed))

  assert.deepEqual([...near('docs/policy.md')], ['scripts/deps.test.ts', 'test/architecture.test.ts', 'test/openapi.test.ts'])
  const audit = near('src/audit/merkle.ts')
  assert.ok(audit.has('src/audit/merkle.test.ts') && audit.has('src/audit/projection.test.ts'))
  assert.ok(audit.has('test/crash.test.ts'), 'it imports what changed')
  assert.ok(!audit.has('src/policy/cedar.test.ts'))
  assert.ok(near('src/policy/cedar.test.ts').has('src/policy/cedar.test.ts'))
  assert.ok(near('test/chance.ts').has('test/crash-remediation.test.ts'))
  assert.ok(near('cli/moves.ts').has('test/cli-inventory.test.ts'))
  assert.ok(near('test/app.ts').size > 50, 'nearly all start a site')
})

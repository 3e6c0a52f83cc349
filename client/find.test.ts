import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findOperation } from './find.ts'

test('a request is found by what it is, with its parameters as they were', () => {
  assert.deepEqual(findOperation('DELETE', '/api/v1/models/model_1%2F'), { operationId: 'modelDelete', path: { id: 'model_1/' } })
  assert.deepEqual(findOperation('PUT', '/api/v1/models'), { operationId: 'modelApply', path: {} })
  assert.deepEqual(findOperation('POST', '/api/v1/folders/folder_1/move'), {
    operationId: 'folderMove',
    path: { id: 'folder_1' },
  })
  assert.equal(findOperation('DELETE', '/api/v1/models'), undefined)
  assert.equal(findOperation('PUT', '/api/v1/models/a/b/c'), undefined)
})

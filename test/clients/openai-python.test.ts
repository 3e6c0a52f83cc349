import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { answeringSite } from './site.ts'

test("OpenAI's client for Python gets answers, streams, schemas and its own errors", async () => {
  const site = await answeringSite()
  const { stdout } = await promisify(execFile)('.cache/py/bin/python', ['test/clients/openai-python.py', `${site.url}/v1`], {
    env: { PATH: process.env['PATH'], HOLDFAST_TEST_KEY: site.key },
    timeout: 120_000,
  })
  const seen = JSON.parse(stdout)
  assert.match(seen.text, /blue/)
  assert.match(seen.receipt, /^entry_/)
  assert.equal(seen.streamed, seen.text)
  assert.deepEqual(seen.streamedUsage, seen.usage)
  assert.equal(seen.finish[0], seen.finish[1])
  assert.ok(['blue', 'green'].includes(seen.formed.colour))
  assert.ok(!seen.stopped[0].includes('blue'))
  assert.equal(seen.stopped[1], 'stop')
  assert.ok(seen.models.includes('smollm2'))
  assert.equal(seen.refused, 'invalid_api_key')
  assert.deepEqual(seen.failures, {
    model: ['NotFoundError', 404, 'model_not_found'],
    n: ['BadRequestError', 400, 'unsupported'],
    context: ['BadRequestError', 400, 'context_length_exceeded'],
    form: ['BadRequestError', 400, 'invalid-request'],
    tools: ['BadRequestError', 400, 'unsupported'],
  })
})

// The OpenContainers conformance suite for Distribution 1.1, as its authors publish it. `npm run conformance` runs this alone and keeps the report.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testApp } from '../app.ts'
import { registryClient } from '../registry.ts'
import { lacking } from './oci-tools.ts'

const runMsMax = 300_000

test('the OCI conformance suite passes without a failure', { skip: lacking('conformance') }, async (t) => {
  const app = await testApp(t)
  await (await app.as('owner')).put('/api/v1/projects', { name: 'conformance', spec: {} })
  const client = await registryClient(app)
  const out = mkdtempSync(join(tmpdir(), 'holdfast-conformance-'))
  t.after(() => rmSync(out, { recursive: true, force: true }))
  const env = {
    PATH: process.env['PATH'],
    HOME: out,
    OCI_REGISTRY: `127.0.0.1:${new URL(client.url).port}`,
    OCI_TLS: 'disabled',
    OCI_VERSION: '1.1',
    OCI_REPO1: 'conformance/one',
    OCI_REPO2: 'conformance/two',
    OCI_USERNAME: 'robot',
    OCI_PASSWORD: client.secret,
    OCI_RESULTS_DIR: out,
  }
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve) =>
    execFile('.cache/go-bin/conformance', { env, timeout: runMsMax, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` }),
    ),
  )
  const kept = process.env['HOLDFAST_TEST_REPORT']
  if (kept !== undefined) cpSync(out, kept, { recursive: true })
  const failed = said.split('\n').filter((line) => line.includes('failed test'))
  assert.deepEqual(failed, [])
  assert.equal(code, 0, said.slice(-4_000))
  const junit = readFileSync(join(out, 'junit.xml'), 'utf8')
  const [, tests = '0', failures = '?'] = /<testsuite name=[^>]* tests="(\d+)" failures="(\d+)"/.exec(junit) ?? []
  t.diagnostic(`${tests} tests, ${failures} failures`)
  assert.equal(failures, '0')
  assert.ok(Number(tests) > 500, junit.slice(0, 300))
})

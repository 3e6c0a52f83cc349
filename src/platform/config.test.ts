import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigFault, parseConfig } from './config.ts'

test('with no setting at all the site is on loopback, in plain HTTP, and needs nothing outside', () => {
  const config = parseConfig({})
  assert.equal(config.publicUrl.href, 'http://localhost:4600/')
  assert.deepEqual([config.host, config.secure, config.databaseUrl, config.allowHosts], ['127.0.0.1', false, undefined, []])
})

test('any other address is served over TLS', () => {
  const config = parseConfig({ HOLDFAST_HOST: '192.0.2.7', HOLDFAST_PORT: '8443' })
  assert.equal(config.secure, true)
  assert.equal(config.publicUrl.href, 'https://192.0.2.7:8443/')
})

test('all faults are told at once, each with its setting', () => {
  const env = {
    HOLDFAST_PORT: '70000',
    HOLDFAST_HOST: 'not a host',
    DATABASE_URL: 'mysql://x',
    HOLDFAST_TLS_CERT: '/nowhere',
    HOLDFAST_PROT: '1',
    HOLDFAST_ALLOW_HOSTS: 'a b',
  }
  assert.throws(
    () => parseConfig(env),
    (error) =>
      error instanceof ConfigFault && Object.keys(env).every((name) => error.faults.some((fault) => fault.startsWith(name))),
  )
})

test('the settings cannot be changed after they were read', () => {
  const config = parseConfig({})
  assert.throws(() => Object.assign(config, { host: '0.0.0.0' }), TypeError)
})

test('a bucket is set as a whole, on loopback or a host that was allowed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const key = join(folder, 'key')
  writeFileSync(key, 'an-id\na-secret\n')
  const env = (endpoint: string) => ({
    HOLDFAST_STORE: 's3',
    HOLDFAST_S3_ENDPOINT: endpoint,
    HOLDFAST_S3_BUCKET: 'holdfast',
    HOLDFAST_S3_KEY_FILE: key,
  })
  const faultOf = (given: Record<string, string>) => {
    try {
      parseConfig(given)
    } catch (error) {
      return error instanceof ConfigFault ? error.faults.join() : error
    }
    return undefined
  }
  assert.deepEqual(parseConfig(env('http://127.0.0.1:9000')).store.s3?.key, { id: 'an-id', secret: 'a-secret' })
  assert.match(String(faultOf(env('https://s3.example'))), /s3\.example, which is not on loopback/)
  assert.equal(faultOf({ ...env('https://s3.example'), HOLDFAST_ALLOW_HOSTS: 's3.example' }), undefined)
  assert.match(String(faultOf({ HOLDFAST_STORE: 's3' })), /does not say where/)
  assert.match(String(faultOf({ HOLDFAST_S3_BUCKET: 'holdfast' })), /go together/)
  writeFileSync(key, 'only-an-id')
  assert.match(String(faultOf(env('http://127.0.0.1:9000'))), /HOLDFAST_S3_KEY_FILE names a file that does not hold/)
})

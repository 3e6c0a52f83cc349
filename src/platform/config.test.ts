import assert from 'node:assert/strict'
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

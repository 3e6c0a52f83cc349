// TLS as clients meet it: by the site's own CA, by given certificates, and never beside plain HTTP.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { serverPair } from '../../test/certificates.ts'
import { createTestDatabase } from '../../test/postgres.ts'
import { newHome, refusedStart, startSite, urlOf } from '../../test/site-process.ts'
import { parseConfig } from './config.ts'
import { serverCertificate } from './tls.ts'

const dayMs = 86_400_000

const get = async (
  url: URL,
  options: https.RequestOptions,
): Promise<{ status: number | undefined; headers: http.IncomingHttpHeaders }> => {
  const request = (url.protocol === 'https:' ? https : http).get(url, { agent: false, ...options })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  response.resume()
  return { status: response.statusCode, headers: response.headers }
}

const pairFiles = (t: TestContext, { cert, key }: { cert: string; key: string }) => {
  const folder = newHome(t)
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
  return { HOLDFAST_TLS_CERT: join(folder, 'cert.pem'), HOLDFAST_TLS_KEY: join(folder, 'key.pem') }
}

test('beyond loopback a site makes a CA of its own and says where it lies; who trusts it connects, nobody else, and never without TLS', async (t) => {
  const home = newHome(t)
  const env = { HOLDFAST_HOME: home, HOLDFAST_HOST: '0.0.0.0', DATABASE_URL: urlOf(await createTestDatabase()) }
  const site = await startSite(t, env)
  const path = join(home, 'tls', 'ca.pem')
  assert.equal(site.url.protocol, 'https:')
  assert.ok(site.err().includes(path), site.err())
  assert.equal(statSync(join(home, 'tls', 'ca.key.pem')).mode & 0o077, 0)

  const ca = readFileSync(path, 'utf8')
  const ready = new URL('/readyz', site.url)
  const reply = await get(ready, { ca })
  assert.equal(reply.status, 200)
  assert.match(String(reply.headers['strict-transport-security']), /max-age/)
  await assert.rejects(get(ready, {}), /certificate/)
  await assert.rejects(get(ready, { ca, maxVersion: 'TLSv1.2' }), /version/)
  await assert.rejects(get(new URL(ready.href.replace('https:', 'http:')), {}), /hang up|ECONNRESET/)
  await site.stop()

  const again = await startSite(t, env)
  assert.equal((await get(new URL('/readyz', again.url), { ca })).status, 200)
  await again.stop()
})

test('a given certificate is the one that is served, on loopback too', async (t) => {
  const pair = await serverPair()
  const home = newHome(t)
  const site = await startSite(t, { HOLDFAST_HOME: home, DATABASE_URL: urlOf(await createTestDatabase()), ...pairFiles(t, pair) })
  assert.equal((await get(new URL('/readyz', site.url), { ca: pair.cert })).status, 200)
  assert.ok(!site.err().includes('CA'), site.err())
  await site.stop()
})

test('a certificate that ended, a key of another, and files that hold neither are refused by name, before anything listens', async (t) => {
  const database = urlOf(await createTestDatabase())
  const refused = (pair: { cert: string; key: string }) =>
    refusedStart(t, { HOLDFAST_HOME: newHome(t), DATABASE_URL: database, ...pairFiles(t, pair) })
  const ended = await serverPair({ notAfter: new Date('2025-03-01T00:00:00Z') })
  const good = await serverPair()
  assert.match(await refused(ended), /HOLDFAST_TLS_CERT ended on 2025-03-01.*renewed/)
  assert.match(await refused({ cert: good.cert, key: ended.key }), /HOLDFAST_TLS_KEY is not the key of HOLDFAST_TLS_CERT/)
  const neither = await refused({ cert: 'no certificate', key: 'no key' })
  assert.match(neither, /HOLDFAST_TLS_CERT holds no certificate[^]*HOLDFAST_TLS_KEY holds no private key/)
})

test('the site renews its own certificate in time, by the same CA, and when it gets another name', async (t) => {
  const home = newHome(t)
  const at = (url: string, now: Date) =>
    serverCertificate(parseConfig({ HOLDFAST_HOME: home, HOLDFAST_HOST: '0.0.0.0', HOLDFAST_PUBLIC_URL: url }), now)
  const now = new Date()
  const first = await at('https://ai.harbour.example', now)
  assert.equal((await at('https://ai.harbour.example', new Date(now.getTime() + 300 * dayMs)))?.cert, first?.cert)
  const renewed = await at('https://ai.harbour.example', new Date(now.getTime() + 350 * dayMs))
  assert.notEqual(renewed?.cert, first?.cert)
  assert.equal(renewed?.ca, first?.ca)
  assert.notEqual((await at('https://ai.other.example', now))?.cert, renewed?.cert)
})

test('a certificate of ours that cannot be read is made anew under the same CA; a CA that cannot be read is not', async (t) => {
  const home = newHome(t)
  const certificate = () => serverCertificate(parseConfig({ HOLDFAST_HOME: home, HOLDFAST_HOST: '192.0.2.7' }), new Date())
  const made = await certificate()
  const path = join(home, 'tls', 'server.pem')
  chmodSync(path, 0o600)
  writeFileSync(path, 'torn')
  const again = await certificate()
  assert.equal(again?.ca, made?.ca)
  assert.notEqual(again?.cert, made?.cert)
  rmSync(join(home, 'tls', 'ca.key.pem'))
  await assert.rejects(certificate, { code: 'ca-damaged', message: /backup/ })
})

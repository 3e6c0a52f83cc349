import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import dns from 'node:dns'
import http from 'node:http'
import net from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { installEgressGuard } from './egress.ts'

const guard = installEgressGuard()
const refusedCode = 'EGRESS_REFUSED'
// TEST-NET-1 (RFC 5737): no one's address, should the guard fail.
const outside = '192.0.2.1'

test('a socket to anywhere but loopback is refused before a packet leaves, and counted', async () => {
  const socket = net.connect({ host: outside, port: 443 })
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, refusedCode)
  assert.ok(guard.attempts.some(({ host, kind }) => host === outside && kind === 'tcp'))
})

test('fetch and http.request pass the same guard', async () => {
  await assert.rejects(
    fetch(`http://${outside}/`),
    (error) => error instanceof TypeError && (error.cause as NodeJS.ErrnoException).code === refusedCode,
  )
  const [error] = (await once(http.get(`http://${outside}/`), 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, refusedCode)
})

test('a name is not even looked up', async () => {
  await assert.rejects(dns.promises.lookup('example.test'), { code: refusedCode })
  await assert.rejects(dns.promises.resolve4('example.test'), { code: refusedCode })
  await assert.rejects(fetch('http://example.test/'))
})

test('a datagram is refused', () => {
  const socket = dgram.createSocket('udp4')
  assert.throws(() => socket.send('x', 53, outside), { code: refusedCode })
  socket.close()
})

test('loopback works', async () => {
  const server = http.createServer((_request, response) => response.end('inside')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  assert.equal(await (await fetch(`http://localhost:${port}/`)).text(), 'inside')
  server.close()
})

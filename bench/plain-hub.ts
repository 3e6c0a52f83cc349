// The least that `hf download` of one file asks for, and the file itself by nothing but a stream: `node bench/plain-hub.ts FILE COMMIT SHA256`.
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'

const [file = '', commit = '', sha256 = ''] = process.argv.slice(2)
const { size } = statSync(file)

const server = createServer((request, reply) => {
  if (!request.url?.includes('/resolve/')) return void reply.writeHead(404).end()
  reply.writeHead(200, { 'x-repo-commit': commit, etag: `"${sha256}"`, 'content-length': size, 'accept-ranges': 'bytes' })
  if (request.method === 'HEAD') return void reply.end()
  pipeline(createReadStream(file), reply).catch(() => {}) // the client left
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`listening ${(server.address() as { port: number }).port}\n`)) // it listens on a port

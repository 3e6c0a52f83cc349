// An OpenAI-shaped upstream that costs next to nothing, so that what is measured is the gateway. 1.3 KB per answer; a stream is 50 chunks.
import http from 'node:http'

const words = 'The quick brown fox jumps over the lazy dog and keeps the harbour light burning through the night. '
const usage = { prompt_tokens: 24, completion_tokens: 200, total_tokens: 224 }
const head = { id: 'chatcmpl-mock', created: 1_790_000_000, model: 'mock' }
const answer = Buffer.from(
  JSON.stringify({
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: words.repeat(11) }, finish_reason: 'stop' }],
    usage,
  }),
)
const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const chunks = [
  chunk({ role: 'assistant', content: '' }, null),
  ...Array.from({ length: 48 }, () => chunk({ content: 'keeps the light ' }, null)),
  chunk({}, 'stop'),
]
const usageChunk = `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`

const server = http.createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => (body += text))
  request.on('end', () => {
    if (request.url?.endsWith('/models'))
      return response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ object: 'list', data: [{ id: 'mock', object: 'model' }] }))
    if (!body.includes('"stream":true')) return response.setHeader('content-type', 'application/json').end(answer)
    response.setHeader('content-type', 'text/event-stream')
    for (const text of chunks) response.write(text)
    response.end(`${usageChunk}data: [DONE]\n\n`)
  })
})

server.keepAliveTimeout = 600_000 // a rival must not be blamed for a connection we closed under it
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') process.stdout.write(`listening ${address.port}\n`)
})

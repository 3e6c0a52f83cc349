// What the doors for packages share: a key as Basic password, bodies as they arrive, and refusals in the words that the clients of each print.
import type { Readable } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Http } from '#platform/http.ts'
import { asProblem } from '#platform/http.ts'
import { keepDirect } from '#platform/inner.ts'
import { tooLarge, type Problem } from '#platform/problem.ts'

type Words = { type: string; tell: (problem: Problem, requestId: string) => string }

/** Of curl and of programs: RFC 9457, as everywhere here. */
export const problemWords: Words = {
  type: 'application/problem+json',
  tell: (problem, requestId) => JSON.stringify({ ...problem.toJSON(), requestId }),
}
/** Of pip, twine and apt, which print what they are sent, or nothing. */
export const plainWords: Words = {
  type: 'text/plain; charset=utf-8',
  tell: ({ message }, requestId) => `${message} (${requestId})\n`,
}
/** Of npm, which prints `error`. */
export const npmWords: Words = {
  type: 'application/json',
  tell: ({ message, code }, requestId) => JSON.stringify({ error: message, reason: message, code, requestId }),
}

type Door = Pick<Http, 'addHook' | 'setErrorHandler' | 'removeAllContentTypeParsers' | 'addContentTypeParser'>

export const openDoor = (app: Door, words: Words): void => {
  keepDirect(app, 'what was sent is not taken back')
  app.addHook('onRoute', (route) => void (route.config = { ...route.config, basic: true }))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', async (_request: unknown, body: Readable) => body)
  app.setErrorHandler((error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => {
    const problem = asProblem(error, request)
    // Words are the client's; which refusal it is, and the page that says what to do, stay to be found.
    void reply.code(problem.status).headers({ ...problem.headers, link: `</problems/${problem.code}>; rel="help"` })
    // Clients of packages ask for a name and a password when they hear this, and for nothing else.
    if (problem.status === 401)
      void reply.header('www-authenticate', 'Basic realm="Holdfast: an API key is the password of any name"')
    // A sender in the midst of gigabytes is not heard out only to be told no.
    if (request.method !== 'GET' && request.method !== 'HEAD' && !request.raw.complete) void reply.header('connection', 'close')
    return reply
      .type(words.type)
      .serializer((text: string) => text)
      .send(words.tell(problem, request.id))
  })
}

/** A body that is read as one, up to a bound. */
export const readWhole = async (source: AsyncIterable<Buffer> | undefined, what: string, bytesMax: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of source ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > bytesMax) throw tooLarge(`${what} has at most ${bytesMax} bytes.`, { bytesMax })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// Refusals as the Hub's clients read them: a code and a sentence in headers, since a HEAD has no body, and `{ error }`.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asProblem } from '#platform/http.ts'
import type { Problem } from '#platform/problem.ts'

const codes: Record<string, [code: string, status: number]> = {
  'repository-unknown': ['RepoNotFound', 404],
  'repository-name-invalid': ['RepoNotFound', 404],
  'manifest-unknown': ['RevisionNotFound', 404],
  'tag-invalid': ['RevisionNotFound', 404],
  'file-unknown': ['EntryNotFound', 404],
  'file-packed': ['EntryNotFound', 404],
  forbidden: ['GatedRepo', 403],
}

/** By these words a client knows a wrong key from a repository that is not there. */
const keyRefusedWords = 'Invalid credentials in Authorization header'
const messageLengthMax = 1_000

const reads = new Set(['GET', 'HEAD'])

const codeOf = ({ code, status }: Problem, read: boolean): [code: string | undefined, status: number] => {
  if (status === 401 && code !== 'key-refused') return ['RepoNotFound', 401] // as the Hub tells whoever has not signed in
  const known = codes[code]
  return known && (read || code !== 'forbidden') ? known : [undefined, status]
}

/** Headers hold no more than Latin letters (RFC 9110 §5.5). */
const headerText = (text: string): string => text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, messageLengthMax)

export const answerFailure = (error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => {
  const told = asProblem(error, request)
  const [code, status] = codeOf(told, reads.has(request.method))
  const words = told.code === 'key-refused' ? keyRefusedWords : told.message
  if (!reads.has(request.method) && !request.raw.complete) void reply.header('connection', 'close')
  return reply
    .code(status)
    .headers({
      ...told.headers,
      ...(code === undefined ? {} : { 'x-error-code': code }),
      'x-error-message': headerText(words),
    })
    .type('application/json')
    .serializer(JSON.stringify)
    .send({ error: told.message, code: told.code, requestId: request.id })
}

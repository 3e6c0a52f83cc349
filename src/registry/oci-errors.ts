// The registry's refusals in its protocol's own words (OCI Distribution 1.1, "Error codes").
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asProblem } from '#platform/http.ts'
import type { Problem } from '#platform/problem.ts'
import { originOf } from './origin.ts'

const codes: Record<string, string> = {
  'repository-unknown': 'NAME_UNKNOWN',
  'repository-name-invalid': 'NAME_INVALID',
  'blob-unknown': 'BLOB_UNKNOWN',
  'digest-invalid': 'DIGEST_INVALID',
  'digest-mismatch': 'DIGEST_INVALID',
  'manifest-unknown': 'MANIFEST_UNKNOWN',
  'manifest-invalid': 'MANIFEST_INVALID',
  'manifest-size-wrong': 'MANIFEST_INVALID',
  'manifest-blob-unknown': 'MANIFEST_BLOB_UNKNOWN',
  'tag-invalid': 'TAG_INVALID',
  'upload-unknown': 'BLOB_UPLOAD_UNKNOWN',
  'upload-out-of-order': 'BLOB_UPLOAD_INVALID',
  'range-invalid': 'BLOB_UPLOAD_INVALID',
  'too-large': 'SIZE_INVALID',
}

const byStatus: Record<number, string> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'NAME_UNKNOWN',
  409: 'DENIED',
  429: 'TOOMANYREQUESTS',
}

const codeOf = ({ code, status }: Problem): string =>
  codes[code] ?? byStatus[status] ?? (status < 500 ? 'UNSUPPORTED' : 'UNKNOWN')

/** Of what the caller asked for, as the token endpoint knows scopes; our policy does not read it, clients ask for it. */
const challenge = (request: FastifyRequest): string => {
  const path = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(request.url)?.[1]
  const verbs = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'pull,push'
  const scope = path === undefined ? '' : `,scope="repository:${path.replaceAll(/[^a-z0-9._/-]/g, '')}:${verbs}"`
  return `Bearer realm="${originOf(request)}/v2/token",service="${request.host}"${scope}`
}

export const answerFailure = (error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) => {
  const told = asProblem(error, request)
  const { message, status, facts, headers } = told
  if (status === 401 && headers['www-authenticate']?.startsWith('Basic') !== true)
    void reply.header('www-authenticate', challenge(request))
  // A sender in the midst of gigabytes is not heard out only to be told no.
  if (request.method !== 'GET' && request.method !== 'HEAD' && !request.raw.complete) void reply.header('connection', 'close')
  const { 'www-authenticate': _told, ...others } = headers
  return reply
    .code(status)
    .headers(status === 401 && headers['www-authenticate']?.startsWith('Basic') !== true ? others : headers)
    .type('application/json')
    .serializer(JSON.stringify)
    .send({ errors: [{ code: codeOf(told), message, detail: { ...facts, requestId: request.id } }] })
}

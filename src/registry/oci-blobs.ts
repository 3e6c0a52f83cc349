// Blobs and their uploads, as OCI Distribution 1.1 speaks of them.
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  appendUpload,
  beginUpload,
  blobUnknown,
  cancelUpload,
  dropBlob,
  findUpload,
  finishUpload,
  heldBlobThrough,
  mount,
  parseRange,
  placeFor,
  placeToPush,
  rangeOf,
  sendHeld as sendBytes,
  type Held,
  type Place,
  type Upload,
} from '#artifacts'
import { invalid, Problem } from '#platform/problem.ts'
import { bodyOf, lengthOf, queryOf, type Handler } from './oci-asked.ts'

const blobHeaders = ({ digest, sizeBytes }: Held): Record<string, string> => ({
  'content-type': 'application/octet-stream',
  'docker-content-digest': digest,
  etag: `"${digest}"`,
  'accept-ranges': 'bytes',
  'cache-control': 'private, max-age=31536000, immutable',
  'content-length': String(sizeBytes),
})

export const headBlob: Handler = async ({ ctx }, reply, { path, rest }) => {
  const place = await placeFor(ctx, 'pull', path)
  const held = await heldBlobThrough(ctx, place, rest).catch((error: unknown) => {
    // Whoever asks so before a push must hear that it is wanted: pushed again, it is mended.
    if (error instanceof Problem && error.code === 'blob-damaged') throw blobUnknown(error.message, { digest: rest })
    throw error
  })
  return reply.headers(blobHeaders(held)).send()
}

export const sendBlob: Handler = async (request, reply, { path, rest }) => {
  const held = await heldBlobThrough(request.ctx, await placeFor(request.ctx, 'pull', path), rest)
  return sendHeld(request, reply, held, blobHeaders(held))
}

/** Whole, or the range asked for; 304 to who has it already. */
export const sendHeld = async (request: FastifyRequest, reply: FastifyReply, held: Held, headers: Record<string, string>) => {
  if (request.headers['if-none-match'] === headers['etag'])
    return reply.code(304).headers({ etag: headers['etag'], 'docker-content-digest': held.digest }).send()
  // RFC 9110 §13.1.5: a part of something else would be glued to what the client has.
  const since = request.headers['if-range']
  const range = since === undefined || since === headers['etag'] ? parseRange(request.headers.range, held.sizeBytes) : undefined
  const { start, end } = range ?? { start: 0, end: held.sizeBytes - 1 }
  void reply.headers({ ...headers, 'content-length': String(end - start + 1) })
  if (range) void reply.code(206).header('content-range', `bytes ${start}-${end}/${held.sizeBytes}`)
  await sendBytes(request.ctx, held, { start, end }, () => {
    reply.hijack()
    return reply.raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>) // fastify holds them as it was given them
  }).catch((error: unknown) => {
    if (!reply.sent) throw error
    request.ctx.log.error({ err: error, digest: held.digest }, 'content broke off while it was sent')
  })
  return reply
}

export const deleteBlob: Handler = async ({ ctx }, reply, { path, rest }) => {
  await dropBlob(ctx, await placeFor(ctx, 'discard', path), rest)
  return reply.code(202).send()
}

const uploadAt = ({ path }: Place, { id }: Upload): string => `/v2/${path}/blobs/uploads/${id}`

const accepted = (reply: FastifyReply, place: Place, upload: Upload, status = 202) =>
  reply
    .code(status)
    .headers({ location: uploadAt(place, upload), range: rangeOf(upload), 'docker-upload-uuid': upload.id })
    .send()

const created = (reply: FastifyReply, { path }: Place, digest: string) =>
  reply
    .code(201)
    .headers({ location: `/v2/${path}/blobs/${digest}`, 'docker-content-digest': digest })
    .send()

/** `mount` and `from` ask for a blob that is here already; where that is not to be had, an upload begins, as the protocol wants it. */
export const mountOrBegin: Handler = async (request, reply, { path }) => {
  const { ctx } = request
  const place = await placeToPush(ctx, path, 'oci')
  const { mount: wanted, from, digest } = queryOf(request)
  if (wanted !== undefined && from !== undefined && (await mounted(request, place, { digest: wanted, from })))
    return created(reply, place, wanted)
  const upload = await beginUpload(ctx, place)
  if (digest === undefined) return accepted(reply, place, upload)
  await finishUpload(ctx, place, upload.id, { digest, source: bodyOf(request), sizeBytes: lengthOf(request) }).catch(
    async (error: unknown) => {
      await cancelUpload(ctx, place, upload.id)
      throw error
    },
  )
  return created(reply, place, digest)
}

const mounted = async (
  { ctx }: FastifyRequest,
  to: Place,
  { digest, from }: { digest: string; from: string },
): Promise<boolean> => {
  try {
    return await mount(ctx, to, { digest, from: await placeFor(ctx, 'pull', from) })
  } catch (error) {
    // What may not be read is not there; what does not fit would not fit as an upload either.
    if (error instanceof Problem && error.status < 500 && error.code !== 'quota-exceeded') return false
    throw error
  }
}

export const tellUpload: Handler = async ({ ctx }, reply, { path, rest }) => {
  const place = await placeFor(ctx, 'push', path)
  return accepted(reply, place, await findUpload(ctx, place, rest), 204)
}

export const patchUpload: Handler = async (request, reply, { path, rest }) => {
  const place = await placeFor(request.ctx, 'push', path)
  return accepted(reply, place, await appendUpload(request.ctx, place, rest, sentBy(request)))
}

export const putUpload: Handler = async (request, reply, { path, rest }) => {
  const place = await placeFor(request.ctx, 'push', path)
  const { digest } = queryOf(request)
  if (digest === undefined)
    throw invalid('The digest is missing: end the upload with ?digest=sha256:…', {
      faults: [{ at: '/digest', message: 'missing' }],
    })
  await finishUpload(request.ctx, place, rest, { ...sentBy(request), digest })
  return created(reply, place, digest)
}

/** `Content-Range: <first>-<last>`, without a unit, as Distribution writes it. */
const sentBy = (request: FastifyRequest) => {
  const range = request.headers['content-range']
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(range ?? '')
  const sizeBytes = lengthOf(request)
  if (range !== undefined && !match) throw invalid('Content-Range is <first>-<last>.')
  if (match && sizeBytes !== undefined && sizeBytes !== Number(match[2]) - Number(match[1]) + 1)
    throw invalid(`Content-Range speaks of ${Number(match[2]) - Number(match[1]) + 1} bytes, Content-Length of ${sizeBytes}.`)
  return { source: bodyOf(request), atBytes: match ? Number(match[1]) : undefined, sizeBytes }
}

export const stopUpload: Handler = async ({ ctx }, reply, { path, rest }) => {
  await cancelUpload(ctx, await placeFor(ctx, 'push', path), rest)
  return reply.code(204).send()
}

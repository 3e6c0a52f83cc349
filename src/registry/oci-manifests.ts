// Manifests, tags and referrers, as OCI Distribution 1.1 speaks of them.
import type { Readable } from 'node:stream'
import {
  discardManifest,
  getManifestThrough,
  listReferrers,
  listTags,
  manifestBytesMax,
  notePull,
  ociIndex,
  placeFor,
  placeToPush,
  putManifest,
  type Page,
  type Referrer,
} from '#artifacts'
import type { Context } from '#platform/context.ts'
import { Problem, tooLarge } from '#platform/problem.ts'
import { bodyOf, countOf, nextLink, queryOf, type Handler } from './oci-asked.ts'

export const sendManifest: Handler = async (request, reply, { path, rest }) => {
  const { ctx, method, headers } = request
  const place = await placeFor(ctx, 'pull', path)
  const { digest, mediaType, sizeBytes, body, stale } = await getManifestThrough(ctx, place, rest)
  if (stale) void reply.header('warning', '110 holdfast "The upstream did not answer; this is what is held"')
  void reply.headers({ 'content-type': mediaType, 'docker-content-digest': digest, etag: `"${digest}"` })
  if (headers['if-none-match'] === `"${digest}"`) return reply.code(304).send()
  if (method === 'GET') notePull(ctx, place, digest)
  return method === 'HEAD' ? reply.header('content-length', String(sizeBytes)).send() : reply.send(body)
}

export const pushManifest: Handler = async (request, reply, { path, rest }) => {
  const { ctx } = request
  const place = await placeToPush(ctx, path, 'oci')
  const body = await readWhole(bodyOf(request))
  const { digest, subject } = await putManifest(ctx, place, {
    reference: rest,
    body,
    mediaType: request.headers['content-type'] ?? '',
    tags: extraTags(request.url),
  })
  return reply
    .code(201)
    .headers({
      location: `/v2/${path}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(subject === undefined ? {} : { 'oci-subject': subject }),
    })
    .send()
}

/** Each `tag` of the address: with a digest, the tags to set. */
const extraTags = (url: string): string[] => new URL(url, 'http://localhost').searchParams.getAll('tag')

const readWhole = async (source: Readable | undefined): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of source ?? []) {
    sizeBytes += (chunk as Buffer).length // a body that nobody decoded
    if (sizeBytes > manifestBytesMax)
      throw tooLarge(`A manifest has at most ${manifestBytesMax} bytes.`, { bytesMax: manifestBytesMax })
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

export const deleteManifest: Handler = async ({ ctx }, reply, { path, rest }) => {
  await discardManifest(ctx, await placeFor(ctx, 'discard', path), rest)
  return reply.code(202).send()
}

export const sendTags: Handler = async (request, reply, { path }) => {
  const { ctx } = request
  const { items, next } = await listTags(ctx, await placeFor(ctx, 'pull', path), {
    after: queryOf(request)['last'],
    limit: countOf(request),
  })
  if (next !== undefined) void reply.header('link', nextLink(request, next))
  return reply.send({ name: path, tags: items })
}

export const sendReferrers: Handler = async (request, reply, { path, rest }) => {
  const { ctx } = request
  const { artifactType, last } = queryOf(request)
  const { items, next } = await referrersAt(ctx, path, { subject: rest, artifactType, after: last })
  if (next !== undefined) void reply.header('link', nextLink(request, next))
  if (artifactType !== undefined) void reply.header('oci-filters-applied', 'artifactType')
  return reply
    .type(ociIndex)
    .serializer(JSON.stringify)
    .send({ schemaVersion: 2, mediaType: ociIndex, manifests: items.map(descriptorOf) })
}

/** Where nothing is, nothing refers to anything: an empty list, and no 404 (Distribution 1.1, "Listing Referrers"). */
const referrersAt = async (ctx: Context, path: string, asked: Parameters<typeof listReferrers>[2]): Promise<Page<Referrer>> => {
  try {
    return await listReferrers(ctx, await placeFor(ctx, 'pull', path), asked)
  } catch (error) {
    if (error instanceof Problem && error.code === 'repository-unknown') return { items: [] }
    throw error
  }
}

const descriptorOf = ({ mediaType, digest, sizeBytes, artifactType, annotations }: Referrer) => ({
  mediaType,
  digest,
  size: sizeBytes,
  ...(artifactType === null ? {} : { artifactType }),
  ...(annotations === null ? {} : { annotations }),
})

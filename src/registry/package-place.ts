// Where an address of a package door leads: a repository, and what is asked for in it. Names of packages may hold what paths of OCI may not.
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  heldBlob,
  nameUnknown,
  notePull,
  placeFor,
  placeToPush,
  specOf,
  type Format,
  type Place,
  type ReleaseFile,
  type Verb,
  type Version,
} from '#artifacts'
import type { Context } from '#platform/context.ts'
import { sendHeld } from './oci-blobs.ts'
import { pathForName } from './package-names.ts'

/** The place is the repository's own; `rest` is what lies below it. */
export type At = { readonly place: Place; readonly rest: readonly string[] }

const scopePart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const pathLengthMax = 255
const partsMax = 40

/** What of the address may be a path: its first parts, as far as paths of OCI could hold them. */
const leadOf = (parts: readonly string[]): readonly string[] => {
  const lead: string[] = []
  let length = 0
  for (const part of parts) {
    length += part.length + 1
    if (!scopePart.test(part) || length > pathLengthMax || lead.length === partsMax) break
    lead.push(part)
  }
  return lead
}

/** Decided for the repository. Where none of the format is, there is nothing: `repository-unknown`; to push makes one where the caller may. */
export const repositoryAt = async (ctx: Context, verb: Verb, parts: readonly string[], format: Format): Promise<At> => {
  const lead = leadOf(parts)
  const path = lead.join('/')
  const found =
    verb === 'push' && lead.length > 0
      ? await placeToPush(ctx, path, format)
      : await placeFor(ctx, verb, lead.length > 0 ? path : 'none')
  if (specOf(found.repository).format !== format)
    throw nameUnknown(`There is no repository for ${format} at ${path}.`, { name: path })
  const depth = lead.length - (found.name === '' ? 0 : found.name.split('/').length)
  return { place: { ...found, path: lead.slice(0, depth).join('/'), name: '' }, rest: parts.slice(depth) }
}

/** The package of that name in the repository. */
export const packageIn = (place: Place, name: string): Place => {
  const path = pathForName(name)
  return { ...place, path: `${place.path}/${path}`, name: path }
}

/** A file of a release: its bytes or a range of them, with what proves them. */
export const sendFile = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { place, version, file, type }: { place: Place; version: Version; file: ReleaseFile; type?: string },
) => {
  const held = await heldBlob(request.ctx, place, file.digest)
  const sha256 = Buffer.from(file.digest.slice('sha256:'.length), 'hex').toString('base64')
  if (request.method === 'GET') notePull(request.ctx, place, version.digest)
  const headers = {
    'content-type': type ?? file.mediaType ?? 'application/octet-stream',
    etag: `"${file.digest}"`,
    'accept-ranges': 'bytes',
    'content-length': String(held.sizeBytes),
    'repr-digest': `sha-256=:${sha256}:`, // RFC 9530
    digest: `sha-256=${sha256}`, // RFC 3230, which clients know longer
    'content-disposition': 'attachment',
    'last-modified': version.setAt.toUTCString(),
  }
  return request.method === 'HEAD' ? reply.headers(headers).send() : sendHeld(request, reply, held, headers)
}

/** Whether the client would rather have JSON than a page. */
export const prefersJson = ({ headers }: FastifyRequest): boolean =>
  /\bjson\b/.test(headers.accept ?? '') && !/text\/html/.test(headers.accept ?? '')

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A page that needs nothing but itself; the edge forbids it anything else. */
export const page = (title: string, body: string): string =>
  `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>\n<h1>${escapeHtml(title)}</h1>\n${body}\n</body></html>\n`

export const partsOf = (request: FastifyRequest): string[] => (request.params as { '*': string })['*'].split('/') // fastify's wildcard

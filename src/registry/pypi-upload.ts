// Uploads as twine, uv and pip's own tools send them: a form with what is said of the file, then the file.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findVersion, pushBlob, revise, tagFor, type Blob, type Place, type ReleaseFile, type Version } from '#artifacts'
import type { Context } from '#platform/context.ts'
import { conflict, invalid, tooLarge } from '#platform/problem.ts'
import { boundaryOf, readForm } from './multipart.ts'
import { bodyOf } from './oci-asked.ts'
import { readWhole } from './package-door.ts'
import { packageIn, partsOf, repositoryAt } from './package-place.ts'
import { checkFilename, checkProject, checkVersion, isWheel, normalise } from './pypi-names.ts'
import { fieldOf, metadataOf } from './pypi-wheel.ts'

export const artifactType = 'application/vnd.holdfast.pypi.v1'
export const requiresPython = 'vnd.holdfast.pypi.requires-python'
export const uploadedAt = 'vnd.holdfast.pypi.uploaded'
export const yanked = 'vnd.holdfast.pypi.yanked'
export const sidecar = '.metadata' // PEP 658

const fieldBytesMax = 1024 ** 2
const fieldsBytesMax = 4 * 1024 ** 2
/** A wheel for each Python and platform, and what is said of each. */
const filesMax = 2_000

export const receive = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx, headers } = request
  const parts = partsOf(request)
  while (['', 'legacy', 'simple'].includes(parts.at(-1) ?? 'none')) parts.pop()
  const { place, rest } = await repositoryAt(ctx, 'push', parts, 'pypi')
  if (rest.length > 0) throw invalid(`Upload to the repository itself: /pypi/${place.path}/.`)
  const fields = new Map<string, string>()
  let fresh: boolean | undefined
  let room = fieldsBytesMax
  for await (const part of readForm(bodyOf(request) ?? Readable.from([]), boundaryOf(headers['content-type']))) {
    if (part.name === 'content') {
      if (fresh !== undefined) throw invalid('One file at a time.')
      fresh = await take(ctx, place, fields, { filename: part.filename ?? '', content: part.content })
    } else {
      const text = await readWhole(part.content, `The field ${part.name.slice(0, 60)}`, fieldBytesMax)
      room -= text.length
      if (room < 0) throw tooLarge(`The fields have more than ${fieldsBytesMax} bytes.`, { bytesMax: fieldsBytesMax })
      if (!fields.has(part.name)) fields.set(part.name, text.toString('utf8'))
    }
  }
  if (fresh === undefined) throw invalid('The form holds no file: a part called content.')
  return reply.type('text/plain; charset=utf-8').send(fresh ? 'Stored.\n' : 'That file is here already.\n')
}

type Sent = { filename: string; content: AsyncIterable<Buffer> }

const take = async (
  ctx: Context,
  repository: Place,
  fields: ReadonlyMap<string, string>,
  { filename, content }: Sent,
): Promise<boolean> => {
  const name = checkProject(fields.get('name') ?? '')
  const version = checkVersion(fields.get('version') ?? '')
  checkFilename(filename, name, version)
  const sha256 = fields.get('sha256_digest')?.toLowerCase()
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) throw invalid('sha256_digest is 64 hexadecimal digits.')
  const place = packageIn(repository, normalise(name))
  const known = await findVersion(ctx, place, version)
  if (sha256 !== undefined && known && !isNew(known, filename, `sha256:${sha256}`)) return false
  const blob = await pushBlob(ctx, place, Readable.from(content), sha256 === undefined ? undefined : `sha256:${sha256}`)
  const files = await filesOf(ctx, place, { filename, blob, name, version, fields })
  const made = await revise(ctx, place, version, async (tx, before) => {
    if (before && !isNew(before, filename, blob.digest)) return undefined
    if ((before?.files.length ?? 0) + files.length > filesMax)
      throw tooLarge(`A version has at most ${filesMax} files.`, { filesMax })
    const config = { mediaType: artifactType.replace('.v1', '.config.v1+json'), content: { name, version } }
    return {
      tag: tagFor(version),
      artifactType,
      config,
      files: [...(before?.files ?? []), ...dated(files, tx.now())],
      annotations: before?.annotations ?? {},
    }
  })
  return made !== undefined
}

const dated = (files: readonly ReleaseFile[], at: Date): ReleaseFile[] =>
  files.map((file) => ({ ...file, annotations: { ...file.annotations, [uploadedAt]: at.toISOString() } }))

/** False when the very same file is there; another under its name is refused. */
const isNew = ({ files }: Version, filename: string, digest: string): boolean => {
  const known = files.find(({ path }) => path === filename)
  if (known && known.digest !== digest)
    throw conflict(
      `File already exists: ${filename} is here with other content, and what is released stays what it is. Use another version.`,
    )
  return known === undefined
}

type Arrived = { filename: string; blob: Blob; name: string; version: string; fields: ReadonlyMap<string, string> }

/** The file, and of a wheel what it says of itself, so that a resolver need not fetch the wheel. */
const filesOf = async (
  ctx: Context,
  place: Place,
  { filename, blob, name, version, fields }: Arrived,
): Promise<ReleaseFile[]> => {
  const of = (requires: string | undefined): Record<string, string> =>
    requires === undefined || requires === '' || requires.length > 200 ? {} : { [requiresPython]: requires }
  if (!isWheel(filename)) return [{ ...blob, path: filename, annotations: of(fields.get('requires_python')) }]
  const metadata = await metadataOf(ctx, blob)
  const [toldName = '', toldVersion = ''] = [fieldOf(metadata, 'Name'), fieldOf(metadata, 'Version')]
  if (normalise(toldName) !== normalise(name) || checkVersion(toldVersion) !== version)
    throw invalid(
      `The wheel says it is ${toldName.slice(0, 100)} ${toldVersion.slice(0, 100)}, and was sent as ${name} ${version}.`,
    )
  const told = await pushBlob(ctx, place, Readable.from([metadata]))
  return [
    { ...blob, path: filename, annotations: of(fieldOf(metadata, 'Requires-Python')) },
    { ...told, path: `${filename}${sidecar}`, mediaType: 'text/plain' },
  ]
}

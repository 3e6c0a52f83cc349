// Files of any kind at /files/<scope>/<repository>/<package>/<version>/<path>, as curl and scripts ask for them. A version grows file by file; none is replaced.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  discardVersion,
  findVersion,
  pushBlob,
  revise,
  tagFor,
  type Blob,
  type Place,
  type ReleaseFile,
  type Version,
} from '#artifacts'
import type { Context } from '#platform/context.ts'
import { conflict, invalid, notFound, tooLarge } from '#platform/problem.ts'
import { list, sumsName, sumsOf, versionAt } from './files-listing.ts'
import { bodyOf } from './oci-asked.ts'
import { openDoor, problemWords } from './package-door.ts'
import { checkSteps, nameAtPath } from './package-names.ts'
import { packageIn, partsOf, repositoryAt, sendFile } from './package-place.ts'

const artifactType = 'application/vnd.holdfast.files.v1'
/** Each file added writes the list of all anew. */
const filesMax = 2_000

const get = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const at = await repositoryAt(ctx, 'pull', partsOf(request), 'files')
  const [name = '', , ...steps] = at.rest
  if (steps.length === 0 || steps.at(-1) === '') return list(request, reply, at)
  const version = await versionAt(ctx, at)
  if (steps.length === 1 && steps[0] === sumsName) return reply.type('text/plain; charset=utf-8').send(sumsOf(version.files))
  const file = fileIn(version, steps.join('/'))
  return sendFile(request, reply, { place: packageIn(at.place, name), version, file })
}

const fileIn = (version: Version, path: string): ReleaseFile => {
  const file = version.files.find((one) => one.path === path)
  if (!file)
    throw notFound(`${nameAtPath(version.package)} ${version.version} has no file ${JSON.stringify(path.slice(0, 200))}.`)
  return file
}

type Target = { readonly place: Place; readonly name: string; readonly version: string; readonly path: string }

const put = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const { place, rest } = await repositoryAt(ctx, 'push', partsOf(request), 'files')
  const [name = '', version = '', ...steps] = checkSteps(rest, 'a file to put')
  const path = steps.join('/')
  if (path === '' || path === sumsName)
    throw invalid(`Put a file at <repository>/<package>/<version>/<path>; ${sumsName} is made from what a version holds.`)
  const target = { place: packageIn(place, name), name, version, path }
  const announced = announcedOf(request)
  const known = (await findVersion(ctx, target.place, version))?.files
  if (known && announced === undefined) refuseTaken(known, path)
  const blob = await pushBlob(ctx, target.place, bodyOf(request) ?? emptyBody(), announced)
  const fresh = await add(ctx, target, { ...blob, path, mediaType: mediaTypeOf(request) })
  return reply
    .code(fresh ? 201 : 200)
    .headers({ location: request.url, etag: `"${blob.digest}"` })
    .send({ path, digest: blob.digest, sizeBytes: blob.sizeBytes })
}

const announcedOf = ({ headers }: FastifyRequest): string | undefined => {
  const sha256 = headers['x-content-sha256']
  if (sha256 === undefined) return undefined
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw invalid('x-content-sha256 is 64 small hexadecimal digits.')
  return `sha256:${sha256}`
}

/** As the sender names it, where that is a plain name. */
const mediaTypeOf = ({ headers }: FastifyRequest): string =>
  /^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,60}$/.exec(headers['content-type'] ?? '')?.[0] ?? 'application/octet-stream'

const refuseTaken = (files: readonly ReleaseFile[], path: string): void => {
  const taken = files.find((file) => file.path === path || file.path.startsWith(`${path}/`) || path.startsWith(`${file.path}/`))
  if (taken)
    throw conflict(
      `The version holds ${JSON.stringify(taken.path)} already, and what is released stays what it is. Use another version, or discard the file first.`,
      {
        path: taken.path,
        digest: taken.digest,
      },
    )
}

/** True when it is new; the same content once more changes nothing. */
const add = async (ctx: Context, { place, name, version, path }: Target, file: ReleaseFile & Blob): Promise<boolean> => {
  const made = await revise(ctx, place, version, async (_tx, before) => {
    const files = before?.files ?? []
    if (files.some((one) => one.path === path && one.digest === file.digest)) return undefined
    refuseTaken(files, path)
    if (files.length >= filesMax) throw tooLarge(`A version has at most ${filesMax} files.`, { filesMax })
    return releaseOf({ name, version }, [...files, file])
  })
  return made !== undefined
}

const releaseOf = ({ name, version }: { name: string; version: string }, files: readonly ReleaseFile[]) => ({
  tag: tagFor(version),
  artifactType,
  config: { mediaType: artifactType.replace('.v1', '.config.v1+json'), content: { name, version } },
  files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
})

const emptyBody = (): Readable => Readable.from([])

/** One file, or with a slash at its end the whole version. The last file takes the version with it. */
const remove = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const at = await repositoryAt(ctx, 'discard', partsOf(request), 'files')
  const [name = '', , ...steps] = at.rest
  const version = await versionAt(ctx, at)
  const place = packageIn(at.place, name)
  if (steps.length === 0 || (steps.length === 1 && steps[0] === '')) await discardVersion(ctx, place, version)
  else await removeFile(ctx, { place, name, version: version.version, path: steps.join('/') })
  return reply.code(204).send()
}

const removeFile = (ctx: Context, { place, name, version, path }: Target) =>
  revise(ctx, place, version, async (tx, before) => {
    if (!before) throw notFound(`${name} ${version} is not here any more.`)
    fileIn(before, path)
    const files = before.files.filter((file) => file.path !== path)
    if (files.length > 0) return releaseOf({ name, version }, files)
    await discardVersion(tx, place, before)
    return undefined
  })

const operation = (operationId: string, summary: string) => ({ schema: { operationId, summary, tags: ['packages'] } })

export const filesRoutes: FastifyPluginAsyncTypebox = async (app) => {
  openDoor(app, problemWords)
  app.head('/*', { schema: { hide: true } }, get)
  app.get('/*', operation('filesGet', 'A file of a release; at a path that ends in a slash, what lies there'), get)
  app.put('/*', operation('filesPut', 'Add a file to a release'), put)
  app.delete('/*', operation('filesDelete', 'Discard a file of a release, or the release'), remove)
}

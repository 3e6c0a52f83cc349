// Debian packages at /apt/<scope>/<repository>: apt reads suites and takes packages; curl brings them.
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  discardVersion,
  heldBlob,
  mount,
  pushBlob,
  revise,
  tagFor,
  versionsOf,
  type Blob,
  type Place,
  type ReleaseFile,
  type Version,
} from '#artifacts'
import { openBlob } from '#platform/blobs.ts'
import { atomically, type Context } from '#platform/context.ts'
import { conflict, invalid, notFound } from '#platform/problem.ts'
import { fileNameOf, readDeb, type Deb } from './apt-deb.ts'
import { architectureMark, currentOf, debType, holdSuite, keyOf, stanzaMark, suitePlace, writeSuite } from './apt-index.ts'
import { bodyOf } from './oci-asked.ts'
import { sendHeld } from './oci-blobs.ts'
import { openDoor, plainWords } from './package-door.ts'
import { checkSteps } from './package-names.ts'
import { packageIn, partsOf, repositoryAt, sendFile } from './package-place.ts'

const nothing = (request: FastifyRequest) => notFound(`Nothing is served at ${request.method} ${request.url.slice(0, 200)}.`)

const get = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const { place, rest } = await repositoryAt(ctx, 'pull', partsOf(request), 'apt')
  const [kind, suite = '', ...path] = rest
  if (kind === 'key.asc' && rest.length === 1) return reply.type('application/pgp-keys').send(keyOf(ctx.site).publicKey)
  if (kind === 'pool') {
    const found = await findFile(ctx, place, rest.join('/'))
    return sendFile(request, reply, { ...found, type: 'application/vnd.debian.binary-package' })
  }
  if (kind !== 'dists') throw nothing(request)
  return path.at(-3) === 'by-hash'
    ? sendByDigest(request, reply, suitePlace(place, suite), path.slice(-2))
    : sendNow(request, reply, { place, suite, path: path.join('/') })
}

/** Of whatever generation: it is what the client was promised. */
const sendByDigest = async (request: FastifyRequest, reply: FastifyReply, place: Place, [algorithm, hex = '']: string[]) => {
  if (algorithm !== 'SHA256' || !/^[0-9a-f]{64}$/.test(hex)) throw nothing(request)
  const held = await heldBlob(request.ctx, place, `sha256:${hex}`)
  const headers = {
    'content-type': listType,
    etag: `"${held.digest}"`,
    'accept-ranges': 'bytes',
    'content-length': String(held.sizeBytes),
  }
  return request.method === 'HEAD' ? reply.headers(headers).send() : sendHeld(request, reply, held, headers)
}

const listType = 'application/octet-stream'

const sendNow = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { place, suite, path }: { place: Place; suite: string; path: string },
) => {
  const found = suiteForm.test(suite) ? await currentOf(request.ctx, place, suite) : undefined
  const file = found?.files.find((one) => one.path === path)
  if (!file) throw nothing(request)
  const { blob, sizeBytes } = await heldBlob(request.ctx, suitePlace(place, suite), file.digest)
  void reply.headers({ 'content-type': listType, 'content-length': String(sizeBytes), 'cache-control': 'private, no-cache' })
  // Whole, whatever part is asked for: the rest of one generation's list would be put behind the beginning of another's.
  return request.method === 'HEAD' ? reply.send() : reply.send(openBlob(request.ctx.site.blobs, blob))
}

type Found = { place: Place; version: Version; file: ReleaseFile }

const findFile = async (ctx: Context, repository: Place, path: string): Promise<Found> => {
  const name = path.split('/').at(-1)?.split('_', 1)[0] ?? ''
  const place = packageIn(repository, name)
  for (const version of name === '' ? [] : await versionsOf(ctx, place, { artifactType: debType })) {
    const file = version.files.find((one) => one.path === path)
    if (file) return { place, version, file }
  }
  throw notFound(`${repository.path} has no file ${JSON.stringify(path.slice(0, 200))}.`)
}

const suiteForm = /^[a-z0-9][a-z0-9.+-]{0,62}$/

/** PUT at the name that Debian gives the file, or POST to the folder it is to lie in. */
const receive = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const { place, rest } = await repositoryAt(ctx, 'push', partsOf(request), 'apt')
  const steps = checkSteps(
    rest.filter((step, index) => step !== '' || index < rest.length - 1),
    'a place for a package',
  )
  const [kind, suite = '', component = '', filename, ...more] = steps
  if (
    kind !== 'pool' ||
    !suiteForm.test(suite) ||
    !suiteForm.test(component) ||
    more.length > 0 ||
    (request.method === 'PUT') !== (filename !== undefined)
  )
    throw invalid('Put a package at pool/<suite>/<component>/<file>.deb, or post it to pool/<suite>/<component>/.')
  const blob = await pushBlob(ctx, place, bodyOf(request) ?? nobody())
  const deb = await readDeb(ctx, blob)
  if (filename !== undefined && filename !== fileNameOf(deb))
    throw invalid(`The package calls itself ${fileNameOf(deb)}. Put it under that name, or post it to the folder.`)
  const path = `pool/${suite}/${component}/${fileNameOf(deb)}`
  const fresh = await add(ctx, { repository: place, suite, path, deb, blob })
  return reply
    .code(fresh ? 201 : 200)
    .header('location', `/apt/${place.path}/${path}`)
    .type('text/plain; charset=utf-8')
    .send(`${path}\n`)
}

const nobody = (): Readable => {
  throw invalid('The request brings no package.')
}

type Arrived = { repository: Place; suite: string; path: string; deb: Deb; blob: Blob }

/** The package and the lists that tell of it, all or nothing. False when the very same is there. */
const add = (ctx: Context, { repository, suite, path, deb, blob }: Arrived): Promise<boolean> =>
  atomically(ctx, async (tx) => {
    await holdSuite(tx, repository, suite)
    const place = packageIn(repository, deb.package)
    await mount(tx, place, { digest: blob.digest, from: repository })
    const made = await revise(tx, place, deb.version, async (_tx, before) => {
      const known = (await versionsOf(tx, place, { artifactType: debType })).flatMap(({ files }) => files)
      const taken =
        known.find((file) => file.path === path) ??
        known.find((file) => file.path.endsWith(`/${fileNameOf(deb)}`) && file.digest !== blob.digest)
      if (taken && taken.digest !== blob.digest)
        throw conflict(
          `${taken.path} is here with other content, and what is released stays what it is. Give the package another version.`,
        )
      if (taken?.path === path) return undefined
      const annotations = { [stanzaMark]: deb.stanza, [architectureMark]: deb.architecture }
      return releaseOf(deb, [
        ...(before?.files ?? []),
        { ...blob, path, mediaType: 'application/vnd.debian.binary-package', annotations },
      ])
    })
    if (made) await writeSuite(tx, repository, suite)
    return made !== undefined
  })

const releaseOf = ({ package: name, version }: Pick<Deb, 'package' | 'version'>, files: readonly ReleaseFile[]) => ({
  tag: tagFor(version),
  artifactType: debType,
  config: { mediaType: debType.replace('.v1', '.config.v1+json'), content: { name, version } },
  files,
})

const remove = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const { place: repository, rest } = await repositoryAt(ctx, 'discard', partsOf(request), 'apt')
  const path = rest.join('/')
  await atomically(ctx, async (tx) => {
    const { place, version } = await findFile(tx, repository, path)
    await holdSuite(tx, repository, rest[1] ?? '')
    await revise(tx, place, version.version, async (_tx, before) => {
      const files = before?.files.filter((file) => file.path !== path) ?? []
      if (before && files.length > 0)
        return releaseOf({ package: path.split('/').at(-1)!.split('_', 1)[0]!, version: before.version }, files)
      if (before) await discardVersion(tx, place, before)
      return undefined
    })
    await writeSuite(tx, repository, rest[1] ?? '')
  })
  return reply.code(204).send()
}

const operation = (operationId: string, summary: string) => ({ schema: { operationId, summary, tags: ['packages'] } })

export const aptRoutes: FastifyPluginAsyncTypebox = async (app) => {
  openDoor(app, plainWords)
  app.head('/*', { schema: { hide: true } }, get)
  app.get('/*', operation('aptGet', 'Lists of Debian packages, their signatures, and the packages'), get)
  app.put('/*', operation('aptPut', 'Add a Debian package to a suite, under its name'), receive)
  app.post('/*', operation('aptPost', 'Add a Debian package to a suite'), receive)
  app.delete('/*', operation('aptDelete', 'Discard a Debian package from a suite'), remove)
}

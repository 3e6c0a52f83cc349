// What npm writes: a version with its tarball, names that stand for versions, warnings about them, and the end of one.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  configOf,
  discardVersion,
  findVersion,
  nameVersion,
  pushBlob,
  revise,
  tagFor,
  type Blob,
  type Place,
  type Version,
} from '#artifacts'
import { atomically, type Context } from '#platform/context.ts'
import { digestMismatch } from '#platform/blobs.ts'
import { parseJson, type Json } from '#platform/json.ts'
import { conflict, invalid } from '#platform/problem.ts'
import { bodyOf } from './oci-asked.ts'
import { packageIn } from './package-place.ts'
import { decodeBase64, readPublished } from './npm-body.ts'
import {
  artifactType,
  checkName,
  deprecatedMark,
  integrityMark,
  isVersion,
  packageOf,
  publishedMark,
  requirePackage,
  shasumMark,
  tarballName,
} from './npm-packument.ts'
import { manifestOf } from './npm-tarball.ts'

const objectIn = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

type Tarball = { blob: Blob; integrity: string; shasum: string }

/** Hashed as it passes: npm's own two besides ours. */
const keep = async (ctx: Context, place: Place, content: AsyncIterable<Buffer>): Promise<Tarball> => {
  const [sha512, sha1] = [createHash('sha512'), createHash('sha1')]
  const hashed = async function* () {
    for await (const chunk of content) {
      sha512.update(chunk)
      sha1.update(chunk)
      yield chunk
    }
  }
  const blob = await pushBlob(ctx, place, Readable.from(hashed()))
  return { blob, integrity: `sha512-${sha512.digest('base64')}`, shasum: sha1.digest('hex') }
}

export const tagPattern = /^[A-Za-z_-][A-Za-z0-9._-]{0,60}$/

/** A document with a tarball publishes a version; one without says what has changed about versions that are here. */
export const receive = async (request: FastifyRequest, reply: FastifyReply, repository: Place, name: string) => {
  const { ctx } = request
  const place = packageIn(repository, checkName(name))
  let tarball: Tarball | undefined
  const text = await readPublished(bodyOf(request) ?? Readable.from([]), async (content) => {
    tarball = await keep(ctx, place, content)
  })
  const document = objectIn(parseJson(text))
  if (document['name'] !== name)
    throw invalid(`The document is about ${JSON.stringify(String(document['name']).slice(0, 200))}, and was sent to ${name}.`)
  const attachments = Object.values(objectIn(document['_attachments']))
  if (attachments.length === 0) await remark(ctx, repository, name, objectIn(document['versions']))
  else {
    if (attachments.length > 1) throw invalid('One tarball at a time.')
    const small = objectIn(attachments[0])['data']
    tarball ??= await keep(ctx, place, Readable.from([decodeBase64(String(small))]))
    await publishOne(ctx, place, { document, name, tarball })
  }
  return reply.code(201).send({ ok: true, id: name })
}

type Sent = { document: Record<string, unknown>; name: string; tarball: Tarball }

const publishOne = async (ctx: Context, place: Place, { document, name, tarball }: Sent): Promise<void> => {
  const [first, ...others] = Object.entries(objectIn(document['versions']))
  const [version, given] = first ?? ['', undefined]
  const { dist, _id, ...manifest } = objectIn(given)
  if (others.length > 0 || !isVersion(version) || manifest['version'] !== version || manifest['name'] !== name)
    throw invalid('The document holds one version, under its number (semver 2.0.0), with the name of the package.')
  const told = objectIn(dist)
  for (const [what, actual] of [
    ['integrity', tarball.integrity],
    ['shasum', tarball.shasum],
  ] as const)
    if (told[what] !== undefined && told[what] !== actual)
      throw digestMismatch(`The tarball that arrived does not have the ${what} that was announced; nothing was published.`, {
        expected: told[what],
        actual,
      })
  requireSame(manifest, await manifestOf(ctx, tarball.blob))
  const tags = Object.entries(objectIn(document['dist-tags'])).filter(([, of]) => of === version)
  for (const [tag] of tags) checkTagName(tag)
  const { blob, integrity, shasum } = tarball
  await atomically(ctx, async (tx) => {
    await revise(tx, place, version, async (_tx, before) => {
      if (before) throw conflict(`${name}@${version} is published already, and stays what it is. Publish another version.`)
      return {
        tag: tagFor(version),
        artifactType,
        config: {
          mediaType: artifactType.replace('.v1', '.config.v1+json'),
          content: { name, version, manifest: manifest as Json },
        }, // parsed from JSON
        files: [
          {
            ...blob,
            path: tarballName(name, version),
            mediaType: 'application/octet-stream',
            annotations: { [integrityMark]: integrity, [shasumMark]: shasum },
          },
        ],
        annotations: { [publishedMark]: tx.now().toISOString() },
      }
    })
    const made = (await findVersion(tx, place, version))!
    for (const [tag] of tags) await nameVersion(tx, place, made, tag)
  })
}

export const checkTagName = (tag: string): string => {
  if (!tagPattern.test(tag))
    throw invalid(
      `${JSON.stringify(tag.slice(0, 80))} cannot stand for a version: letters, digits and . _ -, and no number first.`,
    )
  return tag
}

/** What is resolved from the document must be what the tarball brings: name, version and what it depends on. */
const requireSame = (manifest: Record<string, unknown>, inside: Record<string, unknown>): void => {
  for (const field of ['name', 'version'])
    if (inside[field] !== manifest[field])
      throw invalid(
        `The ${field} in the tarball is ${JSON.stringify(String(inside[field]).slice(0, 200))}, and ${JSON.stringify(manifest[field])} was announced.`,
      )
  const needs = (of: Record<string, unknown>): string =>
    JSON.stringify(
      Object.entries({ ...objectIn(of['dependencies']), ...objectIn(of['optionalDependencies']) }).toSorted(([a], [b]) =>
        a < b ? -1 : 1,
      ),
    )
  if (needs(manifest) !== needs(inside)) throw invalid('The tarball depends on something else than was announced.')
}

const deprecationMax = 1_000

/** `npm deprecate` sends every version with its warning, or an empty one to take it back. */
const remark = async (ctx: Context, repository: Place, name: string, versions: Record<string, unknown>): Promise<void> => {
  const { place, versions: held } = await requirePackage(ctx, repository, name)
  for (const { version, annotations } of held) {
    const told = objectIn(versions[version])['deprecated']
    const warning = typeof told === 'string' && told !== '' ? told.slice(0, deprecationMax) : undefined
    if (versions[version] === undefined || warning === annotations[deprecatedMark]) continue
    await revise(ctx, place, version, async (tx, before) => before && warned(tx, before, warning))
  }
}

const warned = async (tx: Context, before: Version, warning: string | undefined) => {
  const content = (await configOf(tx, before)) as Json // as it was published
  const { [deprecatedMark]: _before, ...others } = before.annotations
  return {
    tag: before.tag,
    artifactType,
    config: { mediaType: before.config.mediaType, content },
    files: before.files,
    annotations: warning === undefined ? others : { ...others, [deprecatedMark]: warning },
  }
}

/** `npm unpublish` sends what is to remain. */
export const withdraw = async (request: FastifyRequest, reply: FastifyReply, repository: Place, name: string) => {
  const { ctx } = request
  const text = await readPublished(bodyOf(request) ?? Readable.from([]), async () => {
    throw invalid('A document that withdraws a version brings none.')
  })
  const remain = objectIn(objectIn(parseJson(text))['versions'])
  const { place, versions } = await requirePackage(ctx, repository, name)
  await atomically(ctx, async (tx) => {
    for (const version of versions) if (remain[version.version] === undefined) await discardVersion(tx, place, version)
  })
  return reply.send({ ok: true })
}

/** All of it, or with a file's name the version of that file. npm asks for the file after the version is gone: then nothing is left to do. */
export const remove = async (
  request: FastifyRequest,
  reply: FastifyReply,
  repository: Place,
  { name, file }: { name: string; file?: string | undefined },
) => {
  const { ctx } = request
  const found = file === undefined ? await requirePackage(ctx, repository, name) : await packageOf(ctx, repository, name)
  const gone = found?.versions.filter(({ version }) => file === undefined || file === tarballName(name, version)) ?? []
  await atomically(ctx, async (tx) => {
    for (const version of gone) await discardVersion(tx, found!.place, version)
  })
  return reply.send({ ok: true })
}

// A package as npm asks for it: every version with what it needs, and the names that stand for one (`latest`).
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { configOf, versionsOf, type Place, type Version } from '#artifacts'
import type { Context } from '#platform/context.ts'
import { invalid, notFound } from '#platform/problem.ts'
import { originOf } from './origin.ts'
import { packageIn } from './package-place.ts'

export const artifactType = 'application/vnd.holdfast.npm.v1'
export const integrityMark = 'vnd.holdfast.npm.integrity'
export const shasumMark = 'vnd.holdfast.npm.shasum'
export const publishedMark = 'vnd.holdfast.npm.published'
export const deprecatedMark = 'vnd.holdfast.npm.deprecated'

const nameLengthMax = 214 // of npm itself

/** Small letters only: two names that differ in letters alone would be one on some disks. */
export const checkName = (name: string): string => {
  if (
    name.length > nameLengthMax ||
    !/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name) ||
    name === 'node_modules' ||
    name === 'favicon.ico'
  )
    throw invalid(
      `${JSON.stringify(name.slice(0, nameLengthMax))} is not a name of a package: small letters, digits and . _ ~ -, perhaps below a scope: @acme/thing.`,
    )
  return name
}

/** semver.org, version 2.0.0. */
const semver =
  /^(?:0|[1-9]\d{0,15})\.(?:0|[1-9]\d{0,15})\.(?:0|[1-9]\d{0,15})(?:-[0-9A-Za-z.-]{1,60})?(?:\+[0-9A-Za-z.-]{1,60})?$/
export const isVersion = (text: string): boolean => semver.test(text)

export type Package = {
  readonly name: string
  readonly place: Place
  readonly versions: readonly Version[]
  readonly tags: Readonly<Record<string, string>>
}

/** Versions in the order they were published. Without a `latest`, the last one is it. */
export const packageOf = async (ctx: Context, repository: Place, name: string): Promise<Package | undefined> => {
  const place = packageIn(repository, checkName(name))
  const found = await versionsOf(ctx, place, { artifactType })
  const versions = found
    .filter(({ version }) => isVersion(version))
    .toSorted((a, b) => publishedAt(a).localeCompare(publishedAt(b)))
  const last = versions.at(-1)
  if (!last) return undefined
  const named = found
    .filter(({ version }) => !isVersion(version))
    .map(({ version: tag, digest }) => [tag, versions.find((one) => one.digest === digest)?.version ?? ''] as const)
    .filter(([, version]) => version !== '')
  return { name, place, versions, tags: { latest: last.version, ...Object.fromEntries(named) } }
}

export const requirePackage = async (ctx: Context, repository: Place, name: string): Promise<Package> => {
  const found = await packageOf(ctx, repository, name)
  if (!found) throw notFound(`${repository.path} has no package ${name}.`)
  return found
}

const publishedAt = ({ annotations, setAt }: Version): string => annotations[publishedMark] ?? setAt.toISOString()

/** What an installer reads, and no more (npm, `package-metadata.md`). */
const abbreviated = [
  'name', 'version', 'deprecated', 'dependencies', 'optionalDependencies', 'devDependencies', 'bundleDependencies', 'peerDependencies', 'peerDependenciesMeta',
  'acceptDependencies', 'bin', 'directories', 'dist', 'engines', 'cpu', 'os', 'libc', 'funding', '_hasShrinkwrap', 'hasInstallScript',
] // prettier-ignore

export const tarballName = (name: string, version: string): string => `${name.split('/').at(-1)}-${version}.tgz`

const manifestsAtOnce = 32

const manifestsOf = async (request: FastifyRequest, { name, place, versions }: Package): Promise<Record<string, unknown>[]> => {
  const manifests: Record<string, unknown>[] = []
  const below = `${originOf(request)}/npm/${place.path.slice(0, place.path.length - place.name.length - 1)}/${name}/-/`
  for (let from = 0; from < versions.length; from += manifestsAtOnce)
    manifests.push(
      ...(await Promise.all(
        versions.slice(from, from + manifestsAtOnce).map(async (version) => {
          const { manifest } = (await configOf(request.ctx, version)) as { manifest: Record<string, unknown> } // as it was published
          const { integrity, shasum } = distOf(version)
          const deprecated = version.annotations[deprecatedMark]
          const dist = { tarball: below + tarballName(name, version.version), integrity, shasum }
          return { ...manifest, _id: `${name}@${version.version}`, dist, ...(deprecated === undefined ? {} : { deprecated }) }
        }),
      )),
    )
  return manifests
}

const distOf = ({ files: [file] }: Version) => ({
  integrity: file?.annotations?.[integrityMark],
  shasum: file?.annotations?.[shasumMark],
})

export const sendPackument = async (request: FastifyRequest, reply: FastifyReply, found: Package) => {
  const short = /application\/vnd\.npm\.install-v1\+json/.test(request.headers.accept ?? '')
  const state = JSON.stringify([short, originOf(request), found.tags, found.versions.map(({ digest }) => digest)])
  const revision = createHash('sha256').update(state).digest('base64url')
  void reply.headers({ etag: `"${revision}"`, vary: 'accept', 'cache-control': 'private, no-cache' })
  if (request.headers['if-none-match'] === `"${revision}"`) return reply.code(304).send()
  const manifests = await manifestsOf(request, found)
  const times = found.versions.map((version) => [version.version, publishedAt(version)] as const)
  const shared = { name: found.name, 'dist-tags': found.tags }
  const document = short
    ? { ...shared, modified: times.at(-1)?.[1], versions: keyed(manifests.map((manifest) => picked(manifest))) }
    : {
        _id: found.name,
        _rev: `${found.versions.length}-${revision}`,
        ...shared,
        description: manifests.at(-1)?.['description'],
        versions: keyed(manifests),
        time: { created: times[0]?.[1], modified: times.at(-1)?.[1], ...Object.fromEntries(times) },
      }
  const type = short ? 'application/vnd.npm.install-v1+json' : 'application/json'
  return reply
    .type(type)
    .serializer((text: string) => text)
    .send(JSON.stringify(document))
}

const keyed = (manifests: readonly Record<string, unknown>[]) =>
  Object.fromEntries(manifests.map((manifest) => [manifest['version'], manifest]))

const picked = (manifest: Record<string, unknown>): Record<string, unknown> => {
  const scripts = (manifest['scripts'] ?? {}) as Record<string, unknown> // of any form: only asked for its keys
  const installs = ['preinstall', 'install', 'postinstall'].some((name) => name in Object(scripts))
  return Object.fromEntries([
    ...abbreviated.filter((field) => manifest[field] !== undefined).map((field) => [field, manifest[field]]),
    ...(installs ? [['hasInstallScript', true]] : []),
  ])
}

/** One version, by its number or a name that stands for it. */
export const sendVersion = async (request: FastifyRequest, reply: FastifyReply, found: Package, wanted: string) => {
  const version = found.versions.find((one) => one.version === (found.tags[wanted] ?? wanted))
  if (!version) throw notFound(`${found.name} has no version ${JSON.stringify(wanted.slice(0, 100))}.`)
  const [manifest] = await manifestsOf(request, { ...found, versions: [version] })
  return reply.type('application/json').send(manifest)
}

// Python packages at /pypi/<scope>/<repository>: the simple index for pip and uv, uploads by twine, and marks that a version should not be chosen any more.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { configOf, discardVersion, findVersion, revise, type Version } from '#artifacts'
import type { Context } from '#platform/context.ts'
import type { Json } from '#platform/json.ts'
import { notFound } from '#platform/problem.ts'
import { bodyOf } from './oci-asked.ts'
import { openDoor, plainWords, readWhole } from './package-door.ts'
import { packageIn, partsOf, repositoryAt, sendFile, type At } from './package-place.ts'
import { sendProject, sendProjects } from './pypi-index.ts'
import { normalise } from './pypi-names.ts'
import { receive, yanked } from './pypi-upload.ts'

const nothing = (request: FastifyRequest) => notFound(`Nothing is served at ${request.method} ${request.url.slice(0, 200)}.`)

const get = async (request: FastifyRequest, reply: FastifyReply) => {
  const at = await repositoryAt(request.ctx, 'pull', partsOf(request), 'pypi')
  const [kind, project = '', version = '', filename = '', ...more] = at.rest
  if (kind === 'simple' && project === '') return sendProjects(request, reply, at.place)
  if (kind === 'simple' && filename === '' && version === '') return sendProject(request, reply, at.place, project)
  if (kind !== 'files' || more.length > 0) throw nothing(request)
  const found = await versionAt(request.ctx, at)
  const file = found.files.find(({ path }) => path === filename)
  if (!file) throw notFound(`${project} ${version} has no file ${JSON.stringify(filename.slice(0, 200))}.`)
  return sendFile(request, reply, { place: packageIn(at.place, normalise(project)), version: found, file })
}

const versionAt = async (ctx: Context, { place, rest: [, project = '', version = ''] }: At): Promise<Version> => {
  const found = await findVersion(ctx, packageIn(place, normalise(project)), version)
  if (!found)
    throw notFound(
      `${place.path} has no version ${JSON.stringify(version.slice(0, 100))} of ${JSON.stringify(project.slice(0, 100))}.`,
    )
  return found
}

const reasonBytesMax = 500

/** PEP 592: resolvers pass it over unless it is asked for by its very version. The body says why. */
const mark = async (request: FastifyRequest, reply: FastifyReply) => {
  const at = await repositoryAt(request.ctx, 'push', partsOf(request), 'pypi')
  if (!isMark(at.rest)) throw nothing(request)
  const reason = (await readWhole(bodyOf(request), 'The reason', reasonBytesMax))
    .toString('utf8')
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
  await remark(request.ctx, at, (annotations) => ({ ...annotations, [yanked]: reason }))
  return reply.code(204).send()
}

const isMark = (steps: readonly string[]): boolean => steps.at(-4) === 'files' && steps.at(-1) === 'yanked'

const remark = async (
  ctx: Context,
  at: At,
  change: (annotations: Version['annotations']) => Record<string, string>,
): Promise<void> => {
  const [, project = '', version = ''] = at.rest
  await revise(ctx, packageIn(at.place, normalise(project)), version, async (tx, before) => {
    if (!before) throw notFound(`${project} ${version} is not here.`)
    const content = (await configOf(tx, before)) as Json // as it was published
    const { tag, artifactType, config, files, annotations } = before
    return { tag, artifactType, config: { mediaType: config.mediaType, content }, files, annotations: change(annotations) }
  })
}

const remove = async (request: FastifyRequest, reply: FastifyReply) => {
  const { ctx } = request
  const parts = partsOf(request)
  const at = await repositoryAt(ctx, isMark(parts) ? 'push' : 'discard', parts, 'pypi')
  if (isMark(at.rest)) await remark(ctx, at, ({ [yanked]: _gone, ...others }) => others)
  else if (at.rest[0] === 'files' && at.rest.filter((step) => step !== '').length === 3)
    await discardVersion(ctx, packageIn(at.place, normalise(at.rest[1]!)), await versionAt(ctx, at))
  else throw nothing(request)
  return reply.code(204).send()
}

const operation = (operationId: string, summary: string) => ({ schema: { operationId, summary, tags: ['packages'] } })

export const pypiRoutes: FastifyPluginAsyncTypebox = async (app) => {
  openDoor(app, plainWords)
  app.head('/*', { schema: { hide: true } }, get)
  app.get('/*', operation('pypiGet', 'The simple index of Python packages, and their files'), get)
  app.post('/*', operation('pypiUpload', 'Upload a wheel or a source distribution'), receive)
  app.put('/*', operation('pypiYank', 'Mark a version so that resolvers pass it over'), mark)
  app.delete('/*', operation('pypiDelete', 'Discard a version, or its mark'), remove)
}

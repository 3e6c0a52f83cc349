// npm packages at /npm/<scope>/<repository>: what npm, pnpm and yarn ask of a registry to install, publish, name and withdraw.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { discardManifest, nameVersion, tagFor, type Place, type Verb } from '#artifacts'
import { findUsers } from '#identity'
import { parseJson } from '#platform/json.ts'
import { invalid, notFound } from '#platform/problem.ts'
import { bodyOf } from './oci-asked.ts'
import { npmWords, openDoor, readWhole } from './package-door.ts'
import { partsOf, repositoryAt, sendFile } from './package-place.ts'
import { requirePackage, sendPackument, sendVersion, tarballName } from './npm-packument.ts'
import { checkTagName, receive, remove, withdraw } from './npm-publish.ts'

/** What an address below a repository means: a name has one part or two, and what follows says what of it. */
type Asked = { readonly name: string; readonly tail: readonly string[] }

const askedOf = (steps: readonly string[]): Asked => {
  const parts = steps[0]?.startsWith('@') === true && steps.length > 1 ? 2 : 1
  return { name: steps.slice(0, parts).join('/'), tail: steps.slice(parts) }
}

const at = async (request: FastifyRequest, verb: Verb): Promise<{ place: Place; rest: string[] }> => {
  const { place, rest } = await repositoryAt(request.ctx, verb, partsOf(request), 'npm')
  const steps = rest.filter((step) => step !== '')
  // `npm unpublish` takes the path of the tarball's address for one below the registry's own.
  const own = ['npm', ...place.path.split('/')]
  return {
    place,
    rest: own.every((step, index) => steps[index] === step) && steps.length > own.length ? steps.slice(own.length) : steps,
  }
}

const nothing = (request: FastifyRequest) => notFound(`Nothing is served at ${request.method} ${request.url.slice(0, 200)}.`)

const get = async (request: FastifyRequest, reply: FastifyReply) => {
  const { place, rest } = await at(request, 'pull')
  if (rest[0] === '-') return getOwn(request, reply, place, rest.slice(1))
  const { name, tail } = askedOf(rest)
  if (name === '') throw nothing(request)
  const found = await requirePackage(request.ctx, place, name)
  if (tail.length === 0) return sendPackument(request, reply, found)
  if (tail.length === 1) return sendVersion(request, reply, found, tail[0]!)
  const version =
    tail.length === 2 && tail[0] === '-' ? found.versions.find((one) => tarballName(name, one.version) === tail[1]) : undefined
  const file = version?.files[0]
  if (!version || !file) throw notFound(`${name} has no file ${JSON.stringify(tail.join('/').slice(0, 200))}.`)
  return sendFile(request, reply, { place: found.place, version, file })
}

const getOwn = async (request: FastifyRequest, reply: FastifyReply, place: Place, steps: readonly string[]) => {
  const { ctx } = request
  if (steps[0] === 'ping') return reply.send({})
  if (steps[0] === 'whoami') {
    const user = (await findUsers(ctx, [ctx.actor.id])).get(ctx.actor.id)
    return reply.send({ username: user?.username ?? ctx.actor.id })
  }
  const { name, tail } = askedOf(steps.slice(1))
  if (steps[0] !== 'package' || tail[0] !== 'dist-tags' || tail.length > 1) throw nothing(request)
  return reply.send((await requirePackage(ctx, place, name)).tags)
}

const versionTextMax = 300

const put = async (request: FastifyRequest, reply: FastifyReply) => {
  const parts = partsOf(request)
  const { place, rest } = await at(request, parts.includes('-rev') ? 'discard' : 'push')
  if (rest[0] === '-') return putTag(request, reply, place, rest.slice(1))
  const { name, tail } = askedOf(rest)
  if (name !== '' && tail.length === 0) return receive(request, reply, place, name)
  if (name !== '' && tail.length === 2 && tail[0] === '-rev') return withdraw(request, reply, place, name)
  throw nothing(request)
}

const tagIn = (request: FastifyRequest, steps: readonly string[]): { name: string; tag: string } => {
  const { name, tail } = askedOf(steps.slice(1))
  if (steps[0] !== 'package' || tail[0] !== 'dist-tags' || tail.length !== 2) throw nothing(request)
  return { name, tag: checkTagName(tail[1]!) }
}

const putTag = async (request: FastifyRequest, reply: FastifyReply, place: Place, steps: readonly string[]) => {
  const { name, tag } = tagIn(request, steps)
  const wanted = parseJson((await readWhole(bodyOf(request), 'A version', versionTextMax)).toString('utf8'))
  const found = await requirePackage(request.ctx, place, name)
  const version = found.versions.find((one) => one.version === wanted)
  if (!version) throw notFound(`${name} has no version ${JSON.stringify(String(wanted).slice(0, 100))}.`)
  await nameVersion(request.ctx, found.place, version, tag)
  return reply.code(201).send({ ok: true })
}

const del = async (request: FastifyRequest, reply: FastifyReply) => {
  const { place, rest } = await at(request, 'discard')
  if (rest[0] === '-') {
    const { name, tag } = tagIn(request, rest.slice(1))
    if (tag === 'latest') throw invalid('latest always stands for a version: let it stand for another.')
    const found = await requirePackage(request.ctx, place, name)
    await discardManifest(request.ctx, found.place, tagFor(tag))
    return reply.send({ ok: true })
  }
  const { name, tail } = askedOf(rest)
  if (tail.length === 2 && tail[0] === '-rev') return remove(request, reply, place, { name })
  if (tail.length === 4 && tail[0] === '-' && tail[2] === '-rev') return remove(request, reply, place, { name, file: tail[1] })
  throw nothing(request)
}

const operation = (operationId: string, summary: string) => ({ schema: { operationId, summary, tags: ['packages'] } })

export const npmRoutes: FastifyPluginAsyncTypebox = async (app) => {
  openDoor(app, npmWords)
  app.head('/*', { schema: { hide: true } }, get)
  app.get('/*', operation('npmGet', 'An npm package, a version of it, its tarball; who one is'), get)
  app.put('/*', operation('npmPut', 'Publish a version, name one, or withdraw one'), put)
  app.delete('/*', operation('npmDelete', 'Discard a package, a version, or a name of one'), del)
}

// Repositories: governed places for content. A package is named by its path below one; who may pull and push is decided by repository.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { deepestScopeOf, nameTaken } from '#policy'
import { apply, deepestAt, defineKind, refFor, type Resource } from '#resources'
import { monotonicMs } from '#platform/clock.ts'
import { afterCommit, type Context, type ResourceRef } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, invalid, Problem, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { Retention } from './retention-schema.ts'
import { rows, type PackageId } from './tables.ts'
import { admitUpstream, Upstream } from './upstream-spec.ts'

export const nameUnknown = problem('repository-unknown', 404, 'No such repository')
export const nameInvalid = problem('repository-name-invalid', 400, 'Not a name of a repository')
export const repositoryNotEmpty = problem('repository-not-empty', 409, 'The repository still holds something')

const patterns = Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_.*-]+$' }), { maxItems: 50 })

export const formats = ['oci', 'files', 'pypi', 'npm', 'apt'] as const
export type Format = (typeof formats)[number]

export const RepositorySpec = Type.Object(
  {
    format: Type.Unsafe<Format>(
      Type.Union(
        formats.map((format) => Type.Literal(format)),
        { description: 'What its clients speak; oci also serves models to Hugging Face clients' },
      ),
    ),
    description: Type.Optional(Type.String({ maxLength: 500, pattern: '^[^\\u0000-\\u001f]*$' })),
    immutableTags: Type.Optional(
      Type.Unsafe<string[]>({ ...patterns, description: 'Tags that stay with what they first named; * stands for any text' }),
    ),
    retention: Type.Optional(Retention),
    upstream: Type.Optional(Upstream),
  },
  { additionalProperties: false },
)
export type RepositorySpec = Static<typeof RepositorySpec>

export const specOf = (repository: Resource): RepositorySpec => repository.spec as RepositorySpec // checked when it was applied

export const defineRepositories = (site: Site): void =>
  defineKind(site, {
    kind: 'repository',
    plural: 'repositories',
    title: 'Repository',
    description: 'A place for images, models, packages and files, by digest and by name.',
    spec: RepositorySpec,
    idPrefix: 'repository',
    admit: async (tx, { resource, before }) => {
      await admitUpstream(tx, resource, before)
      if (before && specOf(before).format !== specOf(resource).format)
        throw invalid('The format of a repository stays what it was: what it holds was made for that. Make another repository.')
    },
    applied: async (tx) => afterCommit(tx, () => placesOf(tx.site).clear()),
    removed: async (tx, repository) => {
      await removeEmpty(tx, repository)
      afterCommit(tx, () => placesOf(tx.site).clear())
    },
  })

const removeEmpty = async (tx: Context, repository: Resource): Promise<void> => {
  const held = await rows(tx)
    .selectFrom('artifact_package as package')
    .select('package.name')
    .where('package.repository_id', '=', repository.id)
    .where((on) =>
      on.exists(
        on
          .selectFrom('artifact_manifest as manifest')
          .select('manifest.digest')
          .whereRef('manifest.package_id', '=', 'package.id'),
      ),
    )
    .limit(1)
    .executeTakeFirst()
  if (held)
    throw repositoryNotEmpty(
      `The repository ${repository.name} still holds ${held.name === '' ? 'content' : held.name}. Discard what is in it first: \`holdfast artifact discard\`.`,
    )
  const { rows: kept } = await sql<{
    name: string
  }>`select held_by.name from artifact_hold hold join resource held_by on held_by.id = hold.id
    where hold.repository_id = ${repository.id} limit 1`.execute(tx.db)
  if (kept[0])
    throw repositoryNotEmpty(
      `The hold ${kept[0].name} keeps what is in the repository ${repository.name}. It has to be lifted first.`,
    )
  const packages = rows(tx).selectFrom('artifact_package').select('id').where('repository_id', '=', repository.id)
  await rows(tx).deleteFrom('artifact_link').where('package_id', 'in', packages).execute()
  await rows(tx).deleteFrom('artifact_package').where('repository_id', '=', repository.id).execute()
}

/** OCI Distribution 1.1, `<name>`. */
const pathPattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const pathLengthMax = 255
const componentsMax = 40

export type Place = {
  readonly path: string
  readonly repository: Resource
  readonly on: ResourceRef
  /** Below the repository. */ readonly name: string
}

const checkPath = (path: string): readonly string[] => {
  const parts = path.split('/')
  if (path.length > pathLengthMax || parts.length > componentsMax || !pathPattern.test(path))
    throw nameInvalid(
      `${JSON.stringify(path.slice(0, pathLengthMax))} is not a name: parts of small letters, digits, and . _ - between them, joined by /, at most ${pathLengthMax} characters.`,
    )
  return parts
}

const rememberedMs = 1_000
const rememberedMax = 5_000
type Remembered = { readonly place: Place; readonly atMs: number }
const places = new WeakMap<Site, Map<string, Remembered>>()
const placesOf = (site: Site): Map<string, Remembered> => {
  const found = places.get(site) ?? new Map<string, Remembered>()
  places.set(site, found)
  return found
}

/** The package at a path: scope, repository, and what is below. Undefined where no repository is. Remembered for a second at most: every request of a push asks. */
const lookUp = async (ctx: Context, path: string): Promise<Place | undefined> => {
  const known = placesOf(ctx.site).get(path)
  if (known && monotonicMs() - known.atMs < rememberedMs) return known.place
  const atMs = monotonicMs()
  const parts = checkPath(path)
  const candidates = parts.map((name, depth) => ({ path: `/${parts.slice(0, depth).join('/')}`, name }))
  const repository = await deepestAt(ctx, 'repository', candidates)
  if (!repository) return undefined
  const above = repository.scope === '/' ? 0 : repository.scope.split('/').length - 1
  const place = { path, repository, on: refFor(repository), name: parts.slice(above + 1).join('/') }
  if (placesOf(ctx.site).size >= rememberedMax) placesOf(ctx.site).clear()
  placesOf(ctx.site).set(path, { place, atMs })
  return place
}

/** As clients write it: without the first slash. */
export const pathOf = ({ scope, name }: Resource): string =>
  `${scope === '/' ? '' : scope.slice(1)}${scope === '/' ? '' : '/'}${name}`

export type Verb = 'read' | 'pull' | 'push' | 'discard'

const unknown = (path: string) => nameUnknown(`There is no repository at ${path} that you may see.`, { name: path })

/** Decided for the repository that holds the path. Where one may not even look, there is nothing. Throws `repository-unknown`. */
export const placeFor = async (ctx: Context, verb: Verb, path: string): Promise<Place> => {
  const place = await lookUp(ctx, path)
  // The decision is made either way, so that nobody passes as decided by asking for what is not there.
  if (!place) {
    await ctx.authorize('organisation.read', { kind: 'organisation' })
    throw unknown(path)
  }
  return authorised(ctx, verb, place)
}

const authorised = async (ctx: Context, verb: Verb, place: Place): Promise<Place> => {
  try {
    await ctx.authorize(`repository.${verb}`, place.on)
  } catch (refusal) {
    if (ctx.actor.kind === 'anonymous' || (verb !== 'read' && (await ctx.permits('repository.read', place.on)))) throw refusal
    throw unknown(place.path)
  }
  return place
}

/** As `placeFor` to push; a repository that is not there is made where the caller may make one, as clients of the field expect. */
export const placeToPush = async (ctx: Context, path: string, format: Format): Promise<Place> => {
  const found = await lookUp(ctx, path)
  const place = found ?? (await made(ctx, path, format))
  await authorised(ctx, 'push', place)
  if (specOf(place.repository).format !== format)
    throw conflict(`The repository ${place.repository.name} holds ${specOf(place.repository).format}, not ${format}.`)
  return place
}

const made = async (ctx: Context, path: string, format: Format): Promise<Place> => {
  const parts = checkPath(path)
  const scope = await deepestScope(ctx, parts)
  const name = parts[scope.depth]
  if (name === undefined) throw unknown(path)
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name))
    throw nameInvalid(
      `A repository ${JSON.stringify(name)} would have to be made at ${scope.path}, and its name must begin with a letter and hold only small letters, digits and hyphens. Make a repository, and push below it.`,
    )
  await apply(ctx, { kind: 'repository', scope: scope.path, name, spec: { format } }).catch((refusal: unknown) => {
    if (isTaken(refusal)) return
    // A scope one may not see, and one that is not there, must sound alike.
    if (refusal instanceof Problem && (refusal.status === 403 || refusal.status === 404) && refusal.code !== 'approval-needed')
      throw nameUnknown(
        `There is no repository at ${path} that you may see, and you may not make one there.`,
        { name: path },
        refusal,
      )
    throw refusal
  })
  const place = await lookUp(ctx, path)
  if (!place) throw unknown(path)
  return place
}

/** Clients push many blobs at once, and each of these may be the first to need the repository. */
const isTaken = (refusal: unknown): boolean => refusal instanceof Problem && refusal.code === nameTaken.code

const deepestScope = async (ctx: Context, parts: readonly string[]): Promise<{ path: string; depth: number }> => {
  const paths = parts.slice(0, -1).map((_, depth) => `/${parts.slice(0, depth + 1).join('/')}`)
  const path = await deepestScopeOf(ctx, paths)
  return { path, depth: path === '/' ? 0 : path.split('/').length - 1 }
}

export const findPackage = async (ctx: Pick<Context, 'db'>, { repository, name }: Place): Promise<PackageId | undefined> =>
  (
    await rows(ctx)
      .selectFrom('artifact_package')
      .select('id')
      .where('repository_id', '=', repository.id)
      .where('name', '=', name)
      .executeTakeFirst()
  )?.id

export const packageAt = async (tx: Context, place: Place): Promise<PackageId> => {
  const found = await findPackage(tx, place)
  if (found) return found
  await rows(tx)
    .insertInto('artifact_package')
    .values({ id: newId('package', tx.now()), repository_id: place.repository.id, name: place.name, created_at: tx.now() })
    .onConflict((on) => on.columns(['repository_id', 'name']).doNothing())
    .execute()
  return (await findPackage(tx, place))!
}

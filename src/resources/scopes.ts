// The kinds every site has: folders and projects, the scope tree that all else lies in.
import { Type } from 'typebox'
import { tokensSince } from '#audit'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change, type Facts } from './kinds.ts'
import type { Resource } from './schema.ts'

const Title = Type.Object(
  { title: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^\\u0000-\\u001f]*$' })) },
  { additionalProperties: false },
)

export const defineScopeKinds = (site: Site): void => {
  defineKind(site, {
    kind: 'folder',
    plural: 'folders',
    title: 'Folder',
    description: 'A scope that holds folders and projects; what is given here holds below.',
    spec: Title,
    isScope: true,
    idPrefix: 'folder',
    admit: onlyUnderFolders,
  })
  defineKind(site, {
    kind: 'project',
    plural: 'projects',
    title: 'Project',
    description: 'A scope that holds resources.',
    spec: Title,
    isScope: true,
    idPrefix: 'project',
    admit: onlyUnderFolders,
    facts: tokensUsed,
  })
}

const onlyUnderFolders = async (_tx: Context, { resource }: Change): Promise<void> => {
  if (resource.scopeId.startsWith('project_'))
    throw invalid(
      `A project holds no scopes: ${resource.scope} is a project. Make the ${resource.kind} in a folder or at the root.`,
    )
  if (depthOf(resource.scope) >= depthMax) throw invalid(`Scopes nest at most ${depthMax} deep.`)
}

const depthMax = 32
const depthOf = (path: string): number => path.split('/').filter((part) => part !== '').length

const dayMs = 86_400_000

const tokensUsed = async (ctx: Context, projects: readonly Resource[]): Promise<Facts[]> => {
  const since = new Date(ctx.now().getTime() - dayMs)
  const used = await tokensSince(
    ctx,
    projects.map(({ id }) => id),
    since,
  )
  return projects.map(({ id }) => ({ tokensLastDay: used.get(id) ?? 0 }))
}

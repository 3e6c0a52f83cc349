// The kinds every site has: folders and projects (the scope tree), and who has which role where.
import { Type } from 'typebox'
import { principalExists } from '#identity'
import { groupsWith, heldRoles, parseRole, putGrant, removeGrant, roleNames } from '#policy'
import type { Context } from '#platform/context.ts'
import { invalid, problem } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, type Change } from './kinds.ts'

export const selfGrant = problem('self-grant', 403, 'Nobody raises their own rights')

const Title = Type.Object(
  { title: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^\\u0000-\\u001f]*$' })) },
  { additionalProperties: false },
)

const Assignment = Type.Object(
  {
    principal: Type.String({ pattern: '^(user|group)_[0-9a-z]{26}$', description: 'Id of a person or group' }),
    role: Type.Union(roleNames.map((name) => Type.Literal(name))),
  },
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
  })
  defineKind(site, {
    kind: 'role-assignment',
    plural: 'role-assignments',
    title: 'Role assignment',
    description: 'A role that a person or group holds at a scope and below it.',
    spec: Assignment,
    idPrefix: 'grant',
    admit: admitAssignment,
    applied: (tx, { resource }) =>
      putGrant(tx, {
        id: resource.id,
        principalId: String(resource.spec['principal']),
        role: String(resource.spec['role']),
        scopeId: resource.scopeId,
      }),
    removed: (tx, resource) => removeGrant(tx, resource.id),
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

/** Whoever gives roles gives them to others; `owner` is given by owners. Else one who may give roles could give themselves any. */
const admitAssignment = async (tx: Context, { resource, before }: Change): Promise<void> => {
  const principal = String(resource.spec['principal'])
  const role = parseRole(String(resource.spec['role']))
  if (!(await principalExists(tx, principal)))
    throw invalid(`There is no person or group ${principal}.`, {
      faults: [{ at: '/spec/principal', message: 'no such person or group' }],
    })
  if (tx.actor.kind === 'system' || (await heldRoles(tx, tx.actor, resource.scopeId)).includes('owner')) return
  if (role === 'owner' || before?.spec['role'] === 'owner') throw selfGrant('Only an owner makes owners.')
  const mine = [tx.actor.id, ...(await allGroupsWith(tx, tx.actor.id))]
  if (mine.includes(principal)) throw selfGrant('A role for yourself, or for a group you are in, is given by someone else.')
}

const allGroupsWith = async (tx: Context, memberId: string, seen = new Set<string>()): Promise<string[]> => {
  for (const group of await groupsWith(tx, memberId)) {
    if (seen.has(group)) continue
    seen.add(group)
    await allGroupsWith(tx, group, seen)
  }
  return [...seen]
}

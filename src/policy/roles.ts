// The words of policy: every action there is, and what each built-in role is made of.
import { problem } from '#platform/problem.ts'

export const unknownRole = problem('unknown-role', 400, 'No such role')

const verbs = {
  organisation: ['read'],
  user: ['read', 'create', 'update', 'disable', 'delete'],
  group: ['read', 'create', 'update', 'delete'],
  role: ['read', 'apply', 'delete'],
  'role-assignment': ['read', 'apply', 'delete'],
  elevation: ['read', 'activate', 'end'],
  clearance: ['read', 'apply', 'delete'],
  'classification-scheme': ['read', 'apply', 'delete'],
  label: ['lower'],
  folder: ['read', 'apply', 'delete'],
  project: ['read', 'apply', 'delete'],
  lock: ['read', 'apply', 'delete'],
  view: ['read', 'apply', 'delete'],
  inventory: ['export'],
  'approval-rule': ['read', 'apply', 'delete'],
  'change-set': ['read', 'create', 'approve', 'withdraw'],
  guardrail: ['read', 'apply', 'delete', 'force'],
  initiative: ['read', 'apply', 'delete'],
  'guardrail-assignment': ['read', 'apply', 'delete'],
  exemption: ['read', 'apply', 'delete'],
  publisher: ['read', 'apply', 'delete'],
  compliance: ['read', 'sweep', 'attest'],
  remediation: ['read', 'control'],
  artifact: ['upload', 'read', 'delete'],
  'storage-quota': ['read', 'apply', 'delete'],
  'storage-hold': ['read', 'apply', 'delete'],
  generation: ['read', 'make', 'switch', 'discard'],
  storage: ['read', 'collect', 'scrub'],
  repository: ['read', 'apply', 'delete', 'pull', 'push', 'discard', 'mirror'],
  model: ['read', 'apply', 'delete', 'approve'],
  deployment: ['read', 'apply', 'delete', 'invoke'],
  key: ['read', 'create', 'revoke'],
  session: ['read', 'revoke'],
  profile: ['read', 'update'],
  conversation: ['read', 'write', 'delete'],
  receipt: ['read'],
  audit: ['read', 'export', 'rebuild'],
  log: ['read'],
  policy: ['read', 'explain'],
  site: ['read'],
  metrics: ['read'],
} as const

export const allActions: readonly string[] = Object.entries(verbs).flatMap(([noun, list]) =>
  list.map((verb) => `${noun}.${verb}`),
)

/** What everyone may do with what is their own, and no role is needed for. */
export const ownActions: readonly string[] = [
  'key.read',
  'key.create',
  'key.revoke',
  'session.read',
  'session.revoke',
  'profile.read',
  'profile.update',
  'conversation.read',
  'conversation.write',
  'conversation.delete',
  'receipt.read',
  'user.read',
  'elevation.read',
  'elevation.activate',
  'elevation.end',
  'change-set.read',
  'change-set.create',
  'change-set.withdraw',
]

/** What everyone who is signed in may see. */
export const commonActions: readonly string[] = ['organisation.read', 'policy.read', 'log.read', 'classification-scheme.read']

const reads = allActions.filter((action) => action.endsWith('.read'))
/** Of one's own only, whatever one's role: nobody reads another's conversations by their office. */
export const privateActions: ReadonlySet<string> = new Set([
  'conversation.read',
  'conversation.write',
  'conversation.delete',
  'profile.read',
])
const visible = reads.filter((action) => !privateActions.has(action))
const using = [
  'folder.read',
  'project.read',
  'view.read',
  'model.read',
  'deployment.read',
  'deployment.invoke',
  'repository.read',
  'repository.pull',
]
const apply = (...nouns: string[]) => nouns.flatMap((noun) => [`${noun}.read`, `${noun}.apply`, `${noun}.delete`])
/** What binds one's work, for those who work under it. */
const governed = [
  'lock',
  'storage-quota',
  'storage-hold',
  'guardrail',
  'initiative',
  'guardrail-assignment',
  'exemption',
  'compliance',
  'remediation',
].map((noun) => `${noun}.read`)
/** What is decided for others. Holding these gives no right to do what they govern. */
const governing = [
  ...apply('role', 'role-assignment', 'clearance', 'classification-scheme', 'lock', 'view', 'approval-rule'),
  ...apply('guardrail', 'initiative', 'guardrail-assignment', 'exemption', 'publisher'),
  ...apply('storage-hold'),
  'elevation.end',
  'label.lower',
  'change-set.approve',
  'compliance.sweep',
  'compliance.attest',
  'remediation.control',
]

export type RoleName = 'owner' | 'operator' | 'security-officer' | 'auditor' | 'ai-engineer' | 'member'
export type Role = { readonly title: string; readonly description: string; readonly actions: readonly string[] }

export const roles: Record<RoleName, Role> = {
  owner: {
    title: 'Owner',
    description: 'May do everything, and give every role.',
    actions: allActions.filter((action) => !privateActions.has(action)),
  },
  operator: {
    title: 'Operator',
    description: 'Keeps the site running: models, deployments, folders and projects. Gives no roles and reads no records.',
    actions: [
      ...using,
      ...apply('folder', 'project', 'model', 'deployment', 'repository'),
      'repository.push',
      'repository.discard',
      'repository.mirror',
      ...governed,
      'lock.apply',
      'view.apply',
      'view.delete',
      'inventory.export',
      'role.read',
      'approval-rule.read',
      'change-set.read',
      'artifact.upload',
      'artifact.read',
      'artifact.delete',
      ...apply('storage-quota'),
      'storage-hold.apply',
      'generation.read',
      'generation.make',
      'generation.switch',
      'generation.discard',
      'storage.read',
      'storage.collect',
      'storage.scrub',
      'audit.rebuild',
      'site.read',
      'metrics.read',
      'user.read',
      'group.read',
      'role-assignment.read',
    ],
  },
  'security-officer': {
    title: 'Security officer',
    description:
      'Decides who may come in and what they may use: people, groups, keys, sessions, and the roles that hold no more than this one. Reads the log.',
    actions: [
      ...visible,
      'deployment.invoke',
      'repository.pull',
      'model.approve',
      'user.create',
      'user.update',
      'user.disable',
      'user.delete',
      'group.create',
      'group.update',
      'group.delete',
      ...governing,
      'key.revoke',
      'session.revoke',
      'policy.explain',
      'audit.export',
      'inventory.export',
    ],
  },
  auditor: {
    title: 'Auditor',
    description: 'Reads all records and changes nothing.',
    actions: [...visible, 'policy.explain', 'audit.export', 'inventory.export'],
  },
  'ai-engineer': {
    title: 'AI engineer',
    description: 'Publishes models, runs deployments and uses them.',
    actions: [
      ...using,
      ...apply('model', 'deployment', 'repository'),
      'repository.push',
      'repository.discard',
      ...governed,
      'view.apply',
      'view.delete',
      'inventory.export',
      'artifact.upload',
      'artifact.read',
      'site.read',
    ],
  },
  member: { title: 'Member', description: 'Uses what is deployed.', actions: using },
}

export const roleNames = Object.keys(roles) as RoleName[] // the record's own keys

export const isRoleName = (name: string): name is RoleName => roleNames.some((role) => role === name)

export const parseRole = (name: string): RoleName => {
  const found = roleNames.find((role) => role === name)
  if (!found) throw unknownRole(`There is no role ${JSON.stringify(name.slice(0, 80))}. The roles are: ${roleNames.join(', ')}.`)
  return found
}

/** Roles that a decision on `action` could rest on. */
export const rolesWith = (action: string): RoleName[] => roleNames.filter((role) => roles[role].actions.includes(action))

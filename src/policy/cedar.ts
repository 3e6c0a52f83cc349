// The evaluator: Cedar, parsed once. Few policies, each a shape of rule; who holds which role where is data that comes with the request.
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
  type SchemaJson,
} from '@cedar-policy/cedar-wasm/nodejs'
import { createHash } from 'node:crypto'
import { allActions, commonActions, ownActions, roleNames, roles, rolesWith } from './roles.ts'

export type Rule = { readonly id: string; readonly title: string; readonly text: string }

/** What a request says besides who, what and which. Integers never cross this border: cedar-wasm rounds those beyond ±2^53 (measured), so versions and ids are text. */
export type Facts = {
  readonly roles: readonly string[]
  readonly owns: boolean
  readonly withinKey: boolean
  readonly cleared: boolean
}

export const rules: readonly Rule[] = [
  ...roleNames.map((role) => ({
    id: `role-${role}`,
    title: `${roles[role].title}: ${roles[role].description}`,
    text: `permit (principal, action in Action::"role:${role}", resource) when { context.roles.contains("${role}") };`,
  })),
  {
    id: 'own',
    title: 'Everyone keeps what is their own: keys, sessions, profile, conversations, receipts.',
    text: 'permit (principal, action in Action::"own", resource) when { context.owns };',
  },
  {
    id: 'signed-in',
    title: 'Everyone who is signed in may see the organisation, the rules and the log’s checkpoint.',
    text: 'permit (principal, action in Action::"common", resource);',
  },
  {
    id: 'key-limits',
    title: 'An API key does less than its owner, never more: only its actions, only within its scope.',
    text: 'forbid (principal, action, resource) unless { context.withinKey };',
  },
  {
    id: 'clearance',
    title: 'Nobody sees or touches what is labelled above their clearance.',
    text: 'forbid (principal, action, resource) unless { context.cleared };',
  },
]

const groupsOf = (action: string): string[] => [
  ...rolesWith(action).map((role) => `role:${role}`),
  ...(ownActions.includes(action) ? ['own'] : []),
  ...(commonActions.includes(action) ? ['common'] : []),
]

const appliesTo = {
  principalTypes: ['User'],
  resourceTypes: ['Resource'],
  context: {
    type: 'Record' as const,
    attributes: {
      roles: { type: 'Set' as const, element: { type: 'String' as const } },
      owns: { type: 'Boolean' as const },
      withinKey: { type: 'Boolean' as const },
      cleared: { type: 'Boolean' as const },
    },
  },
}

const schema: SchemaJson<string> = {
  '': {
    entityTypes: { User: {}, Resource: {} },
    actions: Object.fromEntries([
      ...[...roleNames.map((role) => `role:${role}`), 'own', 'common'].map((group) => [group, {}] as const),
      ...allActions.map((action) => [action, { memberOf: groupsOf(action).map((id) => ({ id })), appliesTo }] as const),
    ]),
  },
}

const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))

/** Digest of rules and roles: two sites with the same version decide alike. */
export const policyVersion = createHash('sha256')
  .update(JSON.stringify([staticPolicies, schema]))
  .digest('hex')
  .slice(0, 16)

const setName = `holdfast-${policyVersion}`
let ready = false

/** Validates strictly, once; a warning is a fault, since Cedar's own corpus has invalid policies that only warn (measured). */
const prepare = (): void => {
  if (ready) return
  const checked = validate({ validationSettings: { mode: 'strict' }, schema, policies: { staticPolicies } })
  const said =
    checked.type === 'failure'
      ? checked.errors
      : [
          ...checked.validationErrors.map(({ error }) => error),
          ...checked.validationWarnings.map(({ error }) => error),
          ...checked.otherWarnings,
        ]
  if (said.length > 0) throw new Error(`The built-in policy is not valid: ${said.map(({ message }) => message).join('; ')}`)
  for (const answer of [preparseSchema(setName, schema), preparsePolicySet(setName, { staticPolicies })])
    if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  ready = true
}

export type Evaluation = { readonly allowed: boolean; readonly rules: readonly string[] }

export const evaluate = (principalId: string, action: string, resource: string, facts: Facts): Evaluation => {
  prepare()
  if (!allActions.includes(action)) throw new Error(`${action} is not an action: give it a place in roles.ts`)
  const answer = statefulIsAuthorized({
    principal: { type: 'User', id: principalId },
    action: { type: 'Action', id: action },
    resource: { type: 'Resource', id: resource },
    context: { ...facts, roles: [...facts.roles] },
    entities: [],
    preparsedSchemaName: setName,
    preparsedPolicySetId: setName,
    validateRequest: true,
  })
  if (answer.type === 'failure')
    throw new Error(`Policy could not be evaluated: ${answer.errors.map(({ message }) => message).join('; ')}`)
  const { decision, diagnostics } = answer.response
  // A policy that errs is skipped by Cedar; a skipped forbid would open a door.
  if (diagnostics.errors.length > 0)
    throw new Error(`Policy ${diagnostics.errors[0]!.policyId} failed: ${diagnostics.errors[0]!.error.message}`)
  return { allowed: decision === 'allow', rules: diagnostics.reason }
}

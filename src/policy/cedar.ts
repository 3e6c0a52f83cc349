// The evaluator: Cedar. Each role, built-in or made here, is one shape of rule; who holds which role where is data that comes with the request, so the number of
// rules grows with the number of roles and never with the number of people. A decision evaluates the shapes of the roles held, not of all there are.
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
  type SchemaJson,
} from '@cedar-policy/cedar-wasm/nodejs'
import { createHash } from 'node:crypto'
import { allActions, commonActions, ownActions, roleNames, roles, type Role } from './roles.ts'

export type Rule = { readonly id: string; readonly title: string; readonly text: string }

/** What a request says besides who, what and which. Integers never cross this border: cedar-wasm rounds those beyond ±2^53 (measured), so versions and ids are text. */
export type Facts = {
  readonly roles: readonly string[]
  readonly owns: boolean
  readonly withinKey: boolean
  readonly cleared: boolean
  readonly denied: boolean
}

const actionsIn = (actions: readonly string[]): string =>
  `action in [${actions.map((action) => `Action::${JSON.stringify(action)}`).join(', ')}]`

/** Held for everyone, whatever their roles; a `forbid` outranks every `permit`. */
const common: readonly Rule[] = [
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
    id: 'denial',
    title: 'What is denied at a place, or above it, is denied, whatever gives it.',
    text: 'forbid (principal, action, resource) when { context.denied };',
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

const shapeOf = (name: string, { title, description, actions }: Role): Rule => ({
  id: `role-${name}`,
  title: `${title}: ${description}`,
  text: `permit (principal, ${actionsIn(actions)}, resource) when { context.roles.contains(${JSON.stringify(name)}) };`,
})

const boolean = { type: 'Boolean' as const }
const appliesTo = {
  principalTypes: ['User'],
  resourceTypes: ['Resource'],
  context: {
    type: 'Record' as const,
    attributes: {
      roles: { type: 'Set' as const, element: { type: 'String' as const } },
      owns: boolean,
      withinKey: boolean,
      cleared: boolean,
      denied: boolean,
    },
  },
}
/** The roles name their actions: with two hundred groups of them, every request would load two hundred groups (0.3 ms, measured). */
const groups: Readonly<Record<string, readonly string[]>> = { own: ownActions, common: commonActions }
const groupsOf = (action: string) =>
  Object.keys(groups)
    .filter((group) => groups[group]!.includes(action))
    .map((id) => ({ id }))

/** Of all actions for validation; of one for a request, which costs half as much to load (measured). */
const schemaFor = (actions: readonly string[]): SchemaJson<string> => ({
  '': {
    entityTypes: { User: {}, Resource: {} },
    actions: {
      ...Object.fromEntries(Object.keys(groups).map((group) => [group, {}])),
      ...Object.fromEntries(actions.map((action) => [action, { memberOf: groupsOf(action), appliesTo }])),
    },
  },
})

type Message = { readonly message: string }
const saidOf = (checked: ReturnType<typeof validate>): Message[] =>
  checked.type === 'failure'
    ? checked.errors
    : [
        ...checked.validationErrors.map(({ error }) => error),
        ...checked.validationWarnings.map(({ error }) => error),
        ...checked.otherWarnings,
      ]

const textsOf = (some: readonly Rule[]) => Object.fromEntries(some.map(({ id, text }) => [id, text]))
const must = (said: readonly Message[]): void => {
  if (said.length > 0) throw new Error(`The policy is not valid: ${said.map(({ message }) => message).join('; ')}`)
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

/** Strictly; a warning is a fault, since Cedar's own corpus has invalid policies that only warn (measured). */
export const validateRules = (some: readonly Rule[]): void =>
  must(
    saidOf(
      validate({
        validationSettings: { mode: 'strict' },
        schema: schemaFor(allActions),
        policies: { staticPolicies: textsOf(some) },
      }),
    ),
  )

const preparedSchemas = new Set<string>()
const schemaNamed = (action: string): string => {
  if (preparedSchemas.has(action)) return action
  mustParse(preparseSchema(action, schemaFor([action])))
  preparedSchemas.add(action) // as many as there are actions
  return action
}

const mustParse = (answer: ReturnType<typeof preparseSchema>): void => {
  if (answer.type === 'failure') must(answer.errors)
}

type RuleSet = { readonly role: string; readonly digest: string; readonly texts: Record<string, string> }
const ruleSet = (role: string, some: readonly Rule[]): RuleSet => {
  const texts = textsOf(some)
  return { role, digest: digestOf(texts), texts }
}

/** More than there may be roles: of one that is not edited, its rules are prepared once. */
const placesMax = 1_200
type Place = { readonly name: string; readonly digest: string }
/** By role, that asked longest ago first. */
const places = new Map<string, Place>()

/**
 * cedar-wasm forgets no rules that it prepared, but what is prepared under the same name takes their place, and the memory (tried; 600 sets of 200 rules under one
 * name took none). So a role has a place, whatever is edited or tried with it; and who was not asked about gives it up.
 */
const placeOf = ({ role, digest, texts }: RuleSet): string => {
  const found = places.get(role)
  const [oldest, its] = found || places.size < placesMax ? [] : places.entries().next().value!
  const name = found?.name ?? its?.name ?? `set ${places.size}`
  if (found?.digest !== digest) mustParse(preparsePolicySet(name, { staticPolicies: texts }))
  if (oldest !== undefined) places.delete(oldest)
  places.delete(role)
  places.set(role, { name, digest })
  return name
}

/** How many sets of rules cedar-wasm holds. */
export const preparedSets = (): number => places.size

export type Evaluation = { readonly allowed: boolean; readonly rules: readonly string[] }

export type Policy = {
  /** Digest of rules and roles: two sites with the same version decide alike. */
  readonly version: string
  readonly rules: readonly Rule[]
  /** Roles that a decision on `action` could rest on. */
  readonly rolesWith: (action: string) => readonly string[]
  readonly evaluate: (principalId: string, action: string, resource: string, facts: Facts) => Evaluation
}

type Named = Role & { readonly name: string }

/** By the list of roles, which stays the same list while no role changes. */
const compiled = new WeakMap<readonly Named[], Policy>()
/** Rules that were found valid: a change of one role is not a reason to look at the others again. */
const valid = new Set<string>()
const validMax = 10_000

export const compile = (all: readonly Named[]): Policy => {
  const found = compiled.get(all)
  if (found) return found
  const shapes = new Map(all.map((role) => [role.name, shapeOf(role.name, role)] as const))
  const rules = [...shapes.values(), ...common]
  const fresh = rules.filter(({ text }) => !valid.has(text))
  if (fresh.length > 0) validateRules(fresh)
  if (valid.size > validMax) valid.clear()
  for (const { text } of fresh) valid.add(text)
  const policy = build(rules, shapes, all)
  compiled.set(all, policy)
  return policy
}

type Asked = { readonly principalId: string; readonly action: string; readonly resource: string; readonly facts: Facts }

const build = (rules: readonly Rule[], shapes: ReadonlyMap<string, Rule>, all: readonly Named[]): Policy => {
  const giving = new Map(
    allActions.map((action) => [action, all.filter(({ actions }) => actions.includes(action)).map(({ name }) => name)]),
  )
  const rolesWith = (action: string) => giving.get(action) ?? []
  const sets = new Map<string, RuleSet>()
  /** What a role's holder is judged by: the role's own shape and the common ones. */
  const setFor = (role: string): string => {
    const shape = shapes.get(role)
    const set = sets.get(role) ?? ruleSet(role, shape ? [shape, ...common] : common)
    sets.set(role, set)
    return placeOf(set) // asked each time: another version of the role may have been tried meanwhile
  }
  return {
    version: digestOf([textsOf(rules), schemaFor(allActions)]),
    rules,
    rolesWith,
    evaluate: (principalId, action, resource, facts) => {
      if (!giving.has(action)) throw new Error(`${action} is not an action: give it a place in roles.ts`)
      const held = rolesWith(action).filter((role) => facts.roles.includes(role))
      // One set after the other equals their union: the `forbid`s are in each, so what one allows the union allows.
      const answers = held.length === 0 ? [noRole] : held
      const first = ask(setFor(answers[0]!), { principalId, action, resource, facts })
      if (!first.allowed) return first // every role here gives the action, so what stands against it is a `forbid`
      const more = answers.slice(1).flatMap((role) => ask(setFor(role), { principalId, action, resource, facts }).rules)
      return { allowed: true, rules: [...new Set([...first.rules, ...more])] }
    },
  }
}

/** No role has this name. */
const noRole = ''

const ask = (set: string, { principalId, action, resource, facts }: Asked): Evaluation => {
  const answer = statefulIsAuthorized({
    principal: { type: 'User', id: principalId },
    action: { type: 'Action', id: action },
    resource: { type: 'Resource', id: resource },
    context: { ...facts, roles: [...facts.roles] },
    entities: [],
    preparsedSchemaName: schemaNamed(action),
    preparsedPolicySetId: set,
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

/** Of a site where no role was made. */
export const builtInPolicy = (): Policy => compile(roleNames.map((name) => ({ name, ...roles[name] })))

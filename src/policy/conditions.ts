// What an assignment may be bound to: the thing's labels and classification, the hour, the network, how one signed in. The form it has; whether it holds is in holds.ts.
import { isIP } from 'node:net'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import type { Context, Factor } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import { levels } from './levels.ts'

export type TimeWindow = {
  readonly days?: readonly Day[]
  readonly from: string
  readonly to: string
  readonly zone: string
}
export type AccessCondition =
  | { readonly all: readonly AccessCondition[] }
  | { readonly any: readonly AccessCondition[] }
  | { readonly not: AccessCondition }
  | { readonly label: { readonly name: string; readonly in: readonly string[] } }
  | { readonly classification: { readonly atMost: string } }
  | { readonly time: TimeWindow }
  | { readonly networks: readonly string[] }
  | { readonly factor: Factor }

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof days)[number]
const factors = ['password', 'totp', 'passkey', 'key', 'recovery'] as const satisfies readonly Factor[]

const depthMax = 5
const nodesMax = 50
const listMax = 64

const strict = { additionalProperties: false }
const text = Type.String({ minLength: 1, maxLength: 200 })
const hour = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' })
const list = { minItems: 1, maxItems: listMax }

/** One node; those within it are looked at one by one, so that a fault is told where it is. */
const forms = {
  all: Type.Array(Type.Unknown(), list),
  any: Type.Array(Type.Unknown(), list),
  not: Type.Unknown(),
  label: Type.Object({ name: text, in: Type.Array(text, list) }, strict),
  classification: Type.Object({ atMost: text }, strict),
  time: Type.Object(
    {
      days: Type.Optional(
        Type.Array(Type.Union(days.map((day) => Type.Literal(day))), { minItems: 1, maxItems: 7, uniqueItems: true }),
      ),
      from: hour,
      to: hour,
      zone: text,
    },
    strict,
  ),
  networks: Type.Array(Type.String({ maxLength: 50 }), list),
  factor: Type.Union(factors.map((factor) => Type.Literal(factor))),
}

/** As a member of another schema; `checkCondition` says whether what it holds is one. */
export const AccessCondition = Type.Unsafe<AccessCondition>(
  Type.Unknown({
    description:
      'Binds it: {all: […]}, {any: […]}, {not: …}, {label: {name, in}}, {classification: {atMost}}, {time: {days?, from, to, zone}}, {networks: […]} or {factor}. See docs/policy.md',
  }),
)

const shapes: Record<keyof typeof forms, string> = {
  all: 'a list of conditions',
  any: 'a list of conditions',
  not: 'a condition',
  label: '{name, in: [values]}',
  classification: '{atMost: a level}',
  time: `{days?: [${days.join(', ')}], from: 'HH:MM', to: 'HH:MM', zone}`,
  networks: 'a list of networks such as 10.0.0.0/8 or fd00::/8',
  factor: `one of ${factors.join(', ')}`,
}

const refused = (at: string, message: string) =>
  invalid(`The condition is not valid at ${at}: ${message}.`, { faults: [{ at, message }] })

/** Throws `invalid` where it is not a condition, or one about a level that this site does not have. */
export const checkCondition = async (
  ctx: Pick<Context, 'site' | 'db'>,
  given: unknown,
  at = '/spec/condition',
): Promise<AccessCondition> => {
  const known = (await levels(ctx)).levels.map(({ name }) => name)
  let nodes = 0
  const look = (node: unknown, where: string, depth: number): void => {
    if (depth > depthMax) throw refused(where, `conditions nest at most ${depthMax} deep`)
    if (++nodes > nodesMax) throw refused(where, `a condition has at most ${nodesMax} parts`)
    const [word, inner] = wordOf(node, where)
    if (!Check(forms[word], inner)) throw refused(`${where}/${word}`, `must be ${shapes[word]}`)
    const below = Array.isArray(inner) && (word === 'all' || word === 'any') ? inner.entries() : []
    for (const [i, one] of below) look(one, `${where}/${word}/${i}`, depth + 1)
    if (word === 'not') look(inner, `${where}/not`, depth + 1)
    const fault = faultOf({ [word]: inner } as AccessCondition, known) // of the form that was checked above
    if (fault !== undefined) throw refused(`${where}/${word}`, fault)
  }
  look(given, at, 1)
  return given as AccessCondition // every node was looked at
}

const wordOf = (node: unknown, where: string): [keyof typeof forms, unknown] => {
  const entries = typeof node === 'object' && node !== null ? Object.entries(node) : []
  const [word, inner] = entries[0] ?? []
  if (entries.length !== 1 || word === undefined || !Object.hasOwn(forms, word))
    throw refused(where, `must have exactly one of ${Object.keys(forms).join(', ')}`)
  return [word as keyof typeof forms, inner] // its own key, asked above
}

/** What a form cannot say. */
const faultOf = (node: AccessCondition, levelNames: readonly string[]): string | undefined => {
  if ('classification' in node && !levelNames.includes(node.classification.atMost))
    return `there is no level ${JSON.stringify(node.classification.atMost)}; the levels are ${levelNames.join(', ')}`
  if ('time' in node && node.time.from === node.time.to) return 'from and to are the same, which is never or always'
  if ('time' in node && !isZone(node.time.zone))
    return `${JSON.stringify(node.time.zone)} is not a time zone; one is written as Europe/Berlin or UTC`
  const bad = 'networks' in node ? node.networks.find((network) => !isNetwork(network)) : undefined
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is not a network; one is written as 10.0.0.0/8 or fd00::/8`
}

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const isNetwork = (network: string): boolean => {
  const [address = '', bits = '', more] = network.split('/')
  const family = isIP(address)
  return (
    more === undefined &&
    family !== 0 &&
    !address.includes('%') &&
    /^(0|[1-9][0-9]{0,2})$/.test(bits) &&
    Number(bits) <= (family === 4 ? 32 : 128)
  )
}

// A search as one condition of one query. Every value and every path is a parameter; what a field lacks is false, and its opposite true.
import { sql, type RawBuilder } from 'kysely'
import type { Scheme } from '#policy'
import { invalid } from '#platform/problem.ts'
import { isPattern, timeOf, type Field, type Operator, type Term } from './query.ts'
import { criticalities } from './schema.ts'

type Condition = RawBuilder<boolean>
type Compare = Exclude<Term, { text: string }>
type Asking = { actorId: string; scheme: Scheme }

export const conditionOf = (term: Term, asking: Asking): Condition => {
  const holds = 'text' in term ? textHolds(term.text) : fieldHolds(term, asking)
  const opposite = term.negated !== ('operator' in term && term.operator === '!=')
  return opposite ? sql`not coalesce(${holds}, false)` : sql`coalesce(${holds}, false)`
}

const likeOf = (pattern: string): string => pattern.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%')

const textHolds = (text: string): Condition => {
  const part = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql`(resource.name ilike ${part} or resource.spec ->> 'title' ilike ${part} or resource.spec ->> 'description' ilike ${part})`
}

const any = (conditions: readonly Condition[]): Condition => sql`(${sql.join(conditions, sql` or `)})`

const fieldHolds = ({ field, operator, values }: Compare, asking: Asking): Condition => {
  switch (field.of) {
    case 'label':
      return any(values.map((value) => labelHolds(field.key, operator, value)))
    case 'spec':
    case 'status':
      return any(values.map((value) => bodyHolds(field, operator, value)))
    case 'scope':
      return any(values.map((value) => scopeHolds(operator, value)))
    case 'caveat':
      return sql`(resource.caveats || ${ofScope('effective_caveats')}) && ${[...values]}::text[]`
    case 'owner':
      return any(values.map((value) => textIs(sql`resource.owner`, operator, value === 'me' ? asking.actorId : value)))
    case 'classification':
      return any(values.map((value) => levelHolds(operator, levelSpan(asking.scheme, value))))
    case 'id':
    case 'kind':
    case 'name':
      return any(values.map((value) => textIs(sql.ref(`resource.${field.of}`), operator, value)))
    default:
      return any(values.map((value) => orderHolds(field.of, operator, value)))
  }
}

const ofScope = (column: 'effective_rank' | 'effective_caveats') =>
  sql`(select ${sql.ref(column)} from policy_scope where policy_scope.id = resource.scope_id)`

const textIs = (column: RawBuilder<unknown>, operator: Operator, value: string): Condition =>
  isPattern(operator, value) ? sql`${column} ilike ${likeOf(value)}` : sql`${column} = ${value}`

const labelHolds = (key: string, operator: Operator, value: string): Condition =>
  isPattern(operator, value)
    ? sql`resource.labels ->> ${key}::text ilike ${likeOf(value)}`
    : sql`resource.labels @> ${JSON.stringify({ [key]: value })}::jsonb`

/** `:` is at or below, `=` exactly there. */
const scopeHolds = (operator: Operator, value: string): Condition => {
  if (operator !== ':') return sql`resource.scope_id = (select id from policy_scope where path = ${value} or id = ${value})`
  return sql`resource.scope_id in (
    select below.id from policy_scope at join policy_scope below on below.ancestors @> array[at.id] where at.path = ${value} or at.id = ${value})`
}

const comparator = (operator: Operator) => sql.raw(operator === ':' || operator === '!=' ? '=' : operator) // one of seven words of ours

const orderHolds = (of: string, operator: Operator, value: string): Condition => {
  const compare = comparator(operator)
  if (of === 'criticality') {
    const level = criticalities.findIndex((word) => word === value)
    return sql`coalesce((select effective from resource_criticality where resource_id = resource.id), 0) ${compare} ${level}`
  }
  if (of === 'generation') return sql`resource.generation ${compare} ${Number(value)}`
  return sql`${sql.ref(`resource.${of}_at`)} ${compare} ${timeOf(value)!}` // checked when it was parsed
}

/** A level reaches from its rank up to the next. Undefined: there is none above. */
type Span = { from: number; below: number | undefined }

const levelSpan = ({ levels }: Scheme, name: string): Span => {
  const i = levels.findIndex((level) => level.name === name)
  if (i < 0)
    throw invalid(`There is no level ${JSON.stringify(name)}. The levels are: ${levels.map((level) => level.name).join(', ')}.`)
  return { from: levels[i]!.rank, below: levels[i + 1]?.rank }
}

const levelHolds = (operator: Operator, { from, below }: Span): Condition => {
  const rank = sql`greatest(resource.rank, ${ofScope('effective_rank')})`
  const under = below === undefined ? sql<boolean>`true` : sql<boolean>`${rank} < ${below}`
  if (operator === '>') return sql`not ${under}`
  if (operator === '<') return sql`${rank} < ${from}`
  if (operator === '<=') return under
  return operator === '>=' ? sql`${rank} >= ${from}` : sql`(${rank} >= ${from} and ${under})`
}

const bodyHolds = ({ of, path }: Extract<Field, { path: unknown }>, operator: Operator, value: string): Condition => {
  const member = sql`(${sql.ref(`resource.${of}`)} #> ${[...path]}::text[])`
  if (isPattern(operator, value))
    return value === '*'
      ? sql`${member} is not null`
      : sql`(jsonb_typeof(${member}) = 'string' and ${member} #>> '{}' ilike ${likeOf(value)})`
  const isNumber = /^-?\d{1,15}(\.\d{1,15})?$/.test(value)
  if (operator === '>' || operator === '<' || operator === '>=' || operator === '<=')
    return isNumber
      ? sql`case when jsonb_typeof(${member}) = 'number' then ${member}::numeric ${comparator(operator)} ${value}::numeric end`
      : sql`case when jsonb_typeof(${member}) = 'string' then (${member} #>> '{}') collate "C" ${comparator(operator)} ${value} end`
  // As text, as number, as truth value; a list holds what any of its members is.
  const readings = [
    JSON.stringify(value),
    ...(isNumber || value === 'true' || value === 'false' || value === 'null' ? [value] : []),
  ]
  return sql`${member} @> any(${readings}::jsonb[])`
}

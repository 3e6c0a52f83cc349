// What a move changes besides the place: for all that moves, what is given at the scopes it leaves is lost, and what is given at those it comes under is gained.
import { sql } from 'kysely'
import type { Rule } from '#guardrails'
import { levelName, levels, type Scope } from '#policy'
import type { Context } from '#platform/context.ts'
import { kindsOf } from './kinds.ts'
import { reachingAnew, type Way } from './move-guardrails.ts'
import { reachedMax, type Failing, type Governing, type MovePreview, type Reaching } from './move-schema.ts'
import { visibleAmong } from './page.ts'
import { select, toResource, type Row } from './store.ts'

export const previewOf = async (tx: Context, moved: Row, way: Way & { failing: Failing[] }): Promise<MovePreview> => {
  const { left, target, before, after, failing } = way
  const given = { gained: await givenAt(tx, beyond(target, left)), lost: await givenAt(tx, beyond(left, target)) }
  const rules = await reachingAnew(tx, way)
  const guardrails = { gained: await reaching(tx, rules.gained), lost: await reaching(tx, rules.lost) }
  const parts = [given.gained, given.lost, guardrails.gained, guardrails.lost]
  return {
    from: left.path,
    to: target.path,
    inside: await countInside(tx, moved.id),
    governing: { gained: given.gained.items, lost: given.lost.items },
    guardrails: { gained: guardrails.gained.items, lost: guardrails.lost.items },
    failing,
    classification: { before: await classificationOf(tx, before), after: await classificationOf(tx, after) },
    hidden: parts.reduce((sum, { hidden }) => sum + hidden, 0),
    truncated: failing.length === reachedMax || parts.some(({ truncated }) => truncated),
  }
}

type Part<T> = { items: T[]; hidden: number; truncated: boolean }

const part = <T>(items: T[], hidden: number): Part<T> => ({
  items: items.slice(0, reachedMax),
  hidden,
  truncated: items.length > reachedMax,
})

/** At or above the one, and not the other. */
const beyond = (here: Scope, there: Scope): string[] => here.ancestors.filter((id) => !there.ancestors.includes(id))

const givenAt = async (tx: Context, scopeIds: readonly string[]): Promise<Part<Governing>> => {
  const kinds = kindsOf(tx.site).flatMap(({ kind, governs }) => (governs ? [kind] : []))
  if (scopeIds.length === 0) return part([], 0)
  const seen = await visibleAmong(tx, kinds)
  const there = sql<boolean>`resource.scope_id = any(${[...scopeIds]}) and resource.kind = any(${kinds})`
  const shown = await select(tx)
    .where(there)
    .where(seen)
    .orderBy('resource.id')
    .limit(reachedMax + 1)
    .execute()
  const { rows: counts } = await sql<{ hidden: number }>`
    select count(*)::int as hidden from resource where ${there} and not ${seen}`.execute(tx.db)
  return part(shown.map(governing), counts[0]!.hidden)
}

const governing = (row: Row): Governing => {
  const { id, kind, name, scope, spec } = toResource(row)
  return { id, kind, name, scope, spec }
}

const reaching = async (tx: Context, rules: readonly Rule[]): Promise<Part<Reaching>> => {
  const items = []
  for (const { assignment, guardrail, title, effect, enforced, scopeId } of rules)
    if (await tx.permits('guardrail-assignment.read', { kind: 'guardrail-assignment', scope: scopeId }))
      items.push({ assignment, guardrail, title, effect, enforced })
  return part(items, rules.length - items.length)
}

const classificationOf = async (tx: Context, { effective }: Scope) => ({
  level: levelName(await levels(tx), effective.rank),
  caveats: [...effective.caveats],
})

const countInside = async (tx: Context, scopeId: string): Promise<MovePreview['inside']> => {
  const { rows: counts } = await sql<{ scopes: number; resources: number }>`
    select count(*) filter (where governing_scope_id <> scope_id)::int as scopes, count(*)::int as resources
    from resource where scope_id in (select id from policy_scope where ancestors @> array[${scopeId}])`.execute(tx.db)
  return counts[0]!
}

// Short numbers for what is assigned. They are looked up once a version, and said anew when anything of a rule changed.
import { sql } from 'kysely'
import { assigned, type Rule } from '#guardrails'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'

export type RuleNumbers = ReadonlyMap<string, number>
type Memory = { version: string; numbers: RuleNumbers }
const memories = new WeakMap<Site, Memory>()

export const keyOf = ({ assignment, guardrail }: { assignment: string; guardrail: string }): string =>
  `${assignment} ${guardrail}`

export const ruleNumbers = async (tx: Context, version: string): Promise<RuleNumbers> => {
  const known = memories.get(tx.site)
  if (known?.version === version) return known.numbers
  const numbers = await sayRules(tx, await assigned(tx))
  // A number is only remembered once it is sure to stay: its row is written in a transaction that may yet be undone.
  return numbers
}

export const rememberRules = (site: Site, version: string, numbers: RuleNumbers): void =>
  void memories.set(site, { version, numbers })

const sayRules = async (tx: Context, rules: readonly Rule[]): Promise<RuleNumbers> => {
  const given = rules.map(({ assignment, guardrail, initiative, title, effect, enforced }) => ({
    assignment,
    guardrail,
    initiative,
    title,
    effect,
    enforced,
  }))
  const { rows } = await sql<{ id: number; assignment: string; guardrail: string }>`
    insert into compliance_rule as kept (assignment_id, guardrail, initiative, title, effect, enforced)
    select assignment, guardrail, initiative, title, effect, enforced
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (assignment text, guardrail text, initiative text, title text, effect text, enforced boolean)
    order by assignment, guardrail
    on conflict (assignment_id, guardrail) do update set initiative = excluded.initiative, title = excluded.title,
      effect = excluded.effect, enforced = excluded.enforced
    returning id, assignment_id as assignment, guardrail`.execute(tx.db)
  return new Map(rows.map((row) => [keyOf(row), row.id]))
}

/** Those that nothing assigns any more, when every verdict was made anew; their findings go with them. */
export const forgetRules = async (tx: Context): Promise<void> => {
  const rules = await assigned(tx)
  const given = JSON.stringify(rules.map(({ assignment, guardrail }) => ({ assignment, guardrail })))
  await sql`with gone as (delete from compliance_rule kept where not exists (
      select from jsonb_to_recordset(${given}::jsonb) as given (assignment text, guardrail text)
      where given.assignment = kept.assignment_id and given.guardrail = kept.guardrail) returning id)
    delete from compliance_finding f using gone where f.rule_id = gone.id`.execute(tx.db)
}

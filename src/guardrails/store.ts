import type { Db } from '#platform/db.ts'
import type { Assignment, Definition, Exemption, Initiative } from './schema.ts'

type Tables = {
  guardrail_definition: { id: string; publisher: string | null; body: string }
  guardrail_initiative: { id: string; publisher: string | null; body: string }
  guardrail_assignment: { id: string; scope_id: string; body: string }
  guardrail_exemption: { id: string; assignment_id: string; body: string }
  guardrail_publisher: { id: string; name: string; public_key: string; sequence: number }
}
type Asker = { readonly db: Db }

export const rows = ({ db }: Asker) => db.withTables<Tables>()

/** Everything that guardrails rest on, in a fixed order. */
export type GuardrailFacts = {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly initiatives: ReadonlyMap<string, Initiative>
  readonly assignments: readonly (Assignment & { readonly id: string; readonly scopeId: string })[]
  readonly exemptions: readonly (Exemption & { readonly id: string })[]
}

export const readFacts = async (ctx: Asker): Promise<GuardrailFacts> => {
  const definitions = await rows(ctx).selectFrom('guardrail_definition').select(['id', 'body']).orderBy('id').execute()
  const initiatives = await rows(ctx).selectFrom('guardrail_initiative').select(['id', 'body']).orderBy('id').execute()
  const assignments = await rows(ctx).selectFrom('guardrail_assignment').selectAll().orderBy('id').execute()
  const exemptions = await rows(ctx).selectFrom('guardrail_exemption').selectAll().orderBy('id').execute()
  return {
    definitions: new Map(definitions.map(({ id, body }) => [id, bodyOf<Definition>(body)])),
    initiatives: new Map(initiatives.map(({ id, body }) => [id, bodyOf<Initiative>(body)])),
    assignments: assignments.map(({ id, scope_id: scopeId, body }) => ({ id, scopeId, ...bodyOf<Assignment>(body) })),
    exemptions: exemptions.map(({ id, body }) => ({ id, ...bodyOf<Exemption>(body) })),
  }
}

/** Written by `facts.ts` alone, which checks the form; jsonb arrives parsed. */
const bodyOf = <T>(body: unknown): T => body as T

import { sql } from 'kysely'
import { noScope, resolveScope, type Scope } from '#policy'
import type { Context } from '#platform/context.ts'

export type Asked = {
  readonly scope?: string | undefined
  readonly initiative?: string | undefined
  readonly assignment?: string | undefined
}

/** The place that is asked about, and the assignments, where only some are. Where one may not look, there is no scope: else its name could be guessed. */
export const asked = async (ctx: Context, given: Asked): Promise<{ scope: Scope; assignments: string[] | undefined }> => {
  const scope = await resolveScope(ctx, given.scope ?? '/')
  const known =
    scope.parentId === undefined ||
    ctx.actor.kind === 'anonymous' || // told to sign in
    (await ctx.permits('compliance.read', { kind: 'compliance', scope: scope.id })) ||
    (await ctx.permits('folder.read', { kind: 'folder', scope: scope.id }))
  if (!known) throw noScope(given.scope ?? '/')
  return { scope, assignments: await assignmentsOf(ctx, given) }
}

const assignmentsOf = async (ctx: Context, { initiative, assignment }: Asked): Promise<string[] | undefined> => {
  if (initiative === undefined) return assignment === undefined ? undefined : [assignment]
  const { rows } = await sql<{ id: string }>`
    select distinct assignment_id as id from compliance_rule where initiative = ${initiative}
      and (${assignment ?? null}::text is null or assignment_id = ${assignment ?? null})`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

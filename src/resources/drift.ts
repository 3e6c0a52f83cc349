// Files held against the site, without changing either: what is only in the one, only on the other, or in both and different.
import { sql } from 'kysely'
import { Type, type Static } from 'typebox'
import { amend } from '#guardrails'
import { filterFor, parseLabel } from '#policy'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/problem.ts'
import { amendedRow, isSame } from './apply.ts'
import { documentsFor } from './documents.ts'
import { checkForm } from './form.ts'
import { kindOf, kindsOf } from './kinds.ts'
import { located } from './located.ts'
import { managedBy } from './prune.ts'
import { knownScope } from './read.ts'
import { resolveReferences } from './references.ts'
import { criticalities, Desired } from './schema.ts'
import { visibleAmong } from './page.ts'
import { documentsOf } from './stated.ts'
import { named, select, type Row } from './store.ts'

export const driftDocumentsMax = 10_000
const onlyOnSiteMax = 1_000

const Named = { kind: Type.String(), scope: Type.String(), name: Type.String() }
export const Drift = Type.Object({
  onlyInFiles: Type.Array(Type.Object(Named)),
  onlyOnSite: Type.Array(Type.Object({ id: Type.String(), ...Named }), { maxItems: onlyOnSiteMax }),
  different: Type.Array(Type.Object({ id: Type.String(), ...Named, files: Desired, site: Desired })),
  same: Type.Integer({ description: 'How many are as the files say' }),
  truncated: Type.Boolean({ description: `More than ${onlyOnSiteMax} are only on the site` }),
})
export type Drift = Static<typeof Drift>

export type Compared = {
  documents: readonly Desired[]
  /** What lies at or below it and is not in the files is drift. */
  scope?: string | undefined
  /** Whose files these are: what others made is none of theirs. */
  manager?: string | undefined
}

export const drift = async (ctx: Context, { documents, scope, manager }: Compared): Promise<Drift> => {
  await ctx.authorize('organisation.read', { kind: 'organisation' }) // open to all who are signed in; what they see is filtered below
  const keys = documents.map((document, i) => keyOf(ctx, document, i))
  const there = await onSite(ctx, keys)
  const told: Drift = { onlyInFiles: [], onlyOnSite: [], different: [], same: 0, truncated: false }
  for (const [i, document] of documents.entries()) {
    const key = keys[i]!
    const row = there.get(textOf(key))
    if (!row) {
      told.onlyInFiles.push({ kind: key.kind, scope: key.path, name: key.name })
      continue
    }
    const wanted = await wantedOf(ctx, { ...document, labels: { ...document.labels, ...managedBy(manager) } }, row).catch(
      (error: unknown) => {
        throw located(error, document, i)
      },
    )
    if (isSame(wanted, row)) told.same++
    else told.different.push(await differenceOf(ctx, wanted, row))
  }
  const rest = await unnamed(ctx, { scope, manager, known: [...there.values()].map(({ id }) => id) })
  told.onlyOnSite = rest.slice(0, onlyOnSiteMax).map(({ id, kind, path, name }) => ({ id, kind, scope: path, name }))
  return { ...told, truncated: rest.length > onlyOnSiteMax }
}

type Key = { kind: string; path: string; name: string }
const textOf = ({ kind, path, name }: Key): string => `${kind} ${path} ${name}`

const keyOf = (ctx: Context, document: Desired, i: number): Key => {
  try {
    const kind = kindOf(ctx.site, document.kind)
    checkForm(kind, document)
    const { scope = '/', name } = document
    return { kind: kind.kind, path: scope === '/' ? scope : scope.replace(/\/$/, ''), name }
  } catch (error) {
    throw located(error, document, i)
  }
}

const everyKind = (ctx: Context) =>
  visibleAmong(
    ctx,
    kindsOf(ctx.site).map(({ kind }) => kind),
  )

const onSite = async (ctx: Context, keys: readonly Key[]): Promise<Map<string, Row>> => {
  if (keys.length === 0) return new Map()
  const [kinds, paths, names] = [keys.map(({ kind }) => kind), keys.map(({ path }) => path), keys.map(({ name }) => name)]
  const found = await select(ctx)
    .where(
      sql<boolean>`(resource.kind, resource.name, resource.scope_id) in (
        select wanted.kind, wanted.name, at.id from unnest(${kinds}::text[], ${paths}::text[], ${names}::text[]) as wanted(kind, path, name)
        join policy_scope at on at.path = wanted.path or at.id = wanted.path)`,
    )
    .where(await everyKind(ctx))
    .execute()
  // A document may say where by path or by id.
  return new Map(
    found.flatMap((row) => [row.path, row.scope_id].map((path) => [textOf({ kind: row.kind, path, name: row.name }), row])),
  )
}

/** As `apply` would make it, were nothing there before: what a file leaves out, it says is not so. */
const wantedOf = async (ctx: Context, document: Desired, row: Row): Promise<Row> => {
  const { labels = {}, classification = {}, criticality, dependsOn = [], spec = {} } = document
  const { rank, caveats } = await parseLabel(ctx, classification)
  const wanted = await named(ctx, {
    ...row,
    labels,
    rank,
    caveats: [...caveats],
    criticality: criticality === undefined ? null : criticalities.indexOf(criticality),
    depends_on: await idsOf(ctx, dependsOn),
    spec,
  })
  if (isSame(wanted, row)) return wanted
  const [doc, before] = await documentsFor(ctx, [wanted, row])
  return amendedRow(wanted, await amend(ctx, doc!, before))
}

/** What is not here to depend on is a difference, and no reason to refuse the question. */
const idsOf = async (ctx: Context, references: readonly string[]): Promise<string[]> => {
  const ids = await Promise.all(
    references.map((one) =>
      resolveReferences(ctx, [one]).catch((error: unknown) => {
        if (error instanceof Problem) return [one]
        throw error
      }),
    ),
  )
  return [...new Set(ids.flat())].sort()
}

const differenceOf = async (ctx: Context, wanted: Row, row: Row): Promise<Drift['different'][number]> => {
  const [files, site] = await documentsOf(ctx, [wanted, row])
  return { id: row.id, kind: row.kind, scope: row.path, name: row.name, files: files!, site: site! }
}

const unnamed = async (
  ctx: Context,
  { scope, manager, known }: { scope: string | undefined; manager: string | undefined; known: readonly string[] },
): Promise<Pick<Row, 'id' | 'kind' | 'path' | 'name'>[]> => {
  const at = await knownScope(ctx, await filterFor(ctx, 'folder.read'), scope)
  const there = select(ctx)
    .where(
      sql<boolean>`(resource.scope_id in (select id from policy_scope where ancestors @> array[${at.id}]) or resource.id = ${at.id})`,
    )
    .where(sql<boolean>`resource.id <> all(${[...known]}::text[])`)
    .where(await everyKind(ctx))
  const mine =
    manager === undefined ? there : there.where(sql<boolean>`resource.labels @> ${JSON.stringify(managedBy(manager))}::jsonb`)
  return mine
    .orderBy('policy_scope.path')
    .orderBy('resource.kind')
    .orderBy('resource.name')
    .limit(onlyOnSiteMax + 1)
    .execute()
}

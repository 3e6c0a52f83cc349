// What is judged without being a resource: people, keys, certificates, the site itself. Rooms that know of such things say so here.
import { observedKinds, type GuardrailDocument } from '#guardrails'
import { rootScope } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { sql } from 'kysely'
import { judgeObserved, type ToJudge } from './state-judge.ts'
import { removeSubjectsWhere } from './state-store.ts'
import { inSlice, observedNow } from './sweep-progress.ts'

/** What there is of one thing that can only be seen. What is not known is left out, never guessed. */
export type Observed = {
  readonly id: string
  readonly name: string
  readonly owner?: string
  readonly facts: Readonly<Record<string, unknown>>
}

export type Observer = {
  /** Who may see verdicts on it, beside being allowed to see compliance there: `key.read`, say. */
  readonly readAction: string
  readonly documents: (ctx: Context) => Promise<readonly Observed[]>
}

/** Of a kind; more are left out, and that is told in the log. */
export const observedMax = 20_000
const sliceMax = 100

const registries = new WeakMap<Site, Map<string, Observer>>()
export const observersOf = (site: Site): ReadonlyMap<string, Observer> => registries.get(site) ?? new Map<string, Observer>()

export const observe = (site: Site, kind: string, observer: Observer): void => {
  if (!observedKinds.includes(kind)) throw new Error(`${kind} is not an observed kind`)
  const known = registries.get(site) ?? new Map<string, Observer>()
  if (known.has(kind)) throw new Error(`${kind} is observed twice`)
  registries.set(site, known.set(kind, observer))
}

/** Looks at all of it, and forgets what is no longer there. A room that fails to say leaves its verdicts to grow old, and no other room's. */
export const observeAll = async (ctx: Context): Promise<void> => {
  const root = await rootScope(ctx)
  for (const [kind, observer] of observersOf(ctx.site))
    if (root)
      await observeKind(ctx, kind, observer, root).catch((error: unknown) =>
        ctx.log.error({ err: error, module: 'compliance', kind }, 'what is there could not be observed'),
      )
  await inSlice(ctx, async (tx) => {
    await removeSubjectsWhere(
      tx,
      sql<boolean>`subject.observed and not subject.kind = any(${[...observersOf(ctx.site).keys()]}::text[])`,
    )
    await observedNow(tx)
  })
}

const observeKind = async (ctx: Context, kind: string, observer: Observer, root: { id: string; path: string }): Promise<void> => {
  const found = await observer.documents(ctx)
  if (found.length > observedMax)
    ctx.log.warn({ module: 'compliance', kind, found: found.length, observedMax }, 'not all are judged')
  const given = found.slice(0, observedMax).map((one) => observedAt(root, kind, one))
  for (let i = 0; i < given.length; i += sliceMax) await inSlice(ctx, (tx) => judgeObserved(tx, given.slice(i, i + sliceMax)))
  const ids = given.map(({ subject }) => subject.id)
  await inSlice(ctx, (tx) =>
    removeSubjectsWhere(tx, sql<boolean>`subject.observed and subject.kind = ${kind} and not subject.id = any(${ids}::text[])`),
  )
}

const observedAt = (root: { id: string; path: string }, kind: string, { id, name, owner = '', facts }: Observed): ToJudge => {
  const doc: GuardrailDocument = {
    kind,
    id,
    scope: root.path,
    scopeId: root.id,
    name,
    labels: {},
    classification: { rank: 0, caveats: [] },
    owner,
    spec: {},
    facts,
  }
  const place = { scopeId: root.id, owner, labels: {}, rank: 0, caveats: [] }
  return { doc, subject: { id, kind, name, observed: true, generation: undefined, ...place } }
}

/** As it was when it was last looked at. */
export const findObserved = async (
  ctx: Pick<Context, 'db'>,
  id: string,
): Promise<{ id: string; scopeId: string } | undefined> => {
  const { rows } = await sql<{ id: string; scopeId: string }>`
    select id, scope_id as "scopeId" from compliance_subject where id = ${id} and observed`.execute(ctx.db)
  return rows[0]
}

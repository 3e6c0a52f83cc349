// Generations: a signed, immutable statement of which names mean which content, in any number of repositories; made, switched and rolled back as one.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { record } from '#audit'
import { permitted } from '#resources'
import { atomically, type Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { canonicalJson } from '#platform/json.ts'
import { conflict, invalid, notFound } from '#platform/problem.ts'
import { checkDigest } from './content.ts'
import type { Changed, Envelope, Generation, GenerationCard, NewGeneration, StatedTag } from './generation-schema.ts'
import { manifestUnknown } from './manifests.ts'
import { checkTag } from './tags.ts'
import { findPackage, pathOf, placeFor } from './repositories.ts'
import { rows, type GenerationId, type PackageId } from './tables.ts'

const payloadType = 'application/vnd.holdfast.generation.v1+json'
const listedMax = 200
/** Rows in one statement; PostgreSQL takes 65,535 parameters. */
const atOnce = 5_000

export const on = (id?: string) => ({ kind: 'generation', ...(id === undefined ? {} : { id }) })

/** One at a time in a line: numbers follow each other, and a switch knows what was live before it. */
export const holdLine = async (tx: Context, line: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtext('artifact-generation'), hashtext(${line}))`.execute(tx.db)
}

type Stated = StatedTag & { readonly packageId: PackageId }

/** Of what the caller may pull; each name once. Throws what pulling would, and `manifest-unknown` for what is not there. */
const statedBy = async (ctx: Context, tags: NewGeneration['tags']): Promise<Stated[]> => {
  const stated: Stated[] = []
  for (const [path, some] of Map.groupBy(tags, (it) => it.path)) {
    const place = await placeFor(ctx, 'pull', path)
    const packageId = await findPackage(ctx, place)
    const named = new Map(packageId ? await namedNow(ctx, packageId, some) : [])
    const seen = new Set<string>()
    for (const { tag, digest } of some) {
      const manifest = digest === undefined ? named.get(checkTag(tag)) : checkDigest(digest)
      if (!packageId || manifest === undefined) throw manifestUnknown(`${path} has nothing called ${tag}.`, { reference: tag })
      if (seen.size === seen.add(checkTag(tag)).size) throw invalid(`${path}:${tag} is named twice.`)
      stated.push({ path, tag, digest: manifest, packageId })
    }
  }
  return stated.toSorted((a, b) => (a.path === b.path ? (a.tag < b.tag ? -1 : 1) : a.path < b.path ? -1 : 1))
}

const namedNow = async (ctx: Context, packageId: PackageId, tags: NewGeneration['tags']): Promise<[string, string][]> => {
  const found = await rows(ctx)
    .selectFrom('artifact_tag')
    .select(['name', 'digest'])
    .where('package_id', '=', packageId)
    .where(sql<boolean>`name = any(${tags.map(({ tag }) => tag)})`)
    .execute()
  return found.map(({ name, digest }) => [name, digest])
}

/** PAE of DSSE 1.0: what is signed. */
const signedText = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])

export const envelopeOf = (ctx: Context, { statement, signature }: { statement: Buffer; signature: Buffer }): Envelope => ({
  payloadType,
  payload: statement.toString('base64'),
  signatures: [
    {
      keyid: createHash('sha256').update(ctx.site.secrets.signing.publicKeyRaw).digest('hex'),
      sig: signature.toString('base64'),
    },
  ],
})

/** Within a transaction. Everything it states is kept from then on, for as long as the generation is. */
export const makeGeneration = async (tx: Context, { line, note, tags }: NewGeneration): Promise<GenerationCard> => {
  await tx.authorize('generation.make', on())
  const stated = await statedBy(tx, tags)
  await holdLine(tx, line)
  const last = await rows(tx)
    .selectFrom('artifact_generation')
    .select(['number', 'statement'])
    .where('line', '=', line)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const at = tx.now()
  const id: GenerationId = newId('generation', at)
  const number = (last?.number ?? 0) + 1
  const statement = Buffer.from(
    canonicalJson({
      site: tx.site.id,
      line,
      number,
      madeAt: at.toISOString(),
      madeBy: tx.actor.id,
      previous: last ? `sha256:${createHash('sha256').update(last.statement).digest('hex')}` : null,
      names: stated.map(({ path, tag, digest }) => ({ path, tag, digest })),
    }),
  )
  await rows(tx)
    .insertInto('artifact_generation')
    .values({
      id,
      line,
      number,
      note: note ?? null,
      statement,
      signature: tx.site.secrets.signing.sign(signedText(statement)),
      made_by: tx.actor.id,
      made_at: at,
    })
    .execute()
  await insertStated(tx, id, stated)
  await record(tx, 'generation.make', on(id), {
    line,
    number,
    names: stated.length,
    statement: createHash('sha256').update(statement).digest('hex'),
  })
  return {
    id,
    line,
    number,
    note: note ?? null,
    madeBy: tx.actor.id,
    madeAt: at.toISOString(),
    tags: stated.length,
    live: false,
  }
}

/** The manifests are held first, so that one which goes at this moment is told as not there. */
const insertStated = async (tx: Context, id: GenerationId, stated: readonly Stated[]): Promise<void> => {
  for (let from = 0; from < stated.length; from += atOnce) {
    const some = stated.slice(from, from + atOnce)
    const wanted = sql`unnest(${some.map((it) => it.packageId)}::text[], ${some.map((it) => it.digest)}::text[])`
    const { rows: there } = await sql<{ package_id: string; digest: string }>`select manifest.package_id, manifest.digest
      from artifact_manifest manifest where (manifest.package_id, manifest.digest) in (select * from ${wanted} as wanted)
      order by manifest.package_id, manifest.digest for key share`.execute(tx.db)
    const known = new Set(there.map((it) => `${it.package_id} ${it.digest}`))
    const missing = some.find((it) => !known.has(`${it.packageId} ${it.digest}`))
    if (missing) throw manifestUnknown(`${missing.path} has nothing called ${missing.digest}.`, { reference: missing.digest })
    await rows(tx)
      .insertInto('artifact_generation_tag')
      .values(some.map(({ packageId, tag, digest }) => ({ generation_id: id, package_id: packageId, tag, digest })))
      .execute()
  }
}

const cards = (ctx: Pick<Context, 'db'>) =>
  rows(ctx)
    .selectFrom('artifact_generation as generation')
    .leftJoin('artifact_generation_live as live', 'live.generation_id', 'generation.id')
    .select([
      'generation.id',
      'generation.line',
      'generation.number',
      'generation.note',
      'generation.made_by as madeBy',
      'generation.made_at',
      sql<number>`(select count(*)::int from artifact_generation_tag where generation_id = generation.id)`.as('tags'),
      sql<boolean>`live.line is not null`.as('live'),
    ])

type Card = Omit<GenerationCard, 'madeAt'> & { made_at: Date }
const cardOf = ({ made_at, ...card }: Card): GenerationCard => ({ ...card, madeAt: made_at.toISOString() })

/** Newest first. */
export const listGenerations = async (
  ctx: Context,
  { line, before }: { line?: string; before?: number },
): Promise<{ items: GenerationCard[]; next?: number }> => {
  await ctx.authorize('generation.read', on())
  let found = cards(ctx)
    .orderBy('generation.made_at', 'desc')
    .orderBy('generation.number', 'desc')
    .limit(listedMax + 1)
  if (line !== undefined) found = found.where('generation.line', '=', line)
  if (before !== undefined) found = found.where('generation.number', '<', before)
  const items = (await found.execute()).map(cardOf)
  return items.length > listedMax ? { items: items.slice(0, listedMax), next: items[listedMax - 1]!.number } : { items }
}

/** By id, or as `line/number`. */
export const findGeneration = async (ctx: Pick<Context, 'db'>, which: string): Promise<GenerationCard> => {
  const [, line, number] = /^([a-z][a-z0-9-]*)\/(\d{1,9})$/.exec(which) ?? []
  const found = await (
    line === undefined
      ? cards(ctx).where('generation.id', '=', which as GenerationId) // what is none finds nothing
      : cards(ctx).where('generation.line', '=', line).where('generation.number', '=', Number(number))
  ).executeTakeFirst()
  if (!found) throw notFound(`There is no generation ${JSON.stringify(which.slice(0, 100))} here.`)
  return cardOf(found)
}

/** What it states and what it changed, as far as the caller may read the repositories. */
export const readGeneration = async (ctx: Context, which: string): Promise<Generation> => {
  await ctx.authorize('generation.read', on())
  const card = await findGeneration(ctx, which)
  const repositories = await permitted(ctx, 'repository', 'repository.read')
  const { rows: found } = await sql<Changed>`
    with before as (select id from artifact_generation where line = ${card.line} and number < ${card.number} order by number desc limit 1),
      was as (select package_id, tag, digest from artifact_generation_tag where generation_id = (select id from before)),
      becomes as (select package_id, tag, digest from artifact_generation_tag where generation_id = ${card.id})
    select repository.path || case package.name when '' then '' else '/' || package.name end as path,
      coalesce(becomes.tag, was.tag) as tag, was.digest as was, becomes.digest as becomes
    from was full join becomes on becomes.package_id = was.package_id and becomes.tag = was.tag
    join artifact_package package on package.id = coalesce(becomes.package_id, was.package_id)
    join unnest(${repositories.map(({ id }) => id)}::text[], ${repositories.map(pathOf)}::text[]) as repository (id, path) on repository.id = package.repository_id
    order by path, tag`.execute(ctx.db)
  const stated = found.flatMap(({ path, tag, becomes }) => (becomes === null ? [] : [{ path, tag, digest: becomes }]))
  const kept = await rows(ctx)
    .selectFrom('artifact_generation')
    .select(['statement', 'signature'])
    .where('id', '=', card.id as GenerationId) // it was found by it
    .executeTakeFirstOrThrow()
  return {
    ...card,
    stated,
    changed: found.filter(({ was, becomes }) => was !== becomes),
    ...(stated.length === card.tags ? { statement: envelopeOf(ctx, kept) } : {}),
  }
}

/** What only it states may be collected afterwards. Refused for the one that is live. */
export const discardGeneration = (ctx: Context, which: string): Promise<void> =>
  atomically(ctx, async (tx) => {
    await tx.authorize('generation.discard', on())
    const { line } = await findGeneration(tx, which)
    await holdLine(tx, line)
    const { id, number, live } = await findGeneration(tx, which)
    if (live) throw conflict(`Generation ${number} of ${line} is live. Switch to another one first.`)
    await rows(tx)
      .deleteFrom('artifact_generation_switch')
      .where('generation_id', '=', id as GenerationId) // it was found by it
      .execute()
    await rows(tx)
      .deleteFrom('artifact_generation')
      .where('id', '=', id as GenerationId)
      .execute()
    await record(tx, 'generation.discard', on(id), { line, number })
  })

// How secret things can be here, as one resource: levels in rising order, and caveats that narrow who they are for.
import { Type, type Static } from 'typebox'
import { goneWith, levelInUse, putScheme, rankMax, schemeDefault, type Scheme } from '#policy'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/id.ts'
import { conflict, invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { allOf, bearing, defineKind, listAlongside, refFor, type Change, type Resource } from '#resources'
import { requireOrganisation } from './organisation.ts'

const kind = 'classification-scheme'
const levelsMax = 32
const caveatsMax = 200

const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' })
const Title = Type.String({ minLength: 1, maxLength: 100 })

const Spec = Type.Object(
  {
    levels: Type.Array(
      Type.Object(
        {
          rank: Type.Integer({ minimum: 0, maximum: rankMax - 1, description: 'Higher is more secret' }),
          name: Name,
          title: Title,
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: levelsMax },
    ),
    caveats: Type.Optional(
      Type.Array(Type.Object({ name: Name, title: Title }, { additionalProperties: false }), { maxItems: caveatsMax }),
    ),
  },
  { additionalProperties: false },
)

export const defineScheme = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'classification-schemes',
    title: 'Classification scheme',
    description: 'The levels and caveats that things are labelled with. A site has one.',
    spec: Spec,
    idPrefix: 'scheme',
    admit: admitScheme,
    applied: (tx, { resource }) => putScheme(tx, schemeIn(resource)),
    removed: async (tx) => {
      await refuseUsed(tx, schemeDefault)
      await putScheme(tx, schemeDefault)
    },
  })

const schemeIn = ({ spec }: Resource): Scheme => {
  const { levels, caveats = [] } = spec as Static<typeof Spec> // checked against the schema before it was stored
  return { levels: levels.toSorted((a, b) => a.rank - b.rank), caveats }
}

const admitScheme = async (tx: Context, { resource, before }: Change): Promise<void> => {
  requireOrganisation(resource)
  if (!before && (await allOf(tx, kind)).length > 0)
    throw conflict('A site has one classification scheme. Change the one there is.', { kind })
  const scheme = schemeIn(resource)
  const { levels, caveats } = scheme
  refuseTwice('levels', 'name', levels)
  refuseTwice('levels', 'rank', levels)
  refuseTwice('caveats', 'name', caveats)
  if (levels[0]?.rank !== 0) throw faulty('/spec/levels', 'The lowest level has rank 0: it is what bears no label.')
  await refuseUsed(tx, scheme)
}

const refuseTwice = <T extends object>(list: string, field: keyof T & string, items: readonly T[]): void => {
  const twice = items.find((item, i) => items.findIndex((other) => other[field] === item[field]) !== i)
  if (twice) throw faulty(`/spec/${list}`, `Two ${list} have the ${field} ${JSON.stringify(twice[field])}.`)
}

const faulty = (at: string, message: string) => invalid(message, { faults: [{ at, message }] })

/** Someone may label a thing so while we look; it then shows the level below, and stays as secret as its rank. */
const refuseUsed = async (tx: Context, scheme: Scheme): Promise<void> => {
  const { levels, caveats } = await goneWith(tx, scheme)
  const ranks = levels.map(({ rank }) => rank).filter((rank) => rank > 0)
  const used = await bearing(tx, { ranks, caveats: caveats.map(({ name }) => name) })
  if (!used) return
  // What stands in the way is named to those alone who may read it; that there is something is told to all who try.
  if (!(await tx.permits(`${used.kind}.read`, refFor(used))))
    throw levelInUse('What would go is in use by something that you may not see. A level in use keeps its rank and its name.', {
      usedBy: [],
    })
  const what = `the ${used.kind} ${used.name} at ${used.scope}`
  const label = [used.classification.level, ...used.classification.caveats].join(', ')
  throw levelInUse(
    `What would go is in use by ${what}, which is labelled ${label}. A level in use keeps its rank and its name; its title may change.`,
    { usedBy: [what] },
  )
}

/** The one there is, unless it is listed already. */
export const listScheme = async (tx: Context, scopeId: string, { levels, caveats }: Scheme): Promise<void> => {
  if ((await allOf(tx, kind)).length > 0) return
  const spec = { levels: [...levels], caveats: [...caveats] }
  await listAlongside(tx, { id: newId('scheme', tx.now()), kind, scopeId, name: 'levels', owner: tx.actor.id, spec })
}

// Who is cleared for what, as resources. A clearance gives no right; it takes away from every right what lies above it.
import { Type, type Static } from 'typebox'
import { principalExists, selfGrant } from '#identity'
import {
  aboveClearance,
  anyCaveat,
  clearanceIdOf,
  clearanceOf,
  leq,
  levelName,
  levels,
  parseLabel,
  putClearance,
  rankMax,
  removeClearance,
  type Clearance,
} from '#policy'
import type { Context, Label } from '#platform/context.ts'
import { conflict, invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, findById, listAlongside, type Change, type Resource } from '#resources'
import { requireOrganisation } from './organisation.ts'
import { refusedAfter } from './refused.ts'

const kind = 'clearance'
/** Every level there is and will be. */
const anyLevel = '*'

const Spec = Type.Object(
  {
    principal: Type.String({ pattern: '^user_[0-9a-z]{26}$', description: 'Id of a person' }),
    level: Type.String({
      minLength: 1,
      maxLength: 80,
      description: 'The highest level they may see; `*` is every one there will be',
    }),
    caveats: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
        maxItems: 200,
        description: 'What they may see in spite of its caveat; `*` is every one',
      }),
    ),
  },
  { additionalProperties: false },
)
type Spec = Static<typeof Spec>

export const defineClearances = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'clearances',
    title: 'Clearance',
    description: 'Up to which level and for which caveats a person may see what their roles let them see.',
    spec: Spec,
    idPrefix: 'clearance',
    admit: admitClearance,
    applied: async (tx, { resource }) => putClearance(tx, await clearanceIn(tx, resource)),
    removed: async (tx, resource) => {
      const { label } = await clearanceIn(tx, resource)
      await requireWithin(tx, label, 'delete')
      await removeClearance(tx, resource.id)
    },
  })

const clearanceIn = async (tx: Context, resource: Resource): Promise<Clearance> => {
  const { principal, level, caveats = [] } = resource.spec as Spec // checked against the schema before it was stored
  const every = caveats.includes(anyCaveat)
  const named = await parseLabel(tx, { ...(level === anyLevel ? {} : { level }), caveats: every ? [] : caveats })
  return {
    id: resource.id,
    principalId: principal,
    label: { rank: level === anyLevel ? rankMax : named.rank, caveats: every ? [anyCaveat] : named.caveats },
  }
}

const admitClearance = async (tx: Context, { resource, before }: Change): Promise<void> => {
  requireOrganisation(resource)
  const { id, principalId, label } = await clearanceIn(tx, resource)
  if (!(await principalExists(tx, principalId)))
    throw invalid(`There is no person ${principalId}.`, { faults: [{ at: '/spec/principal', message: 'no such person' }] })
  const taken = await clearanceIdOf(tx, principalId)
  if (taken !== undefined && taken !== id && (await findById(tx, taken)))
    throw conflict('That person has a clearance already. Change the one there is.', { id: taken })
  if (tx.actor.id === principalId && !leq(label, await clearanceOf(tx, principalId))) {
    refusedAfter(tx, kind, 'apply', { self: true })
    throw selfGrant('Nobody raises their own clearance: it is given by someone else.')
  }
  await requireWithin(tx, label, 'apply')
  if (before) await requireWithin(tx, (await clearanceIn(tx, before)).label, 'apply')
}

/** Neither given nor taken away above one's own: else whoever gives clearances could give a friend what was kept from them. */
const requireWithin = async (tx: Context, label: Label, verb: 'apply' | 'delete'): Promise<void> => {
  if (tx.actor.kind === 'system' || leq(label, await clearanceOf(tx, tx.actor.id))) return
  refusedAfter(tx, kind, verb, { above: true })
  throw aboveClearance(`Nobody ${verb === 'apply' ? 'gives or changes' : 'takes away'} a clearance above their own.`)
}

/** As a document says it. */
const specOf = async (tx: Context, { principalId, label }: Clearance): Promise<Spec> => ({
  principal: principalId,
  level: label.rank === rankMax ? anyLevel : levelName(await levels(tx), label.rank),
  caveats: [...label.caveats],
})

export const listClearance = async (tx: Context, scopeId: string, clearance: Clearance): Promise<void> =>
  listAlongside(tx, {
    id: clearance.id,
    kind,
    scopeId,
    name: `clearance-${clearance.id.slice(-10)}`,
    owner: clearance.principalId,
    spec: await specOf(tx, clearance),
  })

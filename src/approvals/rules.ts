// Rules that ask for approval, as resources like any other: what they are about, how many people it takes, and who counts.
import { Type, type Static } from 'typebox'
import { actionMatches, approvableActions, findRole, levels, putApprovalRule, removeApprovalRule } from '#policy'
import type { Context } from '#platform/context.ts'
import { conflict, invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { countByKind, defineKind, type Change, type Resource } from '#resources'

export const quorumMax = 5
const rulesMax = 500
const kind = 'approval-rule'

const Spec = Type.Object(
  {
    actions: Type.Array(Type.String({ maxLength: 100, description: '`model.apply`, `model.*`, `*.delete` or `*`' }), {
      minItems: 1,
      maxItems: 50,
    }),
    quorum: Type.Integer({ minimum: 1, maximum: quorumMax, description: 'How many others must approve' }),
    condition: Type.Optional(
      Type.Object(
        {
          labels: Type.Optional(
            Type.Record(
              Type.String({ maxLength: 63 }),
              Type.Array(Type.String({ maxLength: 256 }), { minItems: 1, maxItems: 50 }),
              {
                maxProperties: 16,
              },
            ),
          ),
          classificationMin: Type.Optional(Type.String({ maxLength: 63 })),
        },
        { additionalProperties: false, description: 'Asks only for what bears these labels, or is classified so or higher' },
      ),
    ),
    approverRole: Type.Optional(Type.String({ maxLength: 63, description: 'Only who holds this role there counts' })),
  },
  { additionalProperties: false },
)
type Spec = Static<typeof Spec>

const specOf = (resource: Resource): Spec => resource.spec as Spec // checked against the schema before it was stored

export const defineApprovalRules = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'approval-rules',
    title: 'Approval rule',
    description: 'Acts that need the approval of other people, at a scope and below it.',
    spec: Spec,
    idPrefix: 'rule',
    governs: true,
    admit: admitRule,
    applied: (tx, { resource }) => putApprovalRule(tx, { id: resource.id, scopeId: resource.scopeId, ...specOf(resource) }),
    removed: (tx, resource) => removeApprovalRule(tx, resource.id),
  })

const admitRule = async (tx: Context, { resource, before }: Change): Promise<void> => {
  const { actions, condition, approverRole } = specOf(resource)
  const idle = actions.filter((pattern) => !approvableActions().some((action) => actionMatches(pattern, action)))
  if (idle.length > 0)
    throw invalid(
      `There is nothing that could be asked of others in ${idle.map((pattern) => JSON.stringify(pattern)).join(', ')}.`,
      {
        faults: [{ at: '/spec/actions', message: `none of: ${approvableActions().join(', ')}` }],
      },
    )
  await requireLevel(tx, condition?.classificationMin)
  if (approverRole !== undefined) await requireApprovers(tx, approverRole)
  if (!before && ((await countByKind(tx))[kind] ?? 0) >= rulesMax)
    throw conflict(`A site has at most ${rulesMax} approval rules. One rule may name many actions.`, { max: rulesMax })
}

const requireLevel = async (tx: Context, name: string | undefined): Promise<void> => {
  const known = (await levels(tx)).levels.map((level) => level.name)
  if (name !== undefined && !known.includes(name))
    throw invalid(`There is no level ${JSON.stringify(name)}. The levels are: ${known.join(', ')}.`, {
      faults: [{ at: '/spec/condition/classificationMin', message: 'no such level' }],
    })
}

/** A rule that nobody can satisfy is a lock without a key. */
const requireApprovers = async (tx: Context, role: string): Promise<void> => {
  if (!(await findRole(tx, role)).actions.includes('change-set.approve'))
    throw invalid(`Nobody approves as ${role}: that role does not include change-set.approve.`, {
      faults: [{ at: '/spec/approverRole', message: 'this role may not approve' }],
    })
}

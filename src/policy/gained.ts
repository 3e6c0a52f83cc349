// What someone comes by in a place because it lies elsewhere: roles that reach it there and did not here, and denials that reach it no more.
import type { Context } from '#platform/context.ts'
import { policyOf } from './decide.ts'
import type { Scope } from './facts.ts'
import { denies, grantsOf, type Grant } from './grants.ts'
import { isInForce } from './held.ts'
import { allActions } from './roles.ts'

/** What they could have by a condition met, a time come or an activation counts as gained, and only what they have for certain, until it ends, as had. */
export const gainedByMove = async (tx: Context, principalId: string, before: Scope, after: Scope): Promise<string[]> => {
  const grants = await grantsOf(tx, principalId)
  const policy = await policyOf(tx)
  const nowMs = tx.now().getTime()
  const reaching = (scope: Scope) => grants.filter((grant) => scope.ancestors.includes(grant.scope))
  const [here, there] = [reaching(before), reaching(after)]
  const [fresh, lifted] = [there.filter((grant) => !here.includes(grant)), here.filter((grant) => !there.includes(grant))]
  const gives = ({ effect, role }: Grant, action: string) =>
    effect === 'allow' && policy.rolesWith(action).some((name) => name === role)
  const isDenying = ({ effect, actions = [] }: Grant, action: string) =>
    effect === 'deny' && actions.some((pattern) => denies(pattern, action))
  const hadUntilMs = (action: string): number => {
    if (here.some((grant) => isDenying(grant, action))) return -Infinity
    const certain = here.filter((grant) => grant.condition === undefined && isInForce(grant, nowMs) && gives(grant, action))
    return Math.max(...certain.map(endMs))
  }
  return allActions.filter((action) => {
    const untilMs = hadUntilMs(action)
    const free = lifted.some((grant) => isDenying(grant, action))
    return (free ? there : fresh).some((grant) => gives(grant, action) && endMs(grant) > Math.max(untilMs, nowMs))
  })
}

const endMs = ({ expiresAt }: Grant): number => expiresAt?.getTime() ?? Infinity

const nameLengthMax = 63

/** What an assignment may be bound to, beside who, which role and where. */
export type Bounds = {
  condition?: unknown
  startsAt?: string | undefined
  expiresAt?: string | undefined
  eligible?: { maxSeconds: number; approvals?: number; approverRole?: string }
  reason?: string | undefined
}

/** A role given at a scope, as a resource; its name is made of what it says, so that the same thing is not given twice. */
export const assignment = (principal: string, role: string, scope: string, bounds: Bounds = {}) => ({
  scope,
  name: nameOf(role, principal),
  spec: { principal, role, ...bounds },
})

/** Acts taken from someone, whatever roles they hold. */
export const denial = (principal: string, actions: string[], scope: string, bounds: Bounds = {}) => ({
  scope,
  name: nameOf(`deny-${(actions[0] ?? '').replaceAll(/[^a-z-]+/g, '-').replaceAll(/^-|-$/g, '') || 'all'}`, principal),
  spec: { principal, effect: 'deny', actions, ...bounds },
})

const nameOf = (what: string, principal: string): string =>
  `${what}-${principal.replaceAll('_', '-')}`.toLowerCase().slice(0, nameLengthMax).replace(/-+$/, '')

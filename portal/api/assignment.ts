const nameLengthMax = 63

/** A role given at a scope, as a resource; its name is made of what it says, so that the same thing is not given twice. */
export const assignment = (principal: string, role: string, scope: string) => ({
  scope,
  name: `${role}-${principal.replaceAll('_', '-')}`.toLowerCase().slice(0, nameLengthMax),
  spec: { principal, role },
})

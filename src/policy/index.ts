// One policy for every door: who may do what, where, and why. Deny is the default; roles are given at a place in the scope tree and hold below it.
export {
  actionMatches,
  approvableActions,
  holdsRole,
  obligationsFor,
  putApprovalRule,
  removeApprovalRule,
  type ApprovalCondition,
  type ApprovalRule,
} from './approval-rules.ts'
export { AccessCondition, checkCondition } from './conditions.ts'
export {
  actionsOf,
  findRole,
  findRoles,
  putRole,
  removeRole,
  roleInUse,
  roleNamePattern,
  type NamedRole,
  type NewRole,
} from './custom-roles.ts'
export { decide, forGood, lacking } from './decide.ts'
export { elevationOf, elevationsOf, holdElevation, listElevations, orphanedElevations, type Elevation } from './elevations.ts'
export { filterFor, isByPlace, shareOf, visible, type Columns, type Filter } from './filter.ts'
export { explain } from './explain.ts'
export {
  createOrganisation,
  deepestScopeOf,
  findScope,
  findScopes,
  holdScope,
  nameTaken,
  noScope,
  putScope,
  removeScope,
  resolveScope,
  rootScope,
  scopeByPath,
  scopeMissing,
  scopeNotEmpty,
  scopePath,
  type Scope,
} from './facts.ts'
export { gainedByMove } from './gained.ts'
export { isInForce } from './held.ts'
export { heldRoles } from './held-roles.ts'
export {
  grantsOf,
  observeGrants,
  putGrant,
  removeGrant,
  type Eligible,
  type Grant,
  type GrantObserver,
  type NewGrant,
} from './grants.ts'
export { followLeaving, groupCycle, groupsWith, isWithin, membersOf, putMember, removeMember } from './members.ts'
export { lastOwner, requireOwner } from './owners.ts'
export { holdTree, moveScope, scopeCycle } from './move.ts'
export { anyCaveat, bottom, join, leq, rankMax, sameLabel, top } from './labels.ts'
export {
  aboveClearance,
  clearanceOf,
  effectiveLabel,
  labelScope,
  levelName,
  levels,
  parseLabel,
  relabel,
  type Caveat,
  type Level,
  type Scheme,
} from './levels.ts'
export {
  clearanceIdOf,
  goneWith,
  levelInUse,
  observeLabels,
  putClearance,
  putScheme,
  removeClearance,
  removePrincipal,
  schemeDefault,
  type Clearance,
  type LabelObserver,
} from './label-facts.ts'
export { allActions, parseRole, roleNames, roles, rolesWith, type RoleName } from './roles.ts'
export { Effects, whatIf } from './what-if.ts'
export { routes } from './routes.ts'
export { startPolicy, wirePolicy } from './wire.ts'

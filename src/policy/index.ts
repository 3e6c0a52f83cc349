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
export { decide, filterFor, lacking, visible, type Filter } from './decide.ts'
export { explain } from './explain.ts'
export {
  createOrganisation,
  findScope,
  findScopes,
  grantsOf,
  groupsWith,
  holdScope,
  lastOwner,
  membersOf,
  nameTaken,
  noScope,
  observeGrants,
  putGrant,
  putMember,
  putScope,
  removeGrant,
  removeMember,
  removeScope,
  requireOwner,
  resolveScope,
  rootScope,
  scopeByPath,
  scopeMissing,
  scopeNotEmpty,
  scopePath,
  type Grant,
  type GrantObserver,
  type Scope,
} from './facts.ts'
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
export { policyVersion } from './cedar.ts'
export { allActions, parseRole, roleNames, roles, rolesWith, type RoleName } from './roles.ts'
export { routes } from './routes.ts'
export { startPolicy, wirePolicy } from './wire.ts'

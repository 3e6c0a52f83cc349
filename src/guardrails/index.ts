// What may exist: conditions on every resource, with effects, assigned at a scope and below it. Pure evaluation over a compiled set; the facts are rows that higher rooms write.
export {
  guardrailsVersion,
  holdFacts,
  putExemption,
  putGuardrail,
  putGuardrailAssignment,
  putInitiative,
  removeExemption,
  removeGuardrail,
  removeGuardrailAssignment,
  removeInitiative,
} from './facts.ts'
export { coverOf, governingKinds, observedKinds } from './kinds.ts'
export { admit, amend, applicableTo, assigned, judge, judgeOf, type Admitted } from './judge.ts'
export { checkDefinition } from './definition.ts'
export { patched } from './language/change.ts'
export { type LockOut } from './lock-out.ts'
export { Force, refuseFound, type FoundLockOut } from './lock-out-refused.ts'
export { builtin } from './library/index.ts'
export { importSet, published, putPublisher, removePublisher, type Imported } from './publishers.ts'
export { type Rule } from './rules.ts'
export { GuardrailSet, setBytesMax, setType, signSet, type UnsignedSet } from './set.ts'
export { lockOut, lockOuts, lockOutsAt, rulesOf, tryOut, type Written } from './try.ts'
export {
  Assignment,
  ParameterValues,
  Change,
  Definition,
  Effect,
  effects,
  Initiative,
  Parameter,
  membersMax,
  refPattern,
  type Condition,
  type Exemption,
  type GuardrailDocument,
  type Patch,
  type State,
  type Value,
  type Verdict,
} from './schema.ts'
export { startGuardrails } from './wire.ts'

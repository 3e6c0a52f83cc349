// What may exist: conditions on every resource, with effects, assigned at a scope and below it. Pure evaluation over a compiled set; the facts are rows that higher rooms write.
export {
  guardrailsVersion,
  putExemption,
  putGuardrail,
  putGuardrailAssignment,
  putInitiative,
  removeExemption,
  removeGuardrail,
  removeGuardrailAssignment,
  removeInitiative,
} from './facts.ts'
export { admit, judge, type Admitted } from './judge.ts'
export {
  Assignment,
  Change,
  Definition,
  Effect,
  effects,
  Initiative,
  Parameter,
  type Condition,
  type Exemption,
  type GuardrailDocument,
  type Patch,
  type State,
  type Value,
  type Verdict,
} from './schema.ts'
export { startGuardrails } from './wire.ts'

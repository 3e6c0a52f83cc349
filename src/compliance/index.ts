// What must hold here and who decides it: guardrails, initiatives, assignments and exemptions as resources like any other.
export { defineCompliance } from './kinds.ts'
export { routes } from './routes.ts'
export { startCompliance } from './sweep-loop.ts'
export { observe, type Observed, type Observer } from './sweep-observe.ts'
export { hintOf, modelPublishers, parseModelKey, type ModelKey, type ModelPublisher } from './model-keys.ts'

// Answers. Deployments run models in children without a network; one OpenAI-shaped door leads to all of them; every call is decided, recorded and has a receipt.
export { complete, type Completion, type Sink } from './complete.ts'
export { defineDeployments } from './deployments.ts'
export { ensureDefaults } from './defaults.ts'
export { gatewayRoutes } from './routes.ts'
export { deploymentsNow, enginesNow, startEngines, type DeploymentNow, type EngineNow } from './supervisor.ts'

export { defineObserved } from './observed.ts'
export { probeRoutes, routes } from './routes.ts'
export { overview, Overview } from './overview.ts'

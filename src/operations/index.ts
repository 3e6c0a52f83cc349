export { probeRoutes, routes } from './routes.ts'
export { overview, Overview } from './overview.ts'

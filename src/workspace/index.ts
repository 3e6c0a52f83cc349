// What people keep here. Now: their conversations with models, theirs alone.
export { routes } from './routes.ts'

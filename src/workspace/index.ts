// What people keep here. Now: their conversations with models, theirs alone.
export { defineErasure } from './erasure.ts'
export { routes } from './routes.ts'

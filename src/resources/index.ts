// The governed inventory: folders, projects, and every kind of thing a room defines; declared, decided, recorded, watched.
export { apply, applyAll, stale } from './apply.ts'
export { defineKind, type Change, type Kind } from './kinds.ts'
export { allOf, countByKind, everExisted, findById, findByName, get, history, list } from './read.ts'
export { move, remove } from './remove.ts'
export { routesFor } from './routes.ts'
export type { Applied, Desired, Resource } from './schema.ts'
export { defineScopeKinds } from './scopes.ts'
export { setStatus } from './status.ts'

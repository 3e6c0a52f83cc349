// The governed inventory: folders, projects, and every kind of thing a room defines; declared, decided, recorded, watched.
export { defineKind, type Change, type Kind } from './kinds.ts'
export {
  allOf,
  apply,
  applyAll,
  countByKind,
  everExisted,
  findById,
  findByName,
  get,
  history,
  list,
  nameTaken,
  remove,
  setStatus,
} from './resources.ts'
export type { Applied, Desired, Resource } from './schema.ts'
export { defineScopeKinds } from './scopes.ts'
export { routesFor } from './routes.ts'

// The governed inventory: folders, projects, and every kind of thing a room defines; declared, decided, recorded, watched.
export { listAlongside, unlist } from './alongside.ts'
export { apply, stale } from './apply.ts'
export { applyAll, documentsMax } from './bulk.ts'
export { documentsFor } from './documents.ts'
export { documentsIn, type Judged } from './judged.ts'
export { goneAt, goneColumns, goneThenColumns } from './gone.ts'
export {
  authorsOf,
  changedAfter,
  followChanges,
  idsAfter,
  judgeable,
  neighboursOf,
  readable,
  type Author,
  type ChangePoint,
  type Judgeable,
} from './judgeable.ts'
export { defineKind, kindsOf, type Change, type Dependency, type Facts, type Kind } from './kinds.ts'
export { defineLocks, locked } from './locks.ts'
export {
  allOf,
  bearing,
  countByKind,
  countIn,
  deepestAt,
  everExisted,
  findById,
  findByName,
  get,
  history,
  list,
  namedAt,
  permitted,
} from './read.ts'
export { move } from './move.ts'
export { findReferenced } from './references.ts'
export { remove } from './remove.ts'
export { routesFor } from './routes.ts'
export { Desired, type Applied, type Resource } from './schema.ts'
export { defineScopeKinds } from './scopes.ts'
export { search } from './search.ts'
export { changeStatus, setStatus } from './status.ts'
export { refFor } from './store.ts'
export { defineViews } from './views.ts'

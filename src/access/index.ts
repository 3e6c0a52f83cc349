// Who holds what here, as resources like any other: roles given at a place in the tree, clearances, and what labels are made of.
export { defineAccess } from './define.ts'
export { routes } from './routes.ts'

// Who holds what here, as resources like any other: roles given at a place in the tree.
export { defineAssignments as defineAccess } from './assignments.ts'

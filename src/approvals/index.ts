// Four eyes: a change that others must approve, the exact difference they approve, their signatures under it, and the one moment it is carried out.
export { routes } from './routes.ts'
export { defineApprovalRules } from './rules.ts'

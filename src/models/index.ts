// Models: what may be run here. Weights by digest, never by name alone, and never fetched from anywhere.
export { modelFacts } from './facts.ts'
export { defineModels } from './models.ts'
export { Passport } from './passport.ts'
export { routes } from './routes.ts'
export { modelUnreadable, readPassport, weightsOf } from './weights.ts'

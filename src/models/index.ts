// Models: what may be run here. Weights by digest, never by name alone, and never fetched from anywhere.
export { modelFacts } from './facts.ts'
export { defineModels, modelUnreadable, readPassport, weightsOf } from './models.ts'
export { Passport } from './passport.ts'
export { routes } from './routes.ts'

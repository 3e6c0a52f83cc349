// The site's API as functions, generated from its own description. Portal and command line both speak through it.
import { operations } from './api.ts'
import { caller, type ClientOptions } from './http.ts'

export * from './api.ts'
export { artifactLines, artifactPullLine, versionOfTag, type ArtifactLines } from './artifact-lines.ts'
export { findOperation, type Operation } from './find.ts'
export { differences, type Difference } from './difference.ts'
export { ApiProblem, events, request, Unreachable, type Body, type ClientOptions } from './http.ts'
export const createClient = (options: ClientOptions) => operations(caller(options))
export type Client = ReturnType<typeof createClient>

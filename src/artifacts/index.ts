// Content by digest: brought in through a door or from the machine itself, known by what it is and never by what it is called.
export { importFile, releaseArtifact, requireArtifact, storedBytes, upload } from './artifacts.ts'
export { routes } from './routes.ts'

// Content by digest, in repositories that are governed: what is held, under which names, for how long, and who may have it.
export { importFile, pin, releaseArtifact, requireArtifact, storedBytes, upload } from './files.ts'
export { collect, condemnedMsMax, unreferencedMsMax, type Collected } from './collect.ts'
export { count, dropBlob, heldBlob, mount, parseRange, readHeld, type Held } from './content.ts'
export { listPaths, listReferrers, listTags, type Page, type Referrer } from './listing.ts'
export { manifestBytesMax, ociIndex } from './manifest-form.ts'
export { discardManifest, getManifest, putManifest, type Stored } from './manifests.ts'
export {
  contentsOf,
  publish,
  pushBlob,
  tagFor,
  versionOf,
  type Blob,
  type Contents,
  type Release,
  type ReleaseFile,
} from './releases.ts'
export {
  defineRepositories,
  nameUnknown,
  placeFor,
  placeToPush,
  specOf,
  type Format,
  type Place,
  type Verb,
} from './repositories.ts'
export { routes } from './routes.ts'
export {
  appendUpload,
  beginUpload,
  cancelUpload,
  clearUploads,
  findUpload,
  finishUpload,
  rangeOf,
  type Upload,
} from './uploads.ts'
export { notePull, startPulls, writePulls } from './pulls.ts'
export {
  configOf,
  discardVersion,
  findVersion,
  holdPackage,
  nameVersion,
  packagesOf,
  revise,
  versionsOf,
  type Version,
} from './versions.ts'
export {
  fileAt,
  fileUnknown,
  filesAt,
  findRevision,
  listPackages,
  refsOf,
  treeOf,
  type Entry,
  type FileAt,
  type Listed,
  type Revision,
} from './revisions.ts'

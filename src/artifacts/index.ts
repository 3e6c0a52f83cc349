// Content by digest, in repositories that are governed: what is held, under which names, for how long, and who may have it.
export { importFile, pin, releaseArtifact, requireArtifact, storedBytes, upload } from './files.ts'
export { collect, condemnedMsMax, unreferencedMsMax } from './collect.ts'
export { blobUnknown, count, dropBlob, heldBlob, mount, parseRange, sendHeld, type Held } from './content.ts'
export { storeCounters } from './counters.ts'
export { verifyStored } from './damage.ts'
export { listPaths, listReferrers, listTags, type Page, type Referrer } from './listing.ts'
export { manifestBytesMax, ociIndex } from './manifest-form.ts'
export { discardManifest, getManifest, putManifest, type Stored } from './manifests.ts'
export { recipeOf } from './recipes.ts'
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
export { defineHolds } from './holds.ts'
export { defineQuotas } from './quotas.ts'
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
  commitOf,
  fileAt,
  fileUnknown,
  filesAt,
  filesOf,
  findRevision,
  isPacked,
  listPackages,
  refsOf,
  treeOf,
  type Entry,
  type FileAt,
  type Listed,
  type Revision,
} from './revisions.ts'
export { storeHealth } from './storage.ts'
export type { Health } from './storage-schema.ts'
export { startUpkeep } from './upkeep.ts'
export { modelSigningKey, signModel, verifyModel, type Signer, type Verdict } from './signatures.ts'
export { signersOf } from './signers.ts'
export { forgetTags, getManifestThrough, heldBlobThrough } from './mirror.ts'

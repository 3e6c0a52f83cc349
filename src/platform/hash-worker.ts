// Hashes beside the event loop what is sent here, piece by piece; an empty message asks for the digest.
import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

let hash = createHash('sha256')

parentPort?.on('message', (piece: Uint8Array | null) => {
  if (piece) {
    hash.update(piece)
    parentPort?.postMessage(piece.byteLength)
    return
  }
  const digest = `sha256:${hash.digest('hex')}`
  hash = createHash('sha256')
  parentPort?.postMessage(digest)
})

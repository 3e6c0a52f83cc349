// Reads a blob once, cuts it, and writes its recipe aside: in a thread, since a large one keeps a processor busy for minutes.
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { startCutter } from './chunks.ts'
import type { Digest } from './blobs.ts'
import { Problem } from './problem.ts'
import { startRows } from './recipe-form.ts'

/** Answers with what the content's digest is, whether or not that is what was expected: only the right one gets a recipe. */
const make = ({ path, aside, digest }: { path: string; aside: string; digest: Digest }): string => {
  const [cutter, rows, whole] = [startCutter(), startRows(), createHash('sha256')]
  let [chunk, length, sizeBytes] = [createHash('sha256'), 0, 0]
  const end = (): void => {
    rows.add(length, chunk.digest())
    ;[chunk, length] = [createHash('sha256'), 0]
  }
  const file = openSync(path, 'r')
  try {
    for (let read = 1; read > 0; sizeBytes += read) {
      read = readSync(file, cutter.window)
      whole.update(cutter.window.subarray(0, read))
      let from = 0
      for (const at of cutter.ends(read)) {
        chunk.update(cutter.window.subarray(from, at))
        length += at - from
        from = at
        end()
      }
      chunk.update(cutter.window.subarray(from, read))
      length += read - from
    }
  } finally {
    closeSync(file)
  }
  if (length > 0) end()
  const actual = `sha256:${whole.digest('hex')}`
  if (actual === digest) writeAside(aside, rows.whole(digest, sizeBytes))
  return actual
}

const writeAside = (aside: string, bytes: Buffer): void => {
  const file = openSync(aside, 'wx', 0o400)
  try {
    writeFileSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A problem does not cross to another thread as one. */
const answer = (): { actual: string } | { refused: string } => {
  try {
    return { actual: make(workerData) }
  } catch (error) {
    if (error instanceof Problem) return { refused: error.message }
    throw error
  }
}

parentPort?.postMessage(answer())

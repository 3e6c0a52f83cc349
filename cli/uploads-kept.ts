// Uploads that were begun and not ended, so that the next command goes on with them. A machine that can keep nothing sends from the start.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, options } from './session.ts'

const fileOf = (path: string, digest: string): string =>
  join(
    folder(),
    'uploads',
    createHash('sha256')
      .update(JSON.stringify([options().url, path, digest]))
      .digest('hex'),
  )

/** An address of the same site only: never another, whatever the file says. */
export const keptUpload = (path: string, digest: string): string | undefined => {
  try {
    const location = readFileSync(fileOf(path, digest), 'utf8')
    return location.startsWith(`/v2/${path}/blobs/uploads/`) ? location : undefined
  } catch {
    return undefined
  }
}

export const keepUpload = (path: string, digest: string, location: string): void => {
  try {
    mkdirSync(join(folder(), 'uploads'), { recursive: true, mode: 0o700 })
    writeFileSync(fileOf(path, digest), location, { mode: 0o600 })
  } catch {
    // told above: the next command sends from the start
  }
}

export const forgetUpload = (path: string, digest: string): void => rmSync(fileOf(path, digest), { force: true })

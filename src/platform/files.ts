import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { diskFull } from './problem.ts'

/** Whole or not at all, also over a power loss: write aside, fsync, rename, fsync the folder. */
export const writeFileDurably = (path: string, data: Uint8Array | string, mode = 0o600): void => {
  const aside = `${path}.${process.pid}.tmp`
  rmSync(aside, { force: true })
  const file = openSync(aside, 'wx', mode)
  try {
    writeSync(file, typeof data === 'string' ? Buffer.from(data) : data)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(aside, path)
  syncFolder(dirname(path))
}

export const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The same where requests wait: a disk's pause is not the event loop's. */
export const syncFolderLater = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** With all above it. Level by level: Node's own recursion never returns where a file system takes no folder at all, such as /proc (seen with 26.10). */
export const makeFolder = (path: string, mode: number): void => {
  if (existsSync(path)) return
  makeFolder(dirname(path), mode)
  mkdirSync(path, { mode })
}

export const diskFreeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return Number(bavail) * Number(bsize)
}

/** Errors of the file system that mean "no room", as the problem a person can act on; all others stay what they are. */
export const asDiskProblem = (error: unknown): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? diskFull('The disk of this site is full; nothing was stored. Free space in the home, then try again.', {}, error)
    : error
}

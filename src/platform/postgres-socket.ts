import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const socketPathBytesMax = 107 // sizeof(sun_path) - 1 on Linux
const socketName = '.s.PGSQL.5432'

/** The folder of the server's socket: inside the home, or, where that path is too long for a socket, a private one in the system's temporary folder. */
export const socketFolder = (home: string): string => {
  const inside = join(home, 'run')
  if (Buffer.byteLength(join(inside, socketName)) <= socketPathBytesMax) {
    mkdirSync(inside, { recursive: true, mode: 0o700 })
    return inside
  }
  const folder = join(tmpdir(), `holdfast-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  // Someone else could have made it first, to speak as our database.
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} exists and is not ours alone. Remove it, or use a home with a shorter path.`)
  return folder
}

// A home belongs to one running site, and to no version older than the last that wrote it.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileDurably } from './files.ts'
import { problem } from './problem.ts'

export const homeInUse = problem('home-in-use', 409, 'The home is in use')
export const programMissing = problem('program-missing', 500, 'A program of the system is missing')
export const homeMissing = problem('home-missing', 404, 'There is no home of a site there')
export const homeNewer = problem('home-newer', 409, 'The home belongs to a newer version')

/** For whoever works on a site that exists: nothing is made where there is none. Every site that ever started wrote its version. */
export const requireHome = (home: string): void => {
  if (existsSync(join(home, 'version'))) return
  throw homeMissing(
    `There is no Holdfast home at ${home}. Name the one that the site runs with: HOLDFAST_HOME=/path/to/home, in the environment of this command.`,
  )
}

/** Takes the home for this process. The kernel gives it back when the process ends, by whatever means. */
export const claimHome = async (home: string, version: string): Promise<{ release(): void }> => {
  const path = join(home, 'lock')
  const lock = openSync(path, existsSync(path) ? 'r+' : 'a+', 0o600)
  // The lock belongs to the open file, which the child shares with us and leaves to us (flock(2)).
  const locked = spawnSync('flock', ['--nonblock', '--exclusive', '3'], { stdio: ['ignore', 'ignore', 'ignore', lock] })
  if (locked.error) {
    closeSync(lock)
    throw programMissing('The program `flock` of util-linux is needed to hold the home. Install util-linux.', {}, locked.error)
  }
  if (locked.status !== 0) {
    closeSync(lock)
    const holder = readFileSync(path, 'utf8').trim()
    throw homeInUse(
      `The home ${home} is in use by a running site (${holder || 'starting'}). Use that one, stop it first, or choose another home with HOLDFAST_HOME.`,
    )
  }
  ftruncateSync(lock)
  writeSync(lock, `process ${process.pid}, version ${version}\n`, 0)
  try {
    claimVersion(join(home, 'version'), version)
  } catch (error) {
    closeSync(lock)
    throw error
  }
  return { release: () => closeSync(lock) }
}

const claimVersion = (path: string, version: string): void => {
  const written = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
  if (written === version) return
  if (written !== undefined && isNewer(written, version))
    throw homeNewer(
      `This home was last used by version ${written}; this is ${version}. Start that version or a newer one, or use another home with HOLDFAST_HOME.`,
    )
  writeFileDurably(path, `${version}\n`)
}

const isNewer = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (let i = 0; i < 3; i++) if ((left![i] ?? 0) !== (right![i] ?? 0)) return (left![i] ?? 0) > (right![i] ?? 0)
  return false
}

// A mark outside the database: the last tree that was signed. After a restore from an older backup the site would else sign a second history
// over the numbers it has already given away, which every witness would rightly call a fork.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileDurably } from '#platform/files.ts'
import { problem } from '#platform/problem.ts'
import { cover, fold, type Hash } from './merkle.ts'
import { nodeHashes } from './store.ts'
import type { Db } from '#platform/db.ts'

export const logForked = problem('log-forked', 500, 'The log is behind what was already signed')

const file = (home: string): string => join(home, 'log-high-water')

export const writeHighWater = (home: string, size: number, root: Hash): void =>
  writeFileDurably(file(home), `${size} ${root.toString('hex')}\n`)

/** Throws `log-forked` when the database does not hold the tree that was signed last. */
export const checkHighWater = async (db: Db, home: string, size: number): Promise<void> => {
  if (!existsSync(file(home))) return
  const [sizeText = '', markRoot = ''] = readFileSync(file(home), 'utf8').trim().split(' ')
  const markSize = Number(sizeText)
  const advice = `The site will not sign over it. If the database was restored from a backup on purpose, keep the file ${file(home)} as evidence, move it away, and start again: the log then goes on from the backup, and witnesses will see the fork.`
  if (size < markSize) throw logForked(`The log has ${size} entries, but ${markSize} were already signed. ${advice}`)
  const root = fold(await nodeHashes({ db }, cover(0, markSize)))
  if (root.toString('hex') !== markRoot)
    throw logForked(`The first ${markSize} entries are not the ones that were signed. ${advice}`)
}

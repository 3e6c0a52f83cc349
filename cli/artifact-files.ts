// Files between this machine and a package: sent and received one by one, each checked against its digest, going on where they stopped.
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from './model-pack.ts'
import { plain } from './output.ts'
import type { Progress } from './progress.ts'
import { holds, isRefusal, openBlob, pushFile, type Layer } from './registry.ts'

const attemptsMax = 6
const pauseMs = 500

export type FileToPush = { /** As the release names it. */ path: string; file: string; size: number; digest: string }

/** To try again would not help. */
const isOfDisk = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EISDIR'].includes(String(error.code))

/** Answers how much was there already. */
export const pushFiles = async (path: string, files: readonly FileToPush[], { moved, named }: Progress): Promise<number> => {
  let skipped = 0
  const done = new Set<string>()
  for (const { digest, size, file, path: at } of files) {
    named(plain(at))
    if (done.has(digest) || (await holds(path, digest))) {
      skipped += size
      moved(size)
    } else await pushFile({ path, file, digest, size, moved })
    done.add(digest)
  }
  return skipped
}

/** Nothing that a manifest says leads out of the folder it is pulled into. */
export const safePath = (path: string): string => {
  if (
    path === '' ||
    path.startsWith('/') ||
    /[\\\p{Cc}]/u.test(path) ||
    path.split('/').some((part) => part === '' || part === '.' || part === '..')
  )
    throw new Error(`The release names a file ${JSON.stringify(path)}, which is no path below a folder. Nothing was written.`)
  return path
}

/** True when the file was there already. Beside it, `.partial` holds what a broken connection left. */
export const pullFile = async (
  path: string,
  { digest, size }: Layer,
  file: string,
  moved: (count: number) => void,
): Promise<boolean> => {
  if (existsSync(file) && statSync(file).size === size && (await digestOf(file)) === digest) {
    moved(size)
    return true
  }
  mkdirSync(dirname(file), { recursive: true })
  const partial = `${file}.partial`
  for (let attempt = 1; ; attempt++)
    try {
      await receive(path, { digest, size, partial }, moved)
      break
    } catch (error) {
      if (isRefusal(error) || isOfDisk(error) || attempt >= attemptsMax) throw error
      await sleep(pauseMs * attempt)
    }
  const actual = await digestOf(partial)
  if (actual !== digest) {
    rmSync(partial)
    throw new Error(`${plain(file)} arrived as ${actual} in place of ${digest}. It was thrown away; try again.`)
  }
  renameSync(partial, file)
  return false
}

const receive = async (
  path: string,
  { digest, size, partial }: { digest: string; size: number; partial: string },
  moved: (count: number) => void,
): Promise<void> => {
  const here = existsSync(partial) ? statSync(partial).size : 0
  const from = here < size ? here : 0
  const reply = await openBlob(path, digest, from)
  const at = reply.status === 206 ? from : 0
  moved(at)
  let got = at
  const source = reply.body
  if (!source) throw new Error('The site answered without content.')
  try {
    await pipeline(
      source,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          got += chunk.length
          moved(chunk.length)
          yield chunk
        }
      },
      createWriteStream(partial, { flags: at === 0 ? 'w' : 'r+', start: at }),
    )
  } catch (error) {
    moved(-got)
    throw error
  }
}

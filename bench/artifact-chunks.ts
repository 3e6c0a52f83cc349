// How fast content is cut into chunks, and how fast a whole recipe is made of a file: read, cut, hashed as a whole and by chunk.
//
// Expectation: the loop is a shift, an addition and a comparison that wait for each other, one to two cycles a byte, and a quarter of the
// bytes is skipped: 2 to 4 GB/s at 3 GHz. A recipe hashes each byte twice (sha256: 0.8–1.8 GB/s measured here), so 0.4 to 0.8 GB/s.
import { createHash, randomFillSync } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { openBlobs, putBlob } from '#platform/blobs.ts'
import { startCutter, windowBytes } from '#platform/chunks.ts'
import { recipeFor } from '#platform/recipes.ts'
import { report } from './report.ts'

const mib = 1024 ** 2
const fileBytes = 1024 * mib
const rounds = 10

const best = (round: () => number): number => Math.max(...Array.from({ length: rounds }, round))
const rate = (bytes: number, sinceMs: number): number => bytes / (performance.now() - sinceMs) / 1e6 // GB/s

/** Of content that lies in its window, as a file is read into it. */
const kernelRate = (content: Buffer): number => {
  const cutter = startCutter()
  let spentMs = 0
  for (let at = 0; at < content.length; at += windowBytes) {
    const bytes = content.copy(cutter.window, 0, at, at + windowBytes)
    const began = performance.now()
    cutter.ends(bytes)
    spentMs += performance.now() - began
  }
  return content.length / spentMs / 1e6
}

const kernelAndCopyRate = (content: Buffer): number => {
  const cutter = startCutter()
  const began = performance.now()
  for (let at = 0; at < content.length; at += windowBytes) cutter.ends(content.copy(cutter.window, 0, at, at + windowBytes))
  return rate(content.length, began)
}

const hashRate = (content: Buffer): number => {
  const began = performance.now()
  createHash('sha256').update(content).digest()
  return rate(content.length, began)
}

const noise = function* (): Generator<Buffer> {
  for (let at = 0; at < fileBytes; at += mib) yield randomFillSync(Buffer.allocUnsafe(mib))
}

const recipeRate = async (root: string): Promise<number> => {
  const blobs = await openBlobs(join(root, 'blobs'))
  const { digest } = await putBlob(blobs, Readable.from(noise()), { sizeBytesMax: fileBytes })
  const began = performance.now()
  await recipeFor(blobs, digest)
  return rate(fileBytes, began)
}

/** Where Debian's casync is installed: it reads such a file and makes a digest of it (SHA-512/256). An order of magnitude, and no race: it hashes once. */
const casyncRate = async (root: string): Promise<number | undefined> => {
  if (!existsSync('/usr/bin/casync')) return undefined
  const file = join(root, 'content')
  await finished(Readable.from(noise()).pipe(createWriteStream(file)))
  const began = performance.now()
  execFileSync('/usr/bin/casync', ['digest', '--chunk-size=524288', file])
  return rate(statSync(file).size, began)
}

export const run = async (): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    const content = randomFillSync(Buffer.allocUnsafe(64 * mib))
    const kernel = best(() => kernelRate(content))
    const copied = best(() => kernelAndCopyRate(content))
    const hash = best(() => hashRate(content))
    const recipe = await recipeRate(root)
    const peer = await casyncRate(root)
    const rows = [
      { what: 'kernel, 64 MiB of noise', 'GB/s': +kernel.toFixed(2) },
      { what: 'kernel, and copying it in', 'GB/s': +copied.toFixed(2) },
      { what: 'sha256 alone', 'GB/s': +hash.toFixed(2) },
      { what: `recipe of a file of ${fileBytes / mib} MiB`, 'GB/s': +recipe.toFixed(3) },
      ...(peer === undefined ? [] : [{ what: 'casync digest of such a file', 'GB/s': +peer.toFixed(3) }]),
    ]
    await report('artifact-chunks', {
      notes: `Best of ${rounds} for what is in memory; files were just written, so they are read from the page cache.`,
      rows,
      ratios: {
        'kernel GB/s': +kernel.toFixed(2),
        'recipe MB/s': Math.round(recipe * 1000),
        ...(peer === undefined ? {} : { 'recipe against casync': +(recipe / peer).toFixed(2) }),
      },
      targets: { 'kernel GB/s': '≥ 1' },
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

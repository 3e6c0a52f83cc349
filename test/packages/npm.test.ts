import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { packageSite, type PackageSite } from './site.ts'

const npmSite = async (t: TestContext) => {
  const site = await packageSite(t, 'npm')
  const npm = async (role: 'operator' | 'member' | 'auditor' | 'nobody', folder: string, ...args: string[]) => {
    const registry = `${site.url}/npm/stock/`
    writeFileSync(
      join(site.folder, '.npmrc'),
      `registry=${registry}\n//${site.host}/npm/stock/:_authToken=${await site.key(role)}\nupdate-notifier=false\nfund=false\nfetch-retries=0\n`,
    )
    return site.run('npm', ['--prefix', join(site.folder, folder), ...args], { npm_config_cache: join(site.folder, 'cache') })
  }
  return { ...site, npm }
}

const make = (site: PackageSite, folder: string, manifest: object, content: Buffer | string = 'module.exports = 1\n') => {
  mkdirSync(join(site.folder, folder), { recursive: true })
  writeFileSync(join(site.folder, folder, 'package.json'), JSON.stringify({ main: 'index.js', license: 'MIT', ...manifest }))
  writeFileSync(join(site.folder, folder, 'index.js'), content)
}

const npmHere =
  spawnSync('npm', ['--version']).status === 0 ? false : 'npm is not here: it comes with Node, or as a package of its own'

type Npm = Awaited<ReturnType<typeof npmSite>>

const publish = async (site: Npm, manifest: { name: string; version: string }, content?: Buffer | string, ...args: string[]) => {
  const folder = `src-${manifest.name.replace(/\W/g, '-')}-${manifest.version}`
  make(site, folder, manifest, content)
  const ran = await site.npm('operator', folder, 'publish', join(site.folder, folder), ...args)
  assert.equal(ran.code, 0, ran.out + ran.err)
}

test(
  'npm publishes packages with and without a scope, large and small, and installs them with what they need',
  { skip: npmHere },
  async (t) => {
    const site = await npmSite(t)
    const large = randomBytes(3_000_000).toString('hex')
    await publish(site, { name: '@acme/large', version: '1.2.3' }, `// ${large}\nmodule.exports = 7\n`)
    await publish(
      site,
      { name: 'thing', version: '2.0.0', dependencies: { '@acme/large': '^1.0.0' } } as never,
      "module.exports = require('@acme/large')\n",
    )
    make(site, 'app', { name: 'app', version: '1.0.0' })

    const installed = await site.npm('member', 'app', 'install', 'thing')
    const again = await site.npm('member', 'app', 'ci')
    const lock = JSON.parse(readFileSync(join(site.folder, 'app/package-lock.json'), 'utf8'))

    assert.equal(installed.code, 0, installed.err)
    assert.equal(again.code, 0, again.err)
    assert.ok(readFileSync(join(site.folder, 'app/node_modules/@acme/large/index.js'), 'utf8').includes(large))
    assert.equal((await site.run(process.execPath, ['-p', "require('./app/node_modules/thing')"])).out, '7\n')
    assert.match(lock.packages['node_modules/@acme/large'].integrity, /^sha512-/)
    assert.equal(lock.packages['node_modules/@acme/large'].resolved, `${site.url}/npm/stock/@acme/large/-/large-1.2.3.tgz`)
  },
)

test('npm shows versions, moves the names that stand for them, warns, and says who one is', { skip: npmHere }, async (t) => {
  const site = await npmSite(t)
  await publish(site, { name: '@acme/thing', version: '1.0.0' })
  await publish(site, { name: '@acme/thing', version: '2.0.0-rc.1' }, undefined, '--tag', 'next')
  const say = async (...args: string[]) => (await site.npm('operator', '.', ...args)).out.trim()

  assert.equal(
    await say('view', '@acme/thing', 'dist-tags', '--json').then((text) => JSON.stringify(JSON.parse(text))),
    '{"latest":"1.0.0","next":"2.0.0-rc.1"}',
  )
  await say('dist-tag', 'add', '@acme/thing@1.0.0', 'stable')
  assert.equal(await say('dist-tag', 'ls', '@acme/thing'), 'latest: 1.0.0\nnext: 2.0.0-rc.1\nstable: 1.0.0')
  await say('dist-tag', 'rm', '@acme/thing', 'next')
  assert.equal(await say('dist-tag', 'ls', '@acme/thing'), 'latest: 1.0.0\nstable: 1.0.0')
  await say('deprecate', '@acme/thing@1.0.0', 'use another')
  assert.equal(await say('view', '@acme/thing@1.0.0', 'deprecated'), 'use another')
  assert.equal(await say('dist-tag', 'ls', '@acme/thing'), 'latest: 1.0.0\nstable: 1.0.0')
  assert.match(await say('whoami'), /^operator-/)
  assert.equal((await site.npm('operator', '.', 'ping')).code, 0)
})

test('npm withdraws a version, then the package, where one may discard', { skip: npmHere }, async (t) => {
  const site = await npmSite(t)
  for (const version of ['1.0.0', '1.1.0']) await publish(site, { name: 'thing', version })
  const version = async () => (await site.npm('member', '.', 'view', 'thing', 'version')).out.trim()

  assert.notEqual((await site.npm('member', '.', 'unpublish', 'thing@1.1.0', '--force')).code, 0)
  assert.equal(await version(), '1.1.0')
  const one = await site.npm('operator', '.', 'unpublish', 'thing@1.1.0', '--force')
  assert.equal(one.code, 0, one.err)
  assert.equal(await version(), '1.0.0')
  const all = await site.npm('operator', '.', 'unpublish', 'thing', '--force')
  assert.equal(all.code, 0, all.err)
  assert.equal(await version(), '')
})

test('npm is refused what one may not pull or push, and is told why', { skip: npmHere }, async (t) => {
  const site = await npmSite(t)
  await publish(site, { name: 'thing', version: '1.0.0' })
  make(site, 'app', { name: 'app', version: '1.0.0' })
  make(site, 'other', { name: 'thing', version: '1.0.1' })

  const [auditor, nobody] = [
    await site.npm('auditor', 'app', 'install', 'thing'),
    await site.npm('nobody', 'app', 'install', 'thing'),
  ]
  const pushed = await site.npm('member', 'other', 'publish', join(site.folder, 'other'))

  assert.match(auditor.err, /E403[\s\S]*You may not repository\.pull here/)
  assert.match(nobody.err, /E404/)
  assert.match(pushed.err, /E403[\s\S]*You may not repository\.push here/)
  assert.ok(!existsSync(join(site.folder, 'app/node_modules/thing')))
})

const tarOf = (...entries: [path: string, content: string, type?: string][]): Buffer => {
  const blocks = entries.flatMap(([path, content, type = '0']) => {
    const head = Buffer.alloc(512)
    head.write(path)
    head.write(`${content.length.toString(8).padStart(11, '0')} `, 124)
    head.write(type, 156)
    head.write('ustar', 257)
    head.fill(' ', 148, 156)
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    )
    return [head, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

const documentOf = (
  manifest: { name: string; version: string; [field: string]: unknown },
  tarball: Buffer,
  dist: object = {},
) => ({
  _id: manifest.name,
  name: manifest.name,
  'dist-tags': { latest: manifest.version },
  versions: { [manifest.version]: { ...manifest, dist } },
  _attachments: {
    'x.tgz': { content_type: 'application/octet-stream', data: tarball.toString('base64'), length: tarball.length },
  },
})

test('a document that is not true of its tarball is refused with the reason, and publishes nothing', async (t) => {
  const site = await npmSite(t)
  const key = await site.key('operator')
  const of = (manifest: object) => gzipSync(tarOf(['package/package.json', JSON.stringify(manifest)]))
  const fine = { name: 'thing', version: '1.0.0' }
  const { dependencies: _none, ...needy } = { ...fine, dependencies: { evil: '1' } }
  const refusals: [object, RegExp][] = [
    [documentOf(fine, of({ ...fine, version: '1.0.1' })), /version in the tarball is \\"1\.0\.1/],
    [documentOf(fine, of({ ...fine, name: 'other' })), /name in the tarball/],
    [documentOf(needy, of({ ...fine, dependencies: { evil: '1' } })), /depends on something else/],
    [documentOf(fine, of(fine), { integrity: 'sha512-x' }), /does not have the integrity/],
    [documentOf(fine, of(fine), { shasum: 'f'.repeat(40) }), /does not have the shasum/],
    [documentOf(fine, randomBytes(200)), /not a gzipped tar/],
    [documentOf(fine, of(fine).subarray(0, 60)), /not a gzipped tar/],
    [documentOf(fine, gzipSync(tarOf(['package/readme', 'x']))), /holds no package\.json/],
    [
      documentOf(fine, gzipSync(tarOf(['package/package.json', '{}'], ['package/package.json', JSON.stringify(fine)]))),
      /two package\.json/,
    ],
    [
      documentOf(
        fine,
        gzipSync(
          tarOf(['x', '30 path=package/package.json\n', 'x'], ['y', '{}'], ['package/package.json', JSON.stringify(fine)]),
        ),
      ),
      /two package\.json/,
    ],
    [documentOf({ ...fine, version: '1.0' }, of(fine)), /one version, under its number/],
    [{ ...documentOf(fine, of(fine)), name: 'other' }, /was sent to thing/],
    [{ ...documentOf(fine, of(fine)), 'dist-tags': { '2.0.0': '1.0.0' } }, /cannot stand for a version/],
    [{ ...documentOf(fine, of(fine)), _attachments: { a: { data: '!!' } } }, /not written in base64/],
    [{ ...documentOf(fine, of(fine)), readme: Array.from({ length: 9 }, () => 'x'.repeat(600_000)) }, /at most 4194304 bytes/],
  ]
  for (const [document, told] of refusals) {
    const { status, text } = await site.ask(key, 'PUT', '/npm/stock/thing', JSON.stringify(document))
    assert.ok([400, 413].includes(status), `${status} ${text}`)
    assert.match(text, told)
  }
  for (const name of ['Thing', '..%2fthing', '@acme%2f..', '@acme%2f%2fthing', '.thing', 'node_modules'])
    assert.ok(
      [400, 404].includes((await site.ask(key, 'PUT', `/npm/stock/${name}`, JSON.stringify(documentOf(fine, of(fine))))).status),
      name,
    )
  assert.equal((await site.ask(key, 'GET', '/npm/stock/thing')).status, 404)
})

test('a version is published once, even by two at the same moment', async (t) => {
  const site = await npmSite(t)
  const key = await site.key('operator')
  const manifest = { name: '@acme/thing', version: '1.0.0' }
  const tarballs = ['a', 'b'].map((content) =>
    gzipSync(tarOf(['package/package.json', JSON.stringify(manifest)], ['package/x', content])),
  )
  const replies = await Promise.all(
    tarballs.map((tarball) => site.ask(key, 'PUT', '/npm/stock/@acme%2fthing', JSON.stringify(documentOf(manifest, tarball)))),
  )

  assert.deepEqual(replies.map(({ status }) => status).toSorted(), [201, 409])
  const kept = tarballs[replies[0]!.status === 201 ? 0 : 1]!
  const { json } = await site.ask(key, 'GET', '/npm/stock/@acme%2fthing', undefined, {
    accept: 'application/vnd.npm.install-v1+json',
  })
  assert.equal(json.versions['1.0.0'].dist.integrity, `sha512-${createHash('sha512').update(kept).digest('base64')}`)
  assert.equal(json.versions['1.0.0'].dist.shasum, createHash('sha1').update(kept).digest('hex'))
})

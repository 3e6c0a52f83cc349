import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { collect } from '#artifacts'
import { systemContext } from '#platform/context.ts'
import { packageSite, type PackageSite } from './site.ts'

const here = (...programs: string[]): false | string => {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined)
  return missing.length === 0 ? false : `${missing.join(', ')} not here: they come with Debian`
}
const aptHere = here('apt-get', 'dpkg-deb', 'xz', 'zstd')

type Packing = 'xz' | 'gzip' | 'zstd' | 'none'
type Made = { file: string; bytes: Buffer }

/** A package of one file, made by Debian's own tool. */
const make = async (site: PackageSite, fields: Record<string, string>, packing: Packing = 'xz'): Promise<Made> => {
  const all: Record<string, string> = {
    Package: 'thing',
    Version: '1.0',
    Architecture: 'all',
    Maintainer: 'A <a@example.org>',
    Description: 'A thing\n that is one',
    ...fields,
  }
  const folder = `tree-${all['Package']}-${all['Version']!.replace(/\W/g, '-')}`
  mkdirSync(join(site.folder, folder, 'DEBIAN'), { recursive: true })
  mkdirSync(join(site.folder, folder, 'usr/share/things'), { recursive: true })
  writeFileSync(join(site.folder, folder, 'usr/share/things', all['Package']!), `${all['Version']}\n`)
  writeFileSync(
    join(site.folder, folder, 'DEBIAN/control'),
    Object.entries(all)
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
  )
  const file = `${all['Package']}_${all['Version']!.replace(/^\d+:/, '')}_${all['Architecture']}.deb`
  const { code, err } = await site.run('dpkg-deb', ['--root-owner-group', `-Z${packing}`, '--build', folder, file])
  assert.equal(code, 0, err)
  return { file, bytes: readFileSync(join(site.folder, file)) }
}

const put = async (site: PackageSite, { file, bytes }: Made, folder = 'stable/main') =>
  site.ask(await site.key('operator'), 'PUT', `/apt/stock/pool/${folder}/${encodeURIComponent(file)}`, bytes)

/** apt with folders of its own, as the person whose key it has. */
const aptSite = async (t: TestContext) => {
  const site = await packageSite(t, 'apt')
  const root = join(site.folder, 'root')
  for (const folder of [
    'etc/apt/auth.conf.d',
    'etc/apt/preferences.d',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/log/apt',
  ])
    mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'var/lib/dpkg/status'), '')
  const as = async (role: 'member' | 'auditor' | 'nobody') =>
    writeFileSync(
      join(root, 'etc/apt/auth.conf.d/site.conf'),
      `machine ${site.url}/ login any password ${await site.key(role)}\n`,
      { mode: 0o600 },
    )
  await as('member')
  const trust = async (suites = 'stable main') => {
    writeFileSync(join(root, 'etc/apt/site.asc'), (await site.ask(await site.key('member'), 'GET', '/apt/stock/key.asc')).text)
    writeFileSync(
      join(root, 'etc/apt/sources.list'),
      `deb [signed-by=${root}/etc/apt/site.asc] ${site.url}/apt/stock ${suites}\n`,
    )
  }
  writeFileSync(
    join(site.folder, 'apt.conf'),
    [
      `Dir "${root}/";`, `Dir::State::status "${root}/var/lib/dpkg/status";`, 'APT::Architecture "amd64";', 'APT::Architectures { "amd64"; };', 'APT::Sandbox::User "";',
      'Acquire::Languages "none";', 'Acquire::EnableSrvRecords "false";', 'Acquire::Retries "0";', 'Acquire::http::Proxy "DIRECT";', 'Dir::Bin::methods "/usr/lib/apt/methods";', 'Dir::Bin::dpkg "/usr/bin/dpkg";', 'APT::Get::Assume-Yes "true";',
      `DPkg::Options { "--root=${root}"; "--force-not-root"; "--force-bad-path"; };`,
    ].join('\n'), // prettier-ignore
  )
  const apt = (...args: string[]) =>
    site.run('apt-get', ['-q', ...args], {
      APT_CONFIG: join(site.folder, 'apt.conf'),
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
    })
  return { ...site, root, as, trust, apt }
}

const updated = async (site: Awaited<ReturnType<typeof aptSite>>): Promise<void> => {
  const { code, out, err } = await site.apt('update', '-o', 'APT::Update::Error-Mode=any')
  assert.equal(code, 0, out + err)
}

test(
  'apt trusts the signed lists of a suite, and installs a package with what it needs, however it is packed',
  { skip: aptHere },
  async (t) => {
    const site = await aptSite(t)
    const made = [
      await make(site, { Package: 'libthing++6', Version: '1:2.0-1~deb12', Architecture: 'amd64' }, 'zstd'),
      await make(site, { Package: 'thing', Version: '3.0+x', Depends: 'libthing++6 (>= 1:2.0-1~), other' }),
      await make(site, { Package: 'other' }, 'gzip'),
      await make(site, { Package: 'plain' }, 'none'),
    ]
    for (const deb of made) assert.equal((await put(site, deb)).status, 201, deb.file)
    await site.trust()

    await updated(site)
    const installed = await site.apt('install', 'thing', 'plain')
    const downloaded = await site.apt('download', 'thing')

    assert.equal(installed.code, 0, installed.out + installed.err)
    assert.equal(readFileSync(join(site.root, 'usr/share/things/libthing++6'), 'utf8'), '1:2.0-1~deb12\n')
    assert.deepEqual(readdirSync(join(site.root, 'usr/share/things')).toSorted(), ['libthing++6', 'other', 'plain', 'thing'])
    assert.equal(downloaded.code, 0, downloaded.err)
    assert.ok(readFileSync(join(site.folder, 'thing_3.0+x_all.deb')).equals(made[1]!.bytes))
  },
)

test(
  'who reads a suite in the midst of a change finds all of the generation that it began with',
  { skip: aptHere },
  async (t) => {
    const site = await aptSite(t)
    await put(site, await make(site, { Package: 'one' }))
    const key = await site.key('member')
    const get = async (path: string) => (await site.ask(key, 'GET', `/apt/stock/dists/stable/${path}`)).text
    const begun = await get('InRelease')

    for (const name of ['two', 'three', 'four']) await put(site, await make(site, { Package: name }))

    const hashes = [...begun.matchAll(/^ ([0-9a-f]{64}) \d+ (main\/\S+\/)(Packages\S*)$/gm)]
    assert.equal(hashes.length, 4)
    for (const [, hex, folder] of hashes) {
      const reply = await fetch(`${site.url}/apt/stock/dists/stable/${folder}by-hash/SHA256/${hex}`, {
        headers: { authorization: `Bearer ${key}` },
      })
      assert.equal(
        createHash('sha256')
          .update(Buffer.from(await reply.arrayBuffer()))
          .digest('hex'),
        hex,
      )
    }
    assert.match(await get('main/binary-amd64/Packages'), /Package: four[\s\S]*Package: one/)
    await site.trust()
    await updated(site)
  },
)

test(
  'a generation that was replaced stays through a collection for a day, and is gone after it',
  { skip: aptHere },
  async (t) => {
    const site = await aptSite(t)
    const key = await site.key('member')
    const later = async (name: string) => {
      site.app.clock.advance(25 * 3_600_000)
      await put(site, await make(site, { Package: name }))
      await collect(systemContext(site.app.app.site, 'test'))
    }
    await put(site, await make(site, { Package: 'one' }))
    const { text } = await site.ask(key, 'GET', '/apt/stock/dists/stable/main/binary-amd64/Packages')
    const path = `/apt/stock/dists/stable/main/binary-amd64/by-hash/SHA256/${createHash('sha256').update(text).digest('hex')}`

    await later('two')
    assert.equal((await site.ask(key, 'GET', path)).text, text)
    await later('three')
    assert.equal((await site.ask(key, 'GET', path)).status, 404)
    assert.match(
      (await site.ask(key, 'GET', '/apt/stock/dists/stable/main/binary-amd64/Packages')).text,
      /one[\s\S]*three[\s\S]*two/,
    )
  },
)

test(
  'packages that arrive at the same moment, while apt reads, are all in the list, and apt meets no mismatch',
  { skip: aptHere },
  async (t) => {
    const site = await aptSite(t)
    await put(site, await make(site, { Package: 'first' }))
    await site.trust()
    const debs: Made[] = []
    for (let index = 0; index < 8; index++) debs.push(await make(site, { Package: `many${index}` }))

    const [replies] = await Promise.all([
      Promise.all(debs.map((deb) => put(site, deb))),
      (async () => {
        for (let turn = 0; turn < 4; turn++) await updated(site)
      })(),
    ])

    assert.deepEqual(
      replies.map(({ status }) => status),
      debs.map(() => 201),
    )
    const { text } = await site.ask(await site.key('member'), 'GET', '/apt/stock/dists/stable/main/binary-amd64/Packages')
    assert.equal(text.match(/^Package: many\d$/gm)?.length, 8)
  },
)

test('suites and components are apart; a package that is discarded is in no list any more', { skip: aptHere }, async (t) => {
  const site = await aptSite(t)
  const deb = await make(site, { Package: 'thing' })
  for (const folder of ['stable/main', 'stable/extra', 'testing/main']) assert.equal((await put(site, deb, folder)).status, 201)
  const key = await site.key('operator')
  const list = async (path: string) => (await site.ask(key, 'GET', `/apt/stock/dists/${path}/binary-amd64/Packages`)).text

  assert.equal((await put(site, deb)).status, 200, 'the very same once more changes nothing')
  assert.match(await list('stable/extra'), /Filename: pool\/stable\/extra\/thing_1\.0_all\.deb/)
  assert.equal((await site.ask(key, 'DELETE', '/apt/stock/pool/stable/main/thing_1.0_all.deb')).status, 204)
  assert.equal(await list('stable/main'), '')
  assert.match(await list('testing/main'), /Package: thing/)
  assert.equal((await site.ask(key, 'GET', '/apt/stock/pool/stable/main/thing_1.0_all.deb')).status, 404)
})

test('apt is refused what one may not pull, and lists that someone changed', { skip: aptHere }, async (t) => {
  const site = await aptSite(t)
  await put(site, await make(site, {}))
  await site.trust()
  for (const [role, told] of [
    ['auditor', /403/],
    ['nobody', /404/],
  ] as const) {
    await site.as(role)
    const refused = await site.apt('update')
    assert.notEqual(refused.code, 0)
    assert.match(refused.out + refused.err, told)
  }
  await site.as('member')
  const other = await packageSite(t, 'apt')
  writeFileSync(
    join(site.root, 'etc/apt/site.asc'),
    (await other.ask(await other.key('member'), 'GET', '/apt/stock/key.asc')).text,
  )
  const foreign = await site.apt('update', '-o', 'APT::Update::Error-Mode=any')
  assert.notEqual(foreign.code, 0)
  assert.match(foreign.out + foreign.err, /NO_PUBKEY|not signed|couldn't be verified/)
  assert.equal((await site.ask(await site.key('member'), 'PUT', '/apt/stock/pool/stable/main/x.deb', 'x')).status, 403)
})

test(
  'what is no package, or says what it must not, is refused with the reason, and changes no list',
  { skip: aptHere },
  async (t) => {
    const site = await aptSite(t)
    const key = await site.key('operator')
    const deb = await make(site, {})
    const changed = await make(site, { Description: 'Another\n one' })
    const lying = await make(site, { Package: 'lying', Filename: '../../etc/passwd', SHA256: 'f'.repeat(64) })
    const huge = await make(site, { Package: 'huge', Description: `Huge\n ${'x'.repeat(100_000)}` })
    const send = (path: string, body: Buffer | string, method = 'PUT') => site.ask(key, method, `/apt/stock/pool/${path}`, body)

    const refusals: [string, Buffer | string, RegExp][] = [
      ['stable/main/thing_1.0_all.deb', 'no archive', /no archive of the kind/],
      ['stable/main/thing_1.0_all.deb', deb.bytes.subarray(0, 150), /ends early/],
      [
        'stable/main/thing_1.0_all.deb',
        Buffer.concat([deb.bytes.subarray(0, 160), Buffer.alloc(deb.bytes.length, 7)]),
        /cannot be unpacked/,
      ],
      ['stable/main/other_1.0_all.deb', deb.bytes, /calls itself thing_1\.0_all\.deb/],
      ['stable/main/huge_1.0_all.deb', huge.bytes, /control file has more than 65536 bytes/],
      ['stable/main/%2e%2e/thing_1.0_all.deb', deb.bytes, /Put a package at/],
      ['stable/..%2fmain/thing_1.0_all.deb', deb.bytes, /does not name/],
      ['%2fetc/main/thing_1.0_all.deb', deb.bytes, /does not name/],
      ['Stable/main/thing_1.0_all.deb', deb.bytes, /Put a package at/],
    ]
    for (const [path, body, told] of refusals) {
      const { status, text } = await send(path, body)
      assert.equal(status, 400, `${path}: ${text}`)
      assert.match(text, told)
    }
    assert.equal((await site.ask(key, 'GET', '/apt/stock/dists/stable/InRelease')).status, 404)
    assert.equal((await send('stable/main/', deb.bytes, 'POST')).status, 201)
    assert.equal((await send('stable/main/thing_1.0_all.deb', changed.bytes)).status, 409)
    assert.equal((await send('stable/main/', lying.bytes, 'POST')).status, 201)
    const { text } = await site.ask(key, 'GET', '/apt/stock/dists/stable/main/binary-amd64/Packages')
    assert.deepEqual(text.match(/^Filename: .*/gm), [
      'Filename: pool/stable/main/lying_1.0_all.deb',
      'Filename: pool/stable/main/thing_1.0_all.deb',
    ])
    assert.ok(!text.includes('f'.repeat(64)))
  },
)

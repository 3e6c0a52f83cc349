import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { packageSite, type PackageSite } from './site.ts'

const bin = resolve('.cache/py/bin')
const maker = resolve('test/packages/pypi-make.py')
const twineHere = existsSync(join(bin, 'twine')) ? false : 'twine is not here: scripts/test-tools.sh installs it'

const pythonSite = async (t: TestContext) => {
  const site = await packageSite(t, 'pypi')
  writeFileSync(join(site.folder, '.netrc'), `machine localhost login any password ${await site.key('member')}\n`, {
    mode: 0o600,
  })
  const pip = (...args: string[]) =>
    site.run(join(bin, 'pip'), [
      '--disable-pip-version-check',
      '--no-cache-dir',
      '--no-input',
      ...args,
      '--index-url',
      `${site.url}/pypi/stock/simple/`,
    ])
  return { ...site, pip }
}

const make = async (site: PackageSite, ...args: string[]) => {
  const { code, err } = await site.run(join(bin, 'python'), [maker, site.folder, ...args])
  assert.equal(code, 0, err)
}

const twine = async (site: PackageSite, ...files: string[]) =>
  site.run(
    join(bin, 'twine'),
    ['upload', '--non-interactive', '--disable-progress-bar', '--repository-url', `${site.url}/pypi/stock/`, ...files],
    {
      TWINE_USERNAME: '__token__',
      TWINE_PASSWORD: await site.key('operator'),
    },
  )

/** As twine sends it, for what twine itself would not send. */
const send = async (site: PackageSite, fields: Record<string, string>, filename: string, content: Buffer | string) => {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ':action': 'file_upload', ...fields })) form.append(name, value)
  form.append('content', new Blob([Buffer.from(content as string)]), filename)
  const reply = await fetch(`${site.url}/pypi/stock/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await site.key('operator')}` },
    body: form,
  })
  return { status: reply.status, text: await reply.text() }
}

const simple = async (site: PackageSite, path: string, accept: string) =>
  site.ask(await site.key('member'), 'GET', `/pypi/stock/simple/${path}`, undefined, { accept })

test('twine uploads, and pip resolves, downloads and installs with what it needs', { skip: twineHere }, async (t) => {
  const site = await pythonSite(t)
  await make(site, 'Needed.Thing', '1.0')
  await make(site, 'Wanted_Thing', '2.0', '>=3.8', 'needed-thing>=1')
  await make(site, 'Wanted_Thing', '3.0', '>=9.9')
  const uploaded = await twine(
    site,
    'needed.thing-1.0-py3-none-any.whl',
    'wanted_thing-2.0-py3-none-any.whl',
    'wanted_thing-2.0.tar.gz',
    'wanted_thing-3.0-py3-none-any.whl',
  )
  assert.equal(uploaded.code, 0, uploaded.out + uploaded.err)

  const installed = await site.pip('install', '--target', 'out', 'wanted-thing', '-v')
  const downloaded = await site.pip('download', '--no-deps', '-d', 'fetched', 'wanted-thing==2.0')
  const source = await site.run('curl', [
    '-sSfn',
    '-o',
    'fetched.tar.gz',
    `${site.url}/pypi/stock/files/wanted-thing/2.0/wanted_thing-2.0.tar.gz`,
  ])

  assert.equal(installed.code, 0, installed.out + installed.err)
  assert.match(installed.out, /wanted_thing-2\.0-py3-none-any\.whl\.metadata/, 'the wheel is fetched only once it is chosen')
  assert.equal(readFileSync(join(site.folder, 'out/wanted_thing.py'), 'utf8'), "said = 'Wanted_Thing 2.0'\n")
  assert.ok(existsSync(join(site.folder, 'out/needed.thing.py')))
  assert.equal(downloaded.code + source.code, 0, downloaded.err + source.err)
  for (const [got, sent] of [
    ['fetched/wanted_thing-2.0-py3-none-any.whl', 'wanted_thing-2.0-py3-none-any.whl'],
    ['fetched.tar.gz', 'wanted_thing-2.0.tar.gz'],
  ] as const)
    assert.ok(readFileSync(join(site.folder, got)).equals(readFileSync(join(site.folder, sent))), got)
})

test('the index is a page or JSON, as one asks, and says of each file what a resolver needs', async (t) => {
  const site = await packageSite(t, 'pypi')
  await make(site, 'thing', '1.0')
  const wheel = readFileSync(join(site.folder, 'thing-1.0-py3-none-any.whl'))
  assert.equal((await send(site, { name: 'Thing', version: '1.0' }, 'thing-1.0-py3-none-any.whl', wheel)).status, 200)

  const { json, headers } = await simple(
    site,
    'thing/',
    'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.01',
  )
  const page = await simple(site, 'Thing/', 'text/html')
  const projects = await simple(site, '', 'application/vnd.pypi.simple.latest+json')
  const [file] = json.files
  const sha256 = createHash('sha256').update(wheel).digest('hex')
  const sidecar = await site.ask(
    await site.key('member'),
    'GET',
    new URL(`${file.url}.metadata`, 'http://x/pypi/stock/simple/thing/').pathname,
  )

  assert.equal(headers.get('content-type'), 'application/vnd.pypi.simple.v1+json')
  assert.deepEqual(projects.json.projects, [{ name: 'thing' }])
  assert.deepEqual([json.name, json.versions, json.files.length], ['thing', ['1.0'], 1])
  assert.deepEqual([file.hashes.sha256, file.size, file['requires-python'], file.yanked], [sha256, wheel.length, '>=3.8', false])
  assert.match(sidecar.text, /^Metadata-Version: 2\.1\nName: thing\n/)
  assert.equal(file['core-metadata'].sha256, createHash('sha256').update(sidecar.text).digest('hex'))
  assert.match(
    page.text,
    new RegExp(
      `#sha256=${sha256}" data-requires-python="&#62;=3\\.8" data-core-metadata="sha256=${file['core-metadata'].sha256}"`,
    ),
  )
})

test('a version that is yanked is passed over by pip, until the mark is taken away', async (t) => {
  const site = await pythonSite(t)
  for (const version of ['1.0', '2.0']) {
    await make(site, 'thing', version)
    await send(
      site,
      { name: 'thing', version },
      `thing-${version}-py3-none-any.whl`,
      readFileSync(join(site.folder, `thing-${version}-py3-none-any.whl`)),
    )
  }
  const key = await site.key('operator')
  const newest = async (to: string) =>
    (await site.pip('install', '--target', to, 'thing')).out.match(/Successfully installed thing-(\S+)/)?.[1]

  assert.equal((await site.ask(key, 'PUT', '/pypi/stock/files/thing/2.0/yanked', 'it leaks')).status, 204)
  assert.equal(await newest('a'), '1.0')
  assert.match((await simple(site, 'thing/', 'text/html')).text, /data-yanked="it leaks"/)
  assert.equal((await site.ask(key, 'DELETE', '/pypi/stock/files/thing/2.0/yanked')).status, 204)
  assert.equal(await newest('b'), '2.0')
  assert.equal((await site.ask(key, 'DELETE', '/pypi/stock/files/thing/2.0')).status, 204)
  assert.equal(await newest('c'), '1.0')
})

test('pip is refused what one may not pull, and twine what one may not push', { skip: twineHere }, async (t) => {
  const site = await pythonSite(t)
  await make(site, 'thing', '1.0')
  const wheel = 'thing-1.0-py3-none-any.whl'
  await send(site, { name: 'thing', version: '1.0' }, wheel, readFileSync(join(site.folder, wheel)))
  const netrc = async (role: 'auditor' | 'nobody') =>
    writeFileSync(join(site.folder, '.netrc'), `machine localhost login any password ${await site.key(role)}\n`)

  for (const role of ['auditor', 'nobody'] as const) {
    await netrc(role)
    const refused = await site.pip('install', '--target', 'out', 'thing')
    assert.notEqual(refused.code, 0)
    assert.match(refused.out + refused.err, /No matching distribution found/)
  }
  const pushed = await site.run(
    join(bin, 'twine'),
    ['upload', '--non-interactive', '--repository-url', `${site.url}/pypi/stock/`, wheel],
    { TWINE_USERNAME: 'any', TWINE_PASSWORD: await site.key('member') },
  )
  assert.notEqual(pushed.code, 0)
  assert.match(pushed.out + pushed.err, /403/)
})

const zipOf = (name: string, content: Buffer): Buffer => {
  const packed = deflateRawSync(content)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(packed.length, 20)
  entry.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(46 + name.length, 12)
  end.writeUInt32LE(30 + name.length + packed.length, 16)
  return Buffer.concat([head, Buffer.from(name), packed, entry, Buffer.from(name), end])
}

test('a file that is not what it is said to be is refused with the reason, and nothing of it is listed', async (t) => {
  const site = await packageSite(t, 'pypi')
  await make(site, 'thing', '1.0')
  const name = 'thing-1.0-py3-none-any.whl'
  const wheel = readFileSync(join(site.folder, name))
  const as = { name: 'thing', version: '1.0' }
  const bomb = zipOf('thing-1.0.dist-info/METADATA', Buffer.alloc(8 * 1024 ** 2, 'a'))
  const refusals: [Record<string, string>, string, Buffer | string, RegExp][] = [
    [{ ...as, sha256_digest: 'f'.repeat(64) }, name, wheel, /digest/],
    [{ ...as, name: 'other' }, name, wheel, /is of thing 1\.0 by its name/],
    [{ ...as, version: '2.0' }, 'thing-2.0-py3-none-any.whl', wheel, /says it is thing 1\.0/],
    [as, '../thing-1.0-py3-none-any.whl', wheel, /neither a wheel/],
    [as, 'thing-1.0.exe', wheel, /neither a wheel/],
    [{ ...as, name: '../thing' }, name, wheel, /not a name of a project/],
    [as, name, 'no zip', /it is no zip/],
    [as, name, wheel.subarray(0, wheel.length - 30), /not a wheel/],
    [as, name, bomb, /cannot be unpacked/],
    [{ ...as, description: 'x'.repeat(2 * 1024 ** 2) }, name, wheel, /at most 1048576 bytes/],
  ]
  for (const [fields, filename, content, told] of refusals) {
    const { status, text } = await send(site, fields, filename, content)
    assert.ok(status === 400 || status === 413, `${filename}: ${status}`)
    assert.match(text, told)
  }
  assert.equal((await simple(site, 'thing/', 'text/html')).status, 404)
})

test('what is released stays what it is, by whatever spelling of its name it is sent', async (t) => {
  const site = await packageSite(t, 'pypi')
  await make(site, 'my-thing', '1.0')
  const name = 'my_thing-1.0-py3-none-any.whl'
  const wheel = readFileSync(join(site.folder, name))
  await send(site, { name: 'My.Thing', version: '1.0' }, name, wheel)
  await make(site, 'my-thing', '1.0', '>=3.9')
  const other = readFileSync(join(site.folder, name))

  assert.equal((await send(site, { name: 'my-thing', version: '1.0' }, name, wheel)).status, 200)
  const refused = await send(site, { name: 'MY_THING', version: '1.0' }, name, other)
  const contents: Buffer[] = []
  for (const python of ['>=3.10', '>=3.11']) {
    await make(site, 'raced', '1.0', python)
    contents.push(readFileSync(join(site.folder, 'raced-1.0-py3-none-any.whl')))
  }
  const raced = await Promise.all(
    contents.map((content) => send(site, { name: 'raced', version: '1.0' }, 'raced-1.0-py3-none-any.whl', content)),
  )

  assert.equal(refused.status, 409)
  assert.match(refused.text, /File already exists/)
  assert.deepEqual(raced.map(({ status }) => status).toSorted(), [200, 409])
  assert.deepEqual((await simple(site, '', 'application/vnd.pypi.simple.v1+json')).json.projects, [
    { name: 'my-thing' },
    { name: 'raced' },
  ])
})

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageSite } from './site.ts'

const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex')

test('curl puts files into a version, resumes one that broke off, and sha256sum agrees with all of them', async (t) => {
  const site = await packageSite(t, 'files')
  writeFileSync(join(site.folder, '.netrc'), `machine localhost login any password ${await site.key('operator')}\n`)
  const [model, readme] = [randomBytes(300_000), Buffer.from('Read me\n')]
  writeFileSync(join(site.folder, 'model.bin'), model)
  writeFileSync(join(site.folder, 'read me.txt'), readme)
  const at = `${site.url}/files/stock/weights/1.0+cu121`

  for (const [name, path] of [
    ['model.bin', 'data/model.bin'],
    ['read me.txt', 'read%20me.txt'],
  ] as const) {
    const put = await site.run('curl', ['-sSfn', '-T', name, `${at}/${path}`])
    assert.equal(put.code, 0, put.err)
  }
  writeFileSync(join(site.folder, 'part'), model.subarray(0, 100_000))
  const resumed = await site.run('curl', ['-sSfn', '-C', '-', '-o', 'part', '-D', 'head', `${at}/data/model.bin`])
  const pulled = await site.run('curl', [
    '-sSfn',
    '--create-dirs',
    '-o',
    'out/SHA256SUMS',
    `${at}/SHA256SUMS`,
    '-o',
    'out/data/model.bin',
    `${at}/data/model.bin`,
    '-o',
    'out/read me.txt',
    `${at}/read%20me.txt`,
  ])
  const checked = await site.run('sh', ['-c', 'cd out && sha256sum --check --strict SHA256SUMS'])

  assert.equal(resumed.code, 0, resumed.err)
  assert.ok(readFileSync(join(site.folder, 'part')).equals(model))
  assert.match(readFileSync(join(site.folder, 'head'), 'utf8'), /^HTTP\/1.1 206/)
  assert.equal(pulled.code, 0, pulled.err)
  assert.equal(checked.out, 'data/model.bin: OK\nread me.txt: OK\n')
})

test('what is served says what it is by digest, and what one has already is not sent again', async (t) => {
  const site = await packageSite(t, 'files')
  const key = await site.key('operator')
  await site.ask(key, 'PUT', '/files/stock/tool/2/tool', 'content')

  const whole = await site.ask(key, 'GET', '/files/stock/tool/2/tool')
  const head = await site.ask(key, 'HEAD', '/files/stock/tool/2/tool')
  const again = await site.ask(key, 'GET', '/files/stock/tool/2/tool', undefined, { 'if-none-match': whole.headers.get('etag')! })
  const beyond = await site.ask(key, 'GET', '/files/stock/tool/2/tool', undefined, { range: 'bytes=7-' })

  assert.equal(whole.text, 'content')
  assert.equal(whole.headers.get('repr-digest'), `sha-256=:${Buffer.from(sha256('content'), 'hex').toString('base64')}:`)
  assert.equal(head.headers.get('content-length'), '7')
  assert.equal(again.status, 304)
  assert.equal(beyond.status, 416)
  assert.equal(beyond.json.type, '/problems/range-invalid')
})

test('packages, versions and folders are listed, for programs and as a page', async (t) => {
  const site = await packageSite(t, 'files')
  const key = await site.key('operator')
  for (const path of ['My_Tool/1.0/a/b.txt', 'My_Tool/1.0/c<d.txt'.replace('<', '&'), 'My_Tool/1:2.0~rc1/x', 'other/1/x'])
    assert.equal((await site.ask(key, 'PUT', `/files/stock/${path}`, path)).status, 201)
  const names = async (path: string) =>
    (await site.ask(key, 'GET', `/files/stock/${path}`, undefined, { accept: 'application/json' })).json.items.map(
      ({ name }: { name: string }) => name,
    )

  assert.deepEqual(await names(''), ['other/', 'My_Tool/'])
  assert.deepEqual(await names('My_Tool/'), ['1.0/', '1:2.0~rc1/'])
  assert.deepEqual(await names('My_Tool/1.0/'), ['a/', 'c&d.txt', 'SHA256SUMS'])
  assert.deepEqual(await names('My_Tool/1.0/a/'), ['b.txt'])
  const shown = await site.ask(key, 'GET', '/files/stock/My_Tool/1.0/', undefined, { accept: 'text/html' })
  assert.match(shown.text, /<a href="\.\/c%26d\.txt">c&#38;d\.txt<\/a>/)
})

test('a file of a version is never replaced, and two who add to a version at once both do', async (t) => {
  const site = await packageSite(t, 'files')
  const key = await site.key('operator')
  const names = Array.from({ length: 12 }, (_, index) => `file-${index}`)

  const put = await Promise.all(names.map((name) => site.ask(key, 'PUT', `/files/stock/tool/1/${name}`, name)))
  const raced = await Promise.all(['one', 'two'].map((content) => site.ask(key, 'PUT', '/files/stock/tool/1/raced', content)))
  const other = await site.ask(key, 'PUT', '/files/stock/tool/1/file-0', 'something else')
  const inside = await site.ask(key, 'PUT', '/files/stock/tool/1/file-0/inside', 'x')
  const same = await site.ask(key, 'PUT', '/files/stock/tool/1/file-0', 'file-0', { 'x-content-sha256': sha256('file-0') })
  const { json } = await site.ask(key, 'GET', '/files/stock/tool/1/', undefined, { accept: 'application/json' })

  assert.deepEqual(
    put.map(({ status }) => status),
    names.map(() => 201),
  )
  assert.deepEqual(raced.map(({ status }) => status).toSorted(), [201, 409])
  assert.equal(other.status, 409)
  assert.equal(inside.status, 409)
  assert.equal(same.status, 200)
  assert.deepEqual(json.items.length, 14)
  assert.equal((await site.ask(key, 'GET', '/files/stock/tool/1/file-0')).text, 'file-0')
})

test('content that is not what was announced, and paths that lead elsewhere, are refused and leave nothing', async (t) => {
  const site = await packageSite(t, 'files')
  const key = await site.key('operator')
  const wrong = await site.ask(key, 'PUT', '/files/stock/tool/1/file', 'content', { 'x-content-sha256': sha256('other') })
  assert.equal(wrong.json.type, '/problems/digest-mismatch')
  writeFileSync(join(site.folder, 'file'), 'x')
  for (const path of [
    'tool/1/../../../x',
    'tool/1/%2e%2e/x',
    'tool/1/..%2f..%2fx',
    'tool/1/%2fetc/passwd',
    'tool//x',
    'tool/1/a%5cb',
    'tool/1/%252e%252e',
    'tool/../x/y',
    'tool/1/SHA256SUMS',
    'tool/1/',
  ]) {
    const { out } = await site.run('curl', [
      '-s',
      '--path-as-is',
      '-u',
      `any:${key}`,
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '--data-binary',
      '@file',
      '-X',
      'PUT',
      `${site.url}/files/stock/${path}`,
    ])
    assert.equal(out, '400', path)
  }
  assert.deepEqual((await site.ask(key, 'GET', '/files/stock/', undefined, { accept: 'application/json' })).json.items, [])
})

test('a version goes file by file or whole, for who may discard, and the room it took is free again', async (t) => {
  const site = await packageSite(t, 'files')
  const [key, member] = [await site.key('operator'), await site.key('member')]
  for (const path of ['tool/1/a', 'tool/1/b', 'tool/2/a']) await site.ask(key, 'PUT', `/files/stock/${path}`, path)

  assert.equal((await site.ask(member, 'DELETE', '/files/stock/tool/1/a')).status, 403)
  assert.equal((await site.ask(key, 'DELETE', '/files/stock/tool/1/a')).status, 204)
  assert.equal((await site.ask(key, 'GET', '/files/stock/tool/1/a')).status, 404)
  assert.equal((await site.ask(key, 'GET', '/files/stock/tool/1/b')).text, 'tool/1/b')
  assert.equal((await site.ask(key, 'DELETE', '/files/stock/tool/1/b')).status, 204)
  assert.equal((await site.ask(key, 'DELETE', '/files/stock/tool/2/')).status, 204)
  assert.equal((await site.ask(key, 'GET', '/files/stock/tool/')).status, 404)
})

test('who may not pull gets nothing, who may not read the repository does not hear that it is there', async (t) => {
  const site = await packageSite(t, 'files')
  await site.ask(await site.key('operator'), 'PUT', '/files/stock/tool/1/a', 'a')
  const asked = async (role: 'auditor' | 'nobody') =>
    (await site.ask(await site.key(role), 'GET', '/files/stock/tool/1/a')).status

  assert.deepEqual([await asked('auditor'), await asked('nobody')], [403, 404])
  const anyone = await fetch(`${site.url}/files/stock/tool/1/a`)
  assert.equal(anyone.status, 401)
  assert.match(anyone.headers.get('www-authenticate')!, /^Basic realm=/)
  assert.equal((await site.ask(await site.key('member'), 'PUT', '/files/stock/tool/1/b', 'b')).status, 403)
})

// Signatures over models, against the reference implementation (PyPI `model-signing`): what one signs the other verifies, and each refuses what was changed.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { testApp, type Caller, type TestApp } from '../app.ts'
import { pushFiles, weightType } from '../models.ts'
import { digestOf, registryClient, type RegistryClient } from '../registry.ts'
import { smallModel } from '../gguf.ts'

const api = '/api/v1'
const at = { path: 'hub/team/small', reference: 'v1' }
const files: Record<string, Buffer> = {
  '.gitattributes': Buffer.from('*.gguf filter=lfs'),
  'config.json': Buffer.from('{}'),
  'a.txt': Buffer.from('beside the folder a'),
  'a/b': Buffer.from('within the folder a'),
  empty: Buffer.alloc(0),
  'model.gguf': smallModel(),
}

type Signed = {
  app: TestApp
  owner: Caller
  client: RegistryClient
  folder: string
  model: string
  python: (...args: string[]) => Promise<string>
}

const withModel = async (t: TestContext): Promise<Signed> => {
  const app = await testApp(t)
  const client = await registryClient(app)
  await pushFiles(client, at.path, at.reference, files)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-signing-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const model = join(folder, 'small')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(model, path)), { recursive: true })
    writeFileSync(join(model, path), content)
  }
  const python: Signed['python'] = async (...args) =>
    (
      await promisify(execFile)('.cache/py/bin/model_signing', args, {
        timeout: 60_000,
        env: { PATH: process.env['PATH'], HOME: folder },
      })
    ).stdout
  return { app, owner: await app.as('owner'), client, folder, model, python }
}

const keyPair = (folder: string, name: string, curve = 'prime256v1'): { secret: string; public: string } => {
  const pair = { secret: join(folder, `${name}.pem`), public: join(folder, `${name}.pub`) }
  execFileSync('openssl', ['ecparam', '-name', curve, '-genkey', '-noout', '-out', pair.secret], { stdio: 'ignore' })
  execFileSync('openssl', ['ec', '-in', pair.secret, '-pubout', '-out', pair.public], { stdio: 'ignore' })
  return pair
}

const trust = async (owner: Caller, name: string, pem: string) => {
  const { status, text } = await owner.put(`${api}/publishers`, { name, spec: { modelKeys: [readFileSync(pem, 'utf8')] } })
  assert.ok(status < 300, text)
}

const verify = async (owner: Caller, more: object = {}) => (await owner.post(`${api}/artifacts/verify`, { ...at, ...more })).body

test('what the site signs, the reference verifies; and refuses it over other files', async (t) => {
  const { owner, folder, model, python, client } = await withModel(t)
  const { status, body } = await owner.post(`${api}/artifacts/signatures`, at)
  assert.equal(status, 201, JSON.stringify(body))
  const signature = join(folder, 'model.sig')
  const key = join(folder, 'site.pub')
  writeFileSync(signature, JSON.stringify(body.bundle))
  writeFileSync(key, (await owner.get(`${api}/artifacts/signing-key`)).body.publicKey)
  const check = (...more: string[]) => python('verify', 'key', model, '--signature', signature, '--public_key', key, ...more)
  assert.match(await check(), /Verification succeeded/)
  assert.match(await check('--no-ignore-git-paths'), /Verification succeeded/)
  assert.deepEqual((await verify(owner)).signatures[0].signer, { kind: 'site', name: 'this site' })
  const referrers = await client.ask('GET', `/v2/${at.path}/referrers/${(await verify(owner)).manifest}`)
  assert.deepEqual(
    referrers.json.manifests.map(({ artifactType }: any) => artifactType),
    ['application/vnd.dev.sigstore.bundle.v0.3+json'],
  )
  writeFileSync(join(model, 'config.json'), '{"changed":1}')
  await assert.rejects(check())
})

test('what the reference signs, the site verifies by the keys of its publishers, and by none other', async (t) => {
  const { owner, folder, model, python } = await withModel(t)
  for (const curve of ['prime256v1', 'secp384r1', 'secp521r1']) {
    const pair = keyPair(folder, curve, curve)
    const signature = join(folder, `${curve}.sig`)
    await python('sign', 'key', model, '--private_key', pair.secret, '--signature', signature)
    const attached = await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: readFileSync(signature, 'utf8') })
    assert.equal(attached.status, 201, attached.text)
    const before = (await verify(owner)).signatures.find(({ digest }: any) => digest === attached.body.digest)
    assert.equal(before.verified, false)
    assert.match(before.reasons[0], /no key that is believed here made it/)
    await trust(owner, `of-${curve}`, pair.public)
    const after = (await verify(owner)).signatures.find(({ digest }: any) => digest === attached.body.digest)
    assert.deepEqual([after.verified, after.signer, after.reasons], [true, { kind: 'publisher', name: `of-${curve}` }, []])
    const other = readFileSync(keyPair(folder, 'other', curve).public, 'utf8')
    assert.equal((await verify(owner, { publicKeys: [other] })).verified, false)
    assert.equal((await verify(owner, { publicKeys: [readFileSync(pair.public, 'utf8')] })).verified, true)
  }
})

test('what a signer left out is said to be left out, and is not signed', async (t) => {
  const { owner, folder, model, python } = await withModel(t)
  const pair = keyPair(folder, 'maker')
  const signature = join(folder, 'model.sig')
  const out = ['--ignore-paths', join(model, 'model.gguf'), '--ignore-paths', join(model, 'a')]
  await python('sign', 'key', model, '--private_key', pair.secret, '--signature', signature, ...out)
  const attached = await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: readFileSync(signature, 'utf8') })
  assert.equal(attached.status, 201, attached.text)
  await trust(owner, 'maker', pair.public)
  const [verdict] = (await verify(owner)).signatures
  assert.deepEqual([verdict.verified, verdict.leftOut], [true, ['.gitattributes', 'a/b', 'model.gguf']])
})

test('certificates are believed as far as they lead to one of a publisher', async (t) => {
  const { owner, folder, model, python } = await withModel(t)
  const authority = (name: string) => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '30',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        join(folder, `${name}.key`),
        '-out',
        join(folder, `${name}.crt`),
      ],
      { stdio: 'ignore' },
    )
    return join(folder, `${name}.crt`)
  }
  const [trusted, foreign] = [authority('trusted'), authority('foreign')]
  const pair = keyPair(folder, 'signer')
  writeFileSync(join(folder, 'ext'), 'keyUsage=critical,digitalSignature\nbasicConstraints=CA:false\n')
  execFileSync('openssl', ['req', '-new', '-key', pair.secret, '-subj', '/CN=signer', '-out', join(folder, 'signer.csr')], {
    stdio: 'ignore',
  })
  execFileSync(
    'openssl',
    [
      'x509',
      '-req',
      '-in',
      join(folder, 'signer.csr'),
      '-CA',
      trusted,
      '-CAkey',
      join(folder, 'trusted.key'),
      '-CAcreateserial',
      '-days',
      '20',
      '-extfile',
      join(folder, 'ext'),
      '-out',
      join(folder, 'signer.crt'),
    ],
    { stdio: 'ignore' },
  )
  const signature = join(folder, 'model.sig')
  await python(
    'sign',
    'certificate',
    model,
    '--private_key',
    pair.secret,
    '--signing_certificate',
    join(folder, 'signer.crt'),
    '--certificate_chain',
    trusted,
    '--signature',
    signature,
  )
  const attached = await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: readFileSync(signature, 'utf8') })
  assert.equal(attached.status, 201, attached.text)
  assert.equal((await verify(owner, { publicKeys: [readFileSync(foreign, 'utf8')] })).verified, false)
  assert.equal((await verify(owner, { publicKeys: [readFileSync(pair.public, 'utf8')] })).verified, false)
  assert.equal((await verify(owner, { publicKeys: [readFileSync(trusted, 'utf8')] })).verified, true)
  await trust(owner, 'ministry', trusted)
  assert.deepEqual((await verify(owner)).signatures[0].signer, { kind: 'publisher', name: 'ministry' })
})

test('a changed, a missing and an extra file are told by name, and a signature over other files is not taken', async (t) => {
  const { owner, folder, model, python, client } = await withModel(t)
  const pair = keyPair(folder, 'maker')
  await trust(owner, 'maker', pair.public)
  const signature = join(folder, 'model.sig')
  await python('sign', 'key', model, '--private_key', pair.secret, '--signature', signature)
  const bundle = readFileSync(signature, 'utf8')
  const { 'a/b': _gone, ...fewer } = files
  const wrong = {
    changed: [{ ...files, 'config.json': Buffer.from('{"x":1}') }, /config.json is not what was signed/],
    missing: [fewer, /a\/b was signed and is missing/],
    extra: [{ ...files, 'more.txt': Buffer.from('more') }, /more.txt is here and was not signed/],
  } as const
  for (const [tag, [content, reason]] of Object.entries(wrong)) {
    await pushFiles(client, at.path, tag, content)
    const refused = await owner.post(`${api}/artifacts/signatures`, { path: at.path, reference: tag, bundle })
    assert.deepEqual([refused.status, refused.body.type], [422, '/problems/model-signature-refused'])
    assert.match(refused.body.detail, reason)
  }
  const layer = { mediaType: weightType, digest: digestOf(files['a.txt']!), size: files['a.txt']!.length }
  const layers = Object.entries(files).map(([path, content]) => ({
    mediaType: weightType,
    digest: digestOf(content),
    size: content.length,
    annotations: { 'org.cncf.model.filepath': path },
  }))
  for (const [tag, hidden] of [
    ['hidden', layer],
    ['out', { ...layer, annotations: { 'org.cncf.model.filepath': '../out' } }],
  ] as const) {
    await pushFiles(client, at.path, tag, files, { layers: [...layers, hidden] })
    const refused = await owner.post(`${api}/artifacts/signatures`, { path: at.path, reference: tag, bundle })
    assert.match(refused.body.detail, /1 of what the manifest names lies at no path of its own/)
  }
  const forged = JSON.parse(bundle)
  const statement = JSON.parse(Buffer.from(forged.dsseEnvelope.payload, 'base64').toString())
  forged.dsseEnvelope.payload = Buffer.from(JSON.stringify({ ...statement, extra: 1 })).toString('base64')
  assert.equal((await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: JSON.stringify(forged) })).status, 201)
  assert.equal((await verify(owner)).verified, false)
  statement.predicate.resources.pop()
  forged.dsseEnvelope.payload = Buffer.from(JSON.stringify(statement)).toString('base64')
  const contradicts = await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: JSON.stringify(forged) })
  assert.match(contradicts.body.detail, /not that of the files it lists/)
  for (const none of ['', 'x', '{}', '[1]', JSON.stringify({ ...forged, mediaType: 'other' })])
    assert.ok([400, 422].includes((await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: none })).status), none)
})

test('a model of the catalog is signed while a publisher of the site signed its weights, and no longer', async (t) => {
  const { owner, folder, model, python, client } = await withModel(t)
  const pair = keyPair(folder, 'maker')
  const reply = await fetch(`${client.url}${api}/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.secret}`, 'content-type': 'application/octet-stream' },
    body: files['model.gguf'] as unknown as string, // fetch takes buffers
  })
  const { digest } = (await reply.json()) as { digest: string }
  const assigned = await owner.put(`${api}/guardrail-assignments`, {
    name: 'signed',
    spec: { guardrail: 'builtin/model-signed', effect: 'deny' },
  })
  assert.ok(assigned.status < 300, assigned.text)
  const add = async (name: string) => (await owner.put(`${api}/models`, { name, spec: { digest } })).status
  assert.equal(await add('unsigned'), 403)
  const signature = join(folder, 'model.sig')
  await python('sign', 'key', model, '--private_key', pair.secret, '--signature', signature)
  const attached = await owner.post(`${api}/artifacts/signatures`, { ...at, bundle: readFileSync(signature, 'utf8') })
  assert.equal(attached.status, 201, attached.text)
  await owner.post(`${api}/artifacts/signatures`, at)
  assert.equal(await add('by-nobody-known'), 403)
  await trust(owner, 'maker', pair.public)
  assert.equal(await add('signed'), 201)
  await trust(owner, 'maker', keyPair(folder, 'another').public)
  assert.equal(await add('by-a-key-of-old'), 403)
  await trust(owner, 'maker', pair.public)
  assert.equal(await add('again'), 201)
  const { manifest } = await verify(owner)
  assert.equal((await client.ask('DELETE', `/v2/${at.path}/manifests/${manifest}`)).status, 202)
  assert.equal(await add('of-a-model-that-is-gone'), 403)
})

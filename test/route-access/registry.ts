// Who may do what at the registry's doors. Each row asks about content that the maker pushed.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { DELETE, GET, kind, POST, PUT, row, type Row } from './row.ts'
import { type Request, type World } from './world.ts'

const signedIn = '+ + + + + + + !'
const pullers = '+ + + - + + h !'
const pushers = '+ + - - + - h !'

const at = (method: Request['method'], url: string, body?: unknown, type = 'application/octet-stream'): Request => ({
  method,
  url: `/v2/${url}`,
  ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
})

export const blob = Buffer.from('{}')
export const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const described = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(blob), size: blob.length }
const manifest = (name = 'one'): Buffer =>
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: 'application/vnd.example.thing',
      config: described,
      layers: [described],
      annotations: { name },
    }),
  )

/** A repository of the organisation with one blob and one tag, as it was whatever has been deleted since. */
const stock = async (w: World): Promise<string> => {
  const ask = async (request: Request) => {
    const reply = await w.send(w.maker, request)
    assert.ok(reply.status < 300, `what a row asks about could not be made: ${JSON.stringify(reply.body)}`)
    return reply
  }
  await ask(at('POST', `stock/blobs/uploads/?digest=${digestOf(blob)}`, blob))
  await ask(at('PUT', 'stock/manifests/latest', manifest(), manifestType))
  return 'stock'
}

const upload = async (w: World): Promise<string> => {
  await stock(w)
  const { headers } = await w.send(w.maker, at('POST', 'stock/blobs/uploads/'))
  return String(headers['location']).slice('/v2/'.length)
}

const hub = (method: Request['method'], url: string, body?: object): Request => ({
  ...at(method, '', body, 'application/json'),
  url: `/hf/${url}`,
})

/** A model of the organisation's hub, with one file. */
const model = async (w: World): Promise<string> =>
  w.there('team/model', async () => {
    const file = { ...described, annotations: { 'org.cncf.model.filepath': 'config.json' } }
    const body = JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: described, layers: [file] })
    for (const request of [
      at('POST', `hub/team/model/blobs/uploads/?digest=${digestOf(blob)}`, blob),
      at('PUT', 'hub/team/model/manifests/main', Buffer.from(body), manifestType),
    ])
      assert.ok((await w.send(w.maker, request)).status < 300)
    return 'team/model'
  })

const retained = async (w: World): Promise<string> => {
  await w.send(w.maker, PUT('/repositories', { name: 'retained', spec: { format: 'oci', retention: { keepLast: 1 } } }))
  return 'retained'
}

/** Of a package of its own, which nothing else discards. */
const generation = async (w: World): Promise<string> => {
  const ask = async (request: Request) => (await w.send(w.maker, request)).body
  await ask(at('POST', `stated/blobs/uploads/?digest=${digestOf(blob)}`, blob))
  await ask(at('PUT', 'stated/manifests/latest', manifest(), manifestType))
  const body = { line: 'rows', tags: [{ path: 'stated', tag: 'latest' }] }
  return (await ask(POST('/generations', body))).id
}

// prettier-ignore
export const registryRows: Row[] = [
  //                                                              owner operator security-officer auditor ai-engineer member nobody anonymous
  ...kind('repository', { format: 'oci' },                { read: '+ + + + + + h !', apply: '+ + - - + - - !', plural: 'repositories' }),
  row('repositoryApply with an upstream', '+ + - - - - - !', (w) => PUT('/repositories', { scope: '/', name: w.fresh('mirror'), spec: { format: 'oci', upstream: { url: 'http://127.0.0.1:5000', path: 'library' } } })),
  row('artifactList',                     '+ + + + + + 0 !', async (w) => { await stock(w); return GET('/artifacts') }),
  row('artifactRepositories',             '+ + + + + + 0 !', async (w) => { await stock(w); return GET('/artifacts/repositories') }),
  row('artifactTags',                     '+ + + + + + h !', async (w) => GET(`/artifacts/tags?path=${await stock(w)}`)),
  row('artifactGet',                      '+ + + + + + h !', async (w) => GET(`/artifacts/manifest?path=${await stock(w)}&reference=latest`)),
  row('artifactDiscard',                  pushers,           async (w) => DELETE(`/artifacts/manifest?path=${await stock(w)}&reference=latest`)),
  ...kind('storage-quota', { bytesMax: 2 ** 50 },         { read: '+ + + + + h h !', apply: '+ + - - - - - !' }),
  ...kind('storage-hold', { digest: digestOf(blob), reason: 'A court asks.' }, { read: '+ + + + + h h !', apply: '+ + + - - - - !', delete: '+ - + - - - - !' }),
  row('generationList',                   '+ + + + h h h !', async (w) => { await generation(w); return GET('/generations') }),
  row('generationGet',                    '+ + + + h h h !', async (w) => GET(`/generations/${await generation(w)}`)),
  row('generationMake',                   '+ + - - - - - !', async (w) => POST('/generations', { line: 'main', tags: [{ path: await stock(w), tag: 'latest' }] })),
  row('generationSwitch',                 '+ + - - - - - !', async (w) => POST(`/generations/${await generation(w)}/switch`)),
  row('generationRollback',               '+ + - - - - - !', async (w) => { await generation(w); return POST('/generations/rollback', { line: 'rows', to: 1 }) }),
  row('generationDiscard',                '+ + - - - - - !', async (w) => DELETE(`/generations/${await generation(w)}`)),
  row('storageGet',                       '+ + + + h h h !', () => GET('/storage')),
  row('storageFreeable',                  '0 0 0 0 h h h !', () => GET('/storage/freeable')),
  row('storageDamaged',                   '0 0 0 0 h h h !', () => GET('/storage/damaged')),
  row('storageUsage',                     '+ + + + + + 0 !', async (w) => { await stock(w); return GET('/storage/usage') }),
  row('storageRetentionPreview',          '0 0 0 - 0 0 h !', async (w) => POST('/storage/retention/preview', { path: await stock(w), retention: { keepLast: 1 } })),
  row('storageRetentionRun',              '+ + - - + - h !', async (w) => POST('/storage/retention/run', { path: await retained(w) })),
  row('storageCollect',                   '+ + - - - - - !', () => POST('/storage/collect')),
  row('storageScrub',                     '+ + - - - - - !', () => POST('/storage/scrub')),
  row('ociVersion',                       signedIn,          () => at('GET', '')),
  row('ociToken',                         '! ! ! ! ! ! ! !', () => at('GET', 'token')), // lent to who comes by a key only
  row('ociCatalog',                       signedIn,          async (w) => { await stock(w); return at('GET', '_catalog') }),
  row('ociGet of a manifest',             pullers,           async (w) => at('GET', `${await stock(w)}/manifests/latest`)),
  row('ociGet of a blob',                 pullers,           async (w) => at('GET', `${await stock(w)}/blobs/${digestOf(blob)}`)),
  row('ociGet of tags',                   pullers,           async (w) => at('GET', `${await stock(w)}/tags/list`)),
  row('ociGet of an upload of another',   'h h - - h - h !', async (w) => at('GET', await upload(w))),
  row('ociPost',                          pushers,           async (w) => at('POST', `${await stock(w)}/blobs/uploads/`)),
  row('ociPost to what is not there yet', '+ + h h + h h !', (w) => at('POST', `${w.fresh('made')}/blobs/uploads/`)),
  row('ociPatch of an upload of another', 'h h - - h - h !', async (w) => at('PATCH', await upload(w), blob)),
  row('ociPut of a manifest',             pushers,           async (w) => at('PUT', `${await stock(w)}/manifests/${w.fresh('tag')}`, manifest(), manifestType)),
  row('ociPut of an upload of another',   'h h - - h - h !', async (w) => at('PUT', `${await upload(w)}?digest=${digestOf(blob)}`, blob)),
  row('ociDelete of a tag',               pushers,           async (w) => at('DELETE', `${await stock(w)}/manifests/latest`)),
  row('ociDelete of a manifest',          pushers,           async (w) => at('DELETE', `${await stock(w)}/manifests/${digestOf(manifest())}`)),
  row('ociDelete of an upload of another', 'h h - - h - h !', async (w) => at('DELETE', await upload(w))),
  row('hfGet of a file',                  pullers,           async (w) => hub('GET', `${await model(w)}/resolve/main/config.json`)),
  row('hfGet of what a model holds',      pullers,           async (w) => hub('GET', `api/models/${await model(w)}/tree/main`)),
  row('hfGet of a list',                  '+ + + - + + 0 !',           async (w) => { await model(w); return hub('GET', 'api/models') }),
  row('hfGet of oneself',                 signedIn,          () => hub('GET', 'api/whoami-v2')),
  row('hfPost',                           pullers,           async (w) => hub('POST', `api/models/${await model(w)}/paths-info/main`, { paths: ['config.json'] })),
  row('artifactSigningKey',               signedIn,          () => GET('/artifacts/signing-key')),
  row('artifactSign',                     pushers,           async (w) => { await model(w); return POST('/artifacts/signatures', { path: 'hub/team/model', reference: 'main' }) }),
  row('artifactVerify',                   pullers,           async (w) => { await model(w); return POST('/artifacts/verify', { path: 'hub/team/model', reference: 'main' }) }),
  row('hfPost of a commit',               pushers,           async (w) => hub('POST', `api/models/${await model(w)}/commit/${w.fresh('tag')}`, { key: 'file', value: { path: 'a', content: 'YQ==', encoding: 'base64' } })),
  row('hfPut',                            pushers,           async (w) => ({ ...at('PUT', '', blob), url: `/hf/hub/${await model(w)}.git/info/lfs/objects/${digestOf(blob).slice('sha256:'.length)}` })),
]

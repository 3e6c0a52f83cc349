// Who may do what at the doors for packages. Each row asks about a release that the maker put there.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { type Request, type World } from './world.ts'
import { PUT, row, type Row } from './row.ts'

const pullers = '+ + + - + + h !'
const pushers = '+ + - - + - h !'

const ask = async (w: World, request: Request, ...fine: number[]) => {
  const reply = await w.send(w.maker, request)
  assert.ok(
    reply.status < 300 || fine.includes(reply.status),
    `what a row asks about could not be made: ${JSON.stringify(reply.body)}`,
  )
}

const repository = (w: World, format: string): Promise<string> =>
  w.there(`packages of ${format}`, async () => {
    await ask(w, PUT('/repositories', { scope: '/', name: `stock-${format}`, spec: { format } }))
    return `stock-${format}`
  })

const at = (method: Request['method'], url: string, body?: unknown, type = 'application/octet-stream'): Request => ({
  method,
  url,
  ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
})

const files = async (w: World): Promise<string> => {
  await repository(w, 'files')
  await ask(w, at('PUT', '/files/stock-files/tool/1/file', Buffer.from('x')), 409)
  return '/files/stock-files/tool'
}

/** A source distribution is not looked into, so any bytes will do. */
const upload = (version: string): Request => {
  const field = (name: string, value: string, more = '') =>
    `--b\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
  const body = `${field('name', 'thing')}${field('version', version)}${field('content', 'x', `; filename="thing-${version}.tar.gz"`)}--b--`
  return at('POST', '/pypi/stock-pypi/', Buffer.from(body), 'multipart/form-data; boundary=b')
}

const pypi = async (w: World): Promise<string> => {
  await repository(w, 'pypi')
  await ask(w, upload('1.0'))
  return '/pypi/stock-pypi'
}

const published = (version: string): Request => {
  const manifest = Buffer.from(JSON.stringify({ name: 'thing', version }))
  const head = Buffer.alloc(512)
  head.write('package/package.json')
  head.write(manifest.length.toString(8).padStart(11, '0'), 124)
  head.write('0', 156)
  const tarball = gzipSync(Buffer.concat([head, manifest, Buffer.alloc(2048 - 512 - manifest.length)]))
  const document = {
    name: 'thing',
    'dist-tags': { [`t${version.replaceAll('.', '-')}`]: version, kept: version },
    versions: { [version]: { name: 'thing', version } },
    _attachments: { tarball: { data: tarball.toString('base64') } },
  }
  return at('PUT', '/npm/stock-npm/thing', Buffer.from(JSON.stringify(document)))
}

const npm = async (w: World): Promise<string> => {
  await repository(w, 'npm')
  await ask(w, published('1.0.0'), 409)
  await ask(w, at('PUT', '/npm/stock-npm/-/package/thing/dist-tags/kept', Buffer.from('"1.0.0"')))
  return '/npm/stock-npm'
}

// prettier-ignore
export const packageRows: Row[] = [
  //                                          owner operator security-officer auditor ai-engineer member nobody anonymous
  row('filesGet',                             pullers, async (w) => at('GET', `${await files(w)}/1/file`)),
  row('filesGet of a listing',                pullers, async (w) => at('GET', `${await files(w)}/`)),
  row('filesPut',                             pushers, async (w) => at('PUT', `${await files(w)}/${w.fresh('v')}/file`, Buffer.from('y'))),
  row('filesDelete',                          pushers, async (w) => at('DELETE', `${await files(w)}/1/file`)),
  row('pypiGet of an index',                  pullers, async (w) => at('GET', `${await pypi(w)}/simple/thing/`)),
  row('pypiGet of a file',                    pullers, async (w) => at('GET', `${await pypi(w)}/files/thing/1.0/thing-1.0.tar.gz`)),
  row('pypiUpload',                           pushers, async (w) => { await pypi(w); return upload(w.fresh('9').replace('-', '.')) }),
  row('pypiYank',                             pushers, async (w) => at('PUT', `${await pypi(w)}/files/thing/1.0/yanked`, Buffer.from('leaks'))),
  row('pypiDelete',                           pushers, async (w) => at('DELETE', `${await pypi(w)}/files/thing/1.0`)),
  row('pypiDelete of a mark',                 pushers, async (w) => at('DELETE', `${await pypi(w)}/files/thing/1.0/yanked`)),
  row('npmGet of a package',                  pullers, async (w) => at('GET', `${await npm(w)}/thing`)),
  row('npmGet of a tarball',                  pullers, async (w) => at('GET', `${await npm(w)}/thing/-/thing-1.0.0.tgz`)),
  row('npmGet of who one is',                 pullers, async (w) => at('GET', `${await npm(w)}/-/whoami`)),
  row('npmPut of a version',                  pushers, async (w) => { await npm(w); return published(`9.0.${w.fresh('v').split('-')[1]}`) }),
  row('npmPut of a name',                     pushers, async (w) => at('PUT', `${await npm(w)}/-/package/thing/dist-tags/stable`, Buffer.from('"1.0.0"'))),
  row('npmPut of what is to remain',          pushers, async (w) => at('PUT', `${await npm(w)}/thing/-rev/1`, Buffer.from('{"versions":{"1.0.0":{}}}'))),
  row('npmDelete of a name',                  pushers, async (w) => at('DELETE', `${await npm(w)}/-/package/thing/dist-tags/kept`)),
  row('npmDelete of a version',               pushers, async (w) => at('DELETE', `${await npm(w)}/thing/-/thing-1.0.0.tgz/-rev/1`)),
  row('npmDelete of a package',               pushers, async (w) => at('DELETE', `${await npm(w)}/thing/-rev/1`)),
]

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

const tarOf = (path: string, content: Buffer): Buffer => {
  const head = Buffer.alloc(512)
  head.write(path)
  head.write(content.length.toString(8).padStart(11, '0'), 124)
  head.write('0', 156)
  return Buffer.concat([head, content, Buffer.alloc(2048 - 512 - content.length)])
}

const published = (version: string): Request => {
  const manifest = Buffer.from(JSON.stringify({ name: 'thing', version }))
  const tarball = gzipSync(tarOf('package/package.json', manifest))
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

const deb = (version: string): Buffer => {
  const member = (name: string, content: Buffer) =>
    Buffer.concat([Buffer.from(`${name.padEnd(48)}${String(content.length).padEnd(10)}\`\n`), content])
  const control = Buffer.from(`Package: thing\nVersion: ${version}\nArchitecture: all\n`)
  const members = [member('debian-binary', Buffer.from('2.0\n')), member('control.tar', tarOf('./control', control))]
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members])
}

const apt = async (w: World): Promise<string> => {
  await repository(w, 'apt')
  const file = '/apt/stock-apt/pool/stable/main/thing_1.0_all.deb'
  const { status } = await w.send(w.maker, at('GET', file))
  if (status === 404) await ask(w, at('PUT', file, deb('1.0'))) // only then: each one is read in a process of its own
  return '/apt/stock-apt'
}

/** A version no row has put there. */
const next = (w: World): string => `9.0.${w.fresh('v').split('-')[1]}`

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
  row('npmPut of a version',                  pushers, async (w) => { await npm(w); return published(next(w)) }),
  row('npmPut of a name',                     pushers, async (w) => at('PUT', `${await npm(w)}/-/package/thing/dist-tags/stable`, Buffer.from('"1.0.0"'))),
  row('npmPut of what is to remain',          pushers, async (w) => at('PUT', `${await npm(w)}/thing/-rev/1`, Buffer.from('{"versions":{"1.0.0":{}}}'))),
  row('npmDelete of a name',                  pushers, async (w) => at('DELETE', `${await npm(w)}/-/package/thing/dist-tags/kept`)),
  row('npmDelete of a version',               pushers, async (w) => at('DELETE', `${await npm(w)}/thing/-/thing-1.0.0.tgz/-rev/1`)),
  row('npmDelete of a package',               pushers, async (w) => at('DELETE', `${await npm(w)}/thing/-rev/1`)),
  row('aptGet of a list',                     pullers, async (w) => at('GET', `${await apt(w)}/dists/stable/InRelease`)),
  row('aptGet of a package',                  pullers, async (w) => at('GET', `${await apt(w)}/pool/stable/main/thing_1.0_all.deb`)),
  row('aptGet of the key',                    pullers, async (w) => at('GET', `${await apt(w)}/key.asc`)),
  row('aptPut',                               pushers, async (w) => { const version = next(w); return at('PUT', `${await apt(w)}/pool/stable/main/thing_${version}_all.deb`, deb(version)) }),
  row('aptPost',                              pushers, async (w) => at('POST', `${await apt(w)}/pool/stable/main/`, deb(next(w)))),
  row('aptDelete',                            pushers, async (w) => at('DELETE', `${await apt(w)}/pool/stable/main/thing_1.0_all.deb`)),
]

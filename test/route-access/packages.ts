// Who may do what at the doors for packages. Each row asks about a release that the maker put there.
import assert from 'node:assert/strict'
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

// prettier-ignore
export const packageRows: Row[] = [
  //                                          owner operator security-officer auditor ai-engineer member nobody anonymous
  row('filesGet',                             pullers, async (w) => at('GET', `${await files(w)}/1/file`)),
  row('filesGet of a listing',                pullers, async (w) => at('GET', `${await files(w)}/`)),
  row('filesPut',                             pushers, async (w) => at('PUT', `${await files(w)}/${w.fresh('v')}/file`, Buffer.from('y'))),
  row('filesDelete',                          pushers, async (w) => at('DELETE', `${await files(w)}/1/file`)),
]

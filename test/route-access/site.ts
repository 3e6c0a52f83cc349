// Who may do what with records, policy, models in use, conversations and the site itself.
import { awaitLog } from '#audit'
import { systemContext } from '#platform/context.ts'
import type { Caller } from '../app.ts'
import { self } from './own.ts'
import { DELETE, GET, PATCH, POST, row, type Row } from './row.ts'
import { api, deployment, person, type World } from './world.ts'

const open = '+ + + + + + + +'
const signedIn = '+ + + + + + + !'
const readers = '+ h + + h h h !'

// prettier-ignore
export const siteRows: Row[] = [
  //                                     owner operator security-officer auditor ai-engineer member nobody anonymous
  row('auditList',                      readers,           () => GET('/audit')),
  row('auditGet',                       '+ h + + h h h !', () => GET('/audit/entries/0')),
  row('auditProve',                     '+ h + + h h h !', () => GET('/audit/entries/0/proof')),
  row('auditVerify',                    readers,           () => GET('/audit/verify')),
  row('auditExport',                    '+ - + + - - - !',        () => GET('/audit/export')),
  row('auditRebuild',                   '+ + - - - - - !',   () => POST('/audit/rebuild')),
  row('auditCheckpoint',                signedIn,          () => GET('/audit/checkpoint')),
  row('auditConsistency',               signedIn,          () => GET('/audit/consistency?from=1')),
  row('receiptGet of another’s act',    '+ h + + h h h !', () => GET('/receipts/0')),
  row('receiptGet of one’s own act',    signedIn,          async (w, by) => GET(`/receipts/${await ownAct(w, self(w, by))}`)),

  row('roleCatalog',                    signedIn,          () => GET('/roles')),
  row('policyGet',                      signedIn,          () => GET('/policy')),
  row('policyExplain',                  signedIn,          () => POST('/why', { action: 'policy.read' })),
  row('policyWhatIf',                   '+ - + + - - - !',        () => POST('/what-if', {})),
  row('policyExplain of another',       '+ - + + - - - !',        async (w) => POST('/why', { principal: await person(w), action: 'policy.read' })),

  row('siteOverview',                   '+ + + + + h h !', () => GET('/overview')),
  row('siteHealth',                     open,              () => ({ method: 'GET', url: '/healthz' })),
  row('siteReady',                      open,              () => ({ method: 'GET', url: '/readyz' })),
  row('siteMetrics',                    '+ + + + h h h !', () => ({ method: 'GET', url: '/metrics' })),

  row('artifactUpload',                 '+ + - - + - - !', () => ({ ...POST('/uploads', Buffer.from('A file')), headers: { 'content-type': 'application/octet-stream' } })),
  row('gatewayModels',                  '+ + + 0 + + 0 !', async (w) => { await deployed(w); return { method: 'GET', url: '/v1/models' } }),
  row('gatewayModel',                   '+ + + h + + h !', async (w) => ({ method: 'GET', url: `/v1/models/${await deployed(w)}` })),
  row('gatewayChat',                    '+ + + - + + h !', async (w) => ({ method: 'POST', url: '/v1/chat/completions', body: { model: await deployed(w), messages: [{ role: 'user', content: 'Hello' }] } })),

  row('conversationList',               signedIn,          async (w, by) => { await conversation(w, self(w, by)); return GET('/conversations') }),
  row('conversationCreate',             signedIn,          async (w) => POST('/conversations', { model: await deployed(w) })),
  row('conversationGet of one’s own',   signedIn,          async (w, by) => GET(`/conversations/${await conversation(w, self(w, by))}`)),
  row('conversationGet',                'h h h h h h h !', async (w) => GET(`/conversations/${await conversation(w, await stranger(w))}`)),
  row('conversationRename of one’s own', signedIn,         async (w, by) => PATCH(`/conversations/${await conversation(w, self(w, by))}`, { title: 'Renamed' })),
  row('conversationRename',             'h h h h h h h !', async (w) => PATCH(`/conversations/${await conversation(w, await stranger(w))}`, { title: 'Renamed' })),
  row('conversationSay of one’s own',   '+ + + - + + h !', async (w, by) => POST(`/conversations/${await conversation(w, self(w, by))}/messages`, { content: 'Hello' })),
  row('conversationSay',                'h h h h h h h !', async (w) => POST(`/conversations/${await conversation(w, await stranger(w))}/messages`, { content: 'Hello' })),
  row('conversationDelete of one’s own', signedIn,         async (w, by) => DELETE(`/conversations/${await conversation(w, self(w, by))}`)),
  row('conversationDelete',             'h h h h h h h !', async (w) => DELETE(`/conversations/${await conversation(w, await stranger(w))}`)),
]

const stranger = (w: World): Promise<Caller> => w.app.as('member', { name: 'stranger' })

const deployed = async (w: World): Promise<string> => {
  const { body } = await w.maker.get(`${api}/deployments/${await deployment(w)}`)
  return body.name
}

const conversation = async (w: World, by: Caller): Promise<string> =>
  (await by.post(`${api}/conversations`, { model: await deployed(w) })).body.id

/** The place in the log of something the caller did. */
const ownAct = async (w: World, by: Caller): Promise<string> => {
  await by.patch(`${api}/me`, { displayName: w.fresh('Named ') })
  await awaitLog(systemContext(w.app.app.site, 'test'))
  const { body } = await w.maker.get(`${api}/audit?limit=20`)
  return String(body.items.find(({ actor }: { actor: string }) => actor === by.userId).index)
}

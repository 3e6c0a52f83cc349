// Who may do what with guardrails, what is exempt from them, and what comes of them.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { setType, signSet } from '#guardrails'
import { approve, ask, type Approver } from '../approvals.ts'
import { definition } from '../compliance.ts'
import { DELETE, GET, kind, POST, PUT, row, type Row } from './row.ts'
import { api, callers, resource, type World } from './world.ts'

const local = { guardrail: 'builtin/engine-local' }
const initiative = { title: 'Basics', description: '', category: 'test', version: '1.0.0', guardrails: [local] }
const bound = '+ + + + + h h !'
const decides = '+ - + - - - - !'

// prettier-ignore
export const complianceRows: Row[] = [
  //                                                              owner operator security-officer auditor ai-engineer member nobody anonymous
  ...kind('guardrail', definition(),                      { read: bound, apply: decides }),
  ...kind('initiative', initiative,                       { read: bound, apply: decides }),
  ...kind('guardrail-assignment', { ...local, enforced: false }, { read: bound, apply: decides }),
  ...kind('publisher', () => ({ publicKey: rawKey(generateKeyPairSync('ed25519').publicKey) }),
                                                          { read: '+ h + + h h h !', apply: decides }),
  row('exemptionList',      '+ + + + + 0 0 !', async (w) => { await exemption(w); return GET('/exemptions') }),
  row('exemptionGet',       bound,             async (w) => GET(`/exemptions/${await exemption(w)}`)),
  row('exemptionHistory',   bound,             async (w) => GET(`/exemptions/${await exemption(w)}/history`)),
  row('exemptionApply',     'a - a - - - - !', async (w) => PUT('/exemptions', await exempting(w))),
  row('exemptionDelete',    '+ - + - - h h !', async (w) => DELETE(`/exemptions/${await exemption(w)}`)),

  row('guardrailLibrary',   '+ + + + + + + !', () => GET('/guardrail-library')),
  row('guardrailTry',       bound,             () => POST('/guardrails/try', { definition: definition() })),
  row('guardrailSetImport', decides,           async (w) => POST('/guardrail-sets', await nextSet(w))),
]

const rawKey = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')

const exempting = async (w: World) => ({
  name: w.fresh('exempt'),
  spec: {
    assignment: await resource(w, 'guardrail-assignments', () => ({
      name: w.fresh('assigned'),
      spec: { ...local, enforced: false },
    })),
    category: 'waived',
    reason: 'Needed',
    expiresAt: new Date(w.app.app.site.clock.now().getTime() + 86_400_000).toISOString(),
  },
})

/** Agreed to by the security officer among the callers, since nobody exempts alone. */
const exemption = (w: World): Promise<string> =>
  w.there('exemption', async () => {
    const body = await exempting(w)
    const officer = w.who[callers.indexOf('security-officer')] as Approver // each of them has a passkey
    await approve(officer, await ask(w.maker, { operationId: 'exemptionApply', body }))
    return (await w.maker.get(`${api}/exemptions/${body.name}`)).body.id
  })

const keys = generateKeyPairSync('ed25519')

/** Newer than the one before, by a publisher that is trusted. */
const nextSet = async (w: World) => {
  await w.there('trusted', async () => {
    const made = await w.maker.put(`${api}/publishers`, { name: 'trusted', spec: { publicKey: rawKey(keys.publicKey) } })
    return made.body.resource.id
  })
  const sequence = Number(w.fresh('set').slice('set-'.length)) + 1
  const set = {
    type: setType,
    v: 1,
    publisher: 'trusted',
    sequence,
    version: '1.0.0',
    issuedAt: '2026-01-01T00:00:00Z',
    guardrails: { purpose: definition() },
    initiatives: {},
  }
  return signSet(set as never, (bytes) => sign(null, bytes, keys.privateKey)) // of the form that is signed
}

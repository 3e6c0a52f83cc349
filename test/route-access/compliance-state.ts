// Who may see how it stands, have it judged, vouch for it and have it put right.
import { putGuardrail, putGuardrailAssignment } from '#guardrails'
import { atomically, systemContext } from '#platform/context.ts'
import { resolveScope } from '#policy'
import { judged as judgeUntilNow } from '../compliance-state.ts'
import { definition, guardrail } from '../compliance-state.ts'
import { GET, POST, row, type Row } from './row.ts'
import { api, ownFolder, type World } from './world.ts'

const signedIn = '+ + + + + + + !'
const seen = '+ + + + + 0 0 !'

// prettier-ignore
export const complianceStateRows: Row[] = [
  //                            owner operator security-officer auditor ai-engineer member nobody anonymous
  row('complianceGet',         signedIn,          () => GET('/compliance')),
  row('complianceHistory',     seen,              async (w) => { await judged(w); return GET('/compliance/history') }),
  row('complianceVerdicts',    seen,              async (w) => { await judged(w); return GET('/compliance/verdicts') }),
  row('complianceTransitions', seen,              async (w) => { await judged(w); return GET('/compliance/transitions') }),
  row('complianceSweep',       '+ - + - - - - !', () => POST('/compliance/sweep', {})),
  row('complianceAttest',      '+ - + - - - - !', async (w) => POST('/compliance/attestations', { assignment: 'assigned_manual', guardrail, resource: await judged(w), statement: 'I saw it', expiresAt: inAnHour(w) })),
  row('attestationList',       seen,              async (w) => { await attested(w); return GET('/compliance/attestations') }),
  row('attestationWithdraw',   '+ - + - - h h !', async (w) => POST(`/compliance/attestations/${await attested(w)}/withdraw`, { reason: 'I was wrong' })),
  row('remediationStart',      '+ - + - - - h !', async (w) => { await judged(w); return POST('/remediations', { assignment: 'assigned_remediate' }) }),
  row('remediationStart dry',  '+ - + - - - h !', async (w) => { await judged(w); return POST('/remediations', { assignment: 'assigned_remediate', dryRun: true }) }),
  row('remediationList',       seen,              async (w) => { await remediation(w); return GET('/remediations') }),
  row('remediationGet',        '+ + + + + h h !', async (w) => GET(`/remediations/${await remediation(w)}`)),
  row('remediationStop',       '+ - + - - - - !', async (w) => POST(`/remediations/${await remediation(w)}/stop`)),
]

const remediation = (w: World): Promise<string> =>
  w.there('remediation', async () => {
    await judged(w)
    const { body } = await w.maker.get(`${api}/remediations`)
    return body.items[0]?.id ?? (await w.maker.post(`${api}/remediations`, { assignment: 'assigned_remediate' })).body.id
  })

const inAnHour = (w: World): string => new Date(w.app.app.site.clock.now().getTime() + 3_600_000).toISOString()

const attested = async (w: World): Promise<string> => {
  const body = {
    assignment: 'assigned_manual',
    guardrail,
    resource: await judged(w),
    statement: 'I saw it',
    expiresAt: inAnHour(w),
  }
  return (await w.maker.post(`${api}/compliance/attestations`, body)).body.id
}

/** A project that guardrails are about, and that became what they want. */
const judged = (w: World): Promise<string> =>
  w.there('judged', async () => {
    const ctx = systemContext(w.app.app.site, 'test')
    const scope = await ownFolder(w)
    await atomically(ctx, async (tx) => {
      await putGuardrail(tx, { id: guardrail, definition: definition() })
      const scopeId = (await resolveScope(tx, scope)).id
      for (const effect of ['remediate', 'manual'] as const)
        await putGuardrailAssignment(tx, { id: `assigned_${effect}`, scopeId, assignment: { guardrail, effect } })
    })
    const put = (labels: object, name = 'judged') => w.maker.put(`${api}/projects`, { scope, name, labels, spec: {} })
    await put({}, 'left')
    await put({})
    await judgeUntilNow(ctx)
    const { body } = await put({ purpose: 'payroll' })
    await judgeUntilNow(ctx)
    return body.resource.id
  })

// Who may do what with the inventory.
import { DELETE, GET, kind, POST, PUT, row, type Row } from './row.ts'
import { signedBy } from './own.ts'
import {
  absentServer,
  artifact,
  changeSet,
  elevation,
  eligible,
  folder,
  lowest,
  model,
  newPerson,
  ownFolder,
  person,
  project,
  scheme,
} from './world.ts'

const signedIn = '+ + + + + + + !'

// prettier-ignore
export const resourceRows: Row[] = [
  //                                                              owner operator security-officer auditor ai-engineer member nobody anonymous
  ...kind('folder', {},                                   { read: '+ + + + + + h !', apply: '+ + - - - - - !' }),
  ...kind('project', {},                                  { read: '+ + + + + + h !', apply: '+ + - - - - - !' }),
  ...kind('view', { query: 'kind:folder' },               { read: '+ + + + + + h !', apply: '+ + + - + - - !' }),
  ...kind('lock', async (w) => ({ effect: 'cannot-delete', resource: await project(w) }),
                                                          { read: '+ + + + + h h !', apply: '+ + + - - - - !', delete: '+ - + - - - - !' }),
  ...kind('model', async (w) => ({ digest: await artifact(w) }),
                                                          { read: '+ + + + + + h !', apply: '+ + - - + - - !' }),
  ...kind('deployment', absentServer,                     { read: '+ + + + + + h !', apply: '+ + - - + - - !' }),
  ...kind('role-assignment', async (w) => ({ principal: await person(w), role: 'member' }),
                                                          { read: '+ + + + h h h !', apply: '+ - + - - - - !' }),
  ...kind('approval-rule', { actions: ['lock.delete'], quorum: 1 },
                                                          { read: '+ + + + h h h !', apply: '+ - + - - - h !', delete: 'a - a - - - - !', scope: ownFolder }),
  ...kind('role', { title: 'Reader', actions: ['project.read'] },
                                                          { read: '+ + + + h h h !', apply: '+ - + - - - - !', plural: 'custom-roles' }),
  row('elevationList',     '+ 0 + + 0 0 0 !', async (w) => { await elevation(w); return GET('/elevations') }),
  row('elevationActivate', signedIn,          async (w, by) => POST('/elevations', { assignment: await eligible(w, by), seconds: 60, reason: 'Needed' })),
  row('elevationEnd',      '+ h + - h h h !', async (w) => DELETE(`/elevations/${await elevation(w)}`)),
  ...kind('clearance', async (w) => ({ principal: await newPerson(w), level: 'open' }),
                                                          { read: '+ h + + h h h !', apply: '+ - + - - - - !' }),
  row('classificationSchemeList',    signedIn,          async (w) => { await scheme(w); return GET('/classification-schemes') }),
  row('classificationSchemeGet',     signedIn,          async (w) => GET(`/classification-schemes/${await scheme(w)}`)),
  row('classificationSchemeHistory', signedIn,          async (w) => GET(`/classification-schemes/${await scheme(w)}/history`)),
  row('classificationSchemeApply',   '+ - + - - - - !', async (w) => { await scheme(w); return PUT('/classification-schemes', { name: 'levels', spec: lowest }) }),
  row('classificationSchemeDelete',  '+ - + - - - - !', async (w) => DELETE(`/classification-schemes/${await scheme(w)}`)),
  row('folderMove',          '+ + - - - - h !', async (w) => POST(`/folders/${await folder(w)}/move`, { scope: '/' })),
  row('projectMove',         '+ + - - - - h !', async (w) => POST(`/projects/${await project(w)}/move`, { scope: '/' })),
  row('kindList',            signedIn,          () => GET('/kinds')),
  row('resourceApply',       '+ + - - - - - !', (w) => POST('/apply', { resources: [{ kind: 'project', name: w.fresh('applied') }] })),
  row('resourceSearch',      '+ + + + + + 0 !', () => GET('/resources?query=kind:folder')),
  row('inventoryExport',     '+ + + + + - - !', () => GET('/export')),
  row('inventoryDrift',      signedIn,          () => POST('/drift', { documents: [] })),
  row('modelApprove',        '+ - + - - - h !', async (w) => { const { id, digest } = await model(w); return PUT(`/models/${id}/approval`, { digest }) }),
  row('modelApprovalWithdraw', '+ - + - - - h !', async (w) => DELETE(`/models/${(await model(w)).id}/approval`)),
  row('resourceGraph',       '+ + + + + + h !', async (w) => GET(`/graph?resource=${await project(w)}`)),
  row('resourceWatch',       signedIn,          () => GET('/watch')),

  row('changeSetList',                '+ + + + 0 0 0 !', async (w) => { await changeSet(w); return GET('/change-sets') }),
  row('changeSetCreate',              '+ + - - - - h !', async (w) => { await changeSet(w); return POST('/change-sets', { operationId: 'projectApply', body: { scope: '/governed', name: w.fresh('asked'), spec: {} }, reason: 'Needed' }) }),
  row('changeSetGet',                 '+ + + + h h h !', async (w) => GET(`/change-sets/${await changeSet(w)}`)),
  row('changeSetStatement',           '+ + + + h h h !', async (w) => GET(`/change-sets/${await changeSet(w)}/statement`)),
  row('changeSetApprove',             '+ - + - h h h !', async (w, by) => { const id = await changeSet(w); return POST(`/change-sets/${id}/approve`, { signature: await signedBy(w, by, id) }) }),
  row('changeSetRefuse',              '+ - + - h h h !', async (w) => POST(`/change-sets/${await changeSet(w)}/refuse`, { reason: 'Not needed' })),
  row('changeSetWithdraw',            '+ - - - h h h !', async (w) => POST(`/change-sets/${await changeSet(w)}/withdraw`)),
]

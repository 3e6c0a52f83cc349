// Who may do what with people, groups, keys and sessions, and with what is their own.
import { password } from '../app.ts'
import { certificate, enter, keyOf, passkey, secondSession, self, totpCode } from './own.ts'
import { DELETE, GET, PATCH, POST, PUT, row, type Row } from './row.ts'
import { group, invitation, person } from './world.ts'

const open = '+ + + + + + + +'
/** For a site that is set up there is no such door any more. */
const over = 'h h h h h h h h'
const signedIn = '+ + + + + + + !'
const officers = '+ - + - - - - !'

// prettier-ignore
export const peopleRows: Row[] = [
  //                          owner operator security-officer auditor ai-engineer member nobody anonymous
  row('userList',            '+ + + + h h h !', () => GET('/users')),
  row('userGet',             '+ + + + h h h !', async (w) => GET(`/users/${await person(w)}`)),
  row('userGet of oneself',  signedIn,          (_, by) => GET(`/users/${by.userId}`)),
  row('userCreate',          officers,          (w) => POST('/users', { username: w.fresh('new'), displayName: 'New' })),
  row('userUpdate',          officers,          async (w) => PATCH(`/users/${await person(w)}`, { displayName: 'Renamed' })),
  row('userInvite',          officers,          async (w) => POST(`/users/${await person(w)}/invite`)),
  row('userDisable',         officers,          async (w) => POST(`/users/${await person(w)}/disable`)),
  row('userEnable',          officers,          async (w) => POST(`/users/${await person(w)}/enable`)),
  row('userDelete',          officers,          async (w) => DELETE(`/users/${await person(w)}`)),

  row('groupList',           '+ + + + h h h !', async (w) => { await group(w); return GET('/groups') }),
  row('groupGet',            '+ + + + h h h !', async (w) => GET(`/groups/${await group(w)}`)),
  row('groupCreate',         officers,          (w) => POST('/groups', { name: w.fresh('group') })),
  row('groupUpdate',         officers,          async (w) => PATCH(`/groups/${await group(w)}`, { name: w.fresh('renamed') })),
  row('groupMemberAdd',      officers,          async (w) => PUT(`/groups/${await group(w)}/members/${await person(w)}`)),
  row('groupMemberRemove',   officers,          async (w) => DELETE(`/groups/${await group(w)}/members/${await person(w)}`)),
  row('groupDelete',         officers,          async (w) => DELETE(`/groups/${await group(w)}`)),

  row('keyList',                   signedIn,          async (w, by) => { await keyOf(self(w, by)); return GET('/keys') }),
  row('keyList of another',        '+ h + + h h h !', async (w) => { const other = await w.app.as('nobody', { name: 'other' }); await keyOf(other); return GET(`/keys?user=${other.userId}`) }),
  row('keyCreate',                 signedIn,          (w) => POST('/keys', { name: w.fresh('key') })),
  row('keyRevoke',                 '+ - + - - - - !', async (w) => DELETE(`/keys/${await keyOf(await w.app.as('nobody', { name: 'other' }))}`)),
  row('keyRevoke of one’s own',    signedIn,          async (w, by) => DELETE(`/keys/${await keyOf(self(w, by))}`)),
  row('sessionGet',                signedIn,          () => GET('/session')),
  row('sessionList',               signedIn,          () => GET('/sessions')),
  row('sessionList of another',    '+ h + + h h h !', async (w) => GET(`/sessions?user=${(await w.app.as('nobody', { name: 'other' })).userId}`)),
  row('sessionRevoke',             '+ - + - - - - !', async (w) => DELETE(`/sessions/${(await secondSession(w, await w.app.as('nobody', { name: 'other' }))).id}`)),
  row('sessionRevoke of one’s own', signedIn,         async (w, by) => DELETE(`/sessions/${(await secondSession(w, self(w, by))).id}`)),
  row('sessionEnd',                open,              async (w, by) => DELETE('/session', by.userId === 'anonymous' ? {} : (await secondSession(w, by)).headers)),

  row('profileUpdate',         signedIn, () => PATCH('/me', { displayName: 'Renamed' })),
  row('certificateList',       signedIn, async (w, by) => { await w.send(self(w, by), POST('/me/certificates', await certificate(self(w, by)))); return GET('/me/certificates') }),
  row('certificateChallenge',  signedIn, () => POST('/me/certificates/challenge')),
  row('certificateCreate',     signedIn, async (w, by) => POST('/me/certificates', await certificate(self(w, by)))),
  row('certificateDelete',     signedIn, async (w, by) => DELETE(`/me/certificates/${(await w.send(self(w, by), POST('/me/certificates', await certificate(self(w, by))))).body.id}`)),
  row('passkeyList',           signedIn, () => GET('/me/passkeys')),
  row('passkeyOptions',        signedIn, () => POST('/me/passkeys/options')),
  row('passkeyCreate',         signedIn, async (w, by) => POST('/me/passkeys', await passkey(self(w, by)))),
  row('passkeyDelete',         signedIn, async (w, by) => DELETE(`/me/passkeys/${(await w.send(self(w, by), POST('/me/passkeys', await passkey(self(w, by))))).body.id}`)),
  row('passwordSet',           signedIn, () => POST('/me/password', { current: password, password: `${password} still` })),
  row('totpOffer',             signedIn, () => POST('/me/totp')),
  row('totpConfirm',           signedIn, async (w, by) => POST('/me/totp/confirm', { code: await totpCode(self(w, by)) })),
  row('recoveryCodesCreate',   signedIn, () => POST('/me/recovery-codes')),
  row('totpDelete',            signedIn, () => DELETE('/me/totp')),

  row('setupGet',                open, () => GET('/setup')),
  row('setupPasskeyOptions',     over, () => POST('/setup/passkey', { token: 'x', organisation: 'X', username: 'x', displayName: 'X' })),
  row('setupRun',                over, () => POST('/setup', { token: 'x', organisation: 'X', username: 'x', displayName: 'X', password })),
  row('sessionPasskeyOptions',   open, () => POST('/session/passkey/options')),
  row('invitationGet',           open, async (w) => GET(`/invitation?token=${await invitation(w)}`)),
  row('invitationPasskeyOptions', open, async (w) => POST('/invitation/passkey', { token: await invitation(w) })),
  // These end the session they are sent with, so they come last.
  row('sessionCreate',           open, async (w) => POST('/session', { username: (await w.app.as('nobody', { name: 'other' })).username, password })),
  row('sessionPasskeyCreate',    open, async (w) => POST('/session/passkey', { response: await enter(w) })),
  row('invitationAccept',        open, async (w) => POST('/invitation', { token: await invitation(w), password })),
]

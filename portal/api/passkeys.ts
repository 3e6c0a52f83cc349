// Passkey ceremonies: the site makes the options, the browser asks the person, the site checks the answer.
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import { get, post } from './client.ts'
import type { ChangeSetDetail } from './types.ts'

/** Why passkeys cannot be used here; undefined when they can. A bare IP address has no name a passkey could be bound to. */
export const passkeyHindrance = (): string | undefined => {
  if (/^[\d.]+$|^\[/.test(location.hostname)) {
    const port = location.port === '' ? '' : `:${location.port}`
    return `Passkeys need a name, not an IP address.${location.hostname === '127.0.0.1' ? ` Open this page at ${location.protocol}//localhost${port} to use one.` : ''}`
  }
  if (!isSecureContext) return 'Passkeys need a secure connection (https).'
  return browserSupportsWebAuthn() ? undefined : 'This browser does not support passkeys.'
}

export const passkeyAutofill = async (): Promise<boolean> => passkeyHindrance() === undefined && browserSupportsWebAuthnAutofill()

/** `ask` is the door that gives the options: set-up, invitation, or one's own account. */
export const createPasskey = async (ask: string, body?: unknown) =>
  startRegistration({ optionsJSON: await post<PublicKeyCredentialCreationOptionsJSON>(ask, body) })

export const signInWithPasskey = async (autofill = false): Promise<void> => {
  const optionsJSON = await post<PublicKeyCredentialRequestOptionsJSON>('/session/passkey/options', {})
  const response = await startAuthentication({ optionsJSON, useBrowserAutofill: autofill })
  await post('/session/passkey', { response })
}

/** The browser tells "cancelled" and "timed out" alike, so that a site cannot learn who has a passkey. */
export const passkeyDismissed = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError')

/** The passkey signs the digest of the very change that is shown: its challenge is made of it. */
export const signApproval = async (id: string): Promise<ChangeSetDetail> => {
  const { passkey } = await get<{ passkey: PublicKeyCredentialRequestOptionsJSON }>(`/change-sets/${id}/statement`)
  const response = await startAuthentication({ optionsJSON: passkey })
  return post(`/change-sets/${id}/approve`, { signature: { passkey: response } })
}

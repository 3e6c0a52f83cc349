// Why no site answered: a certificate that nobody here vouches for is another matter than silence, and it is shown, so that it can be compared.
import { connect, getCACertificates, setDefaultCACertificates, type DetailedPeerCertificate } from 'node:tls'

/** Trusts one more CA, beside those this machine trusts, from now on. */
export const trust = (pem: string): void => setDefaultCACertificates([...getCACertificates('default'), pem])

const codeOf = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string') return cause.code
  return undefined
}

const lookMsMax = 5_000

/** Looks at what is shown there, and says nothing to it. */
const certificateAt = (url: URL): Promise<DetailedPeerCertificate | undefined> =>
  new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host, port: Number(url.port || 443), servername: host, rejectUnauthorized: false }, () => {
      const shown = socket.getPeerCertificate(true)
      socket.destroy()
      resolve(Object.keys(shown).length > 0 ? shown : undefined)
    })
    socket.setTimeout(lookMsMax, () => socket.destroy())
    socket.on('error', () => {}).on('close', () => resolve(undefined))
  })

const nameIn = (who: DetailedPeerCertificate['subject'] | undefined): string => {
  const { CN, O } = who ?? {}
  const name = CN ?? O
  return typeof name === 'string' ? `“${name}”` : 'nobody named'
}

const untrusted: Record<string, (shown: DetailedPeerCertificate) => string> = {
  CERT_HAS_EXPIRED: ({ valid_to }) => `it ended on ${valid_to}. Its operator has to renew it.`,
  CERT_NOT_YET_VALID: ({ valid_from }) => `it begins on ${valid_from}. Look at the clocks of both machines.`,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ subjectaltname }) =>
    `it is for other names: ${subjectaltname ?? 'none'}. Use one of these, or let the operator set HOLDFAST_PUBLIC_URL.`,
}

const howToTrust = (url: string): string =>
  `Get the certificate of its CA from the operator by a way you trust (\`tls/ca.pem\` in the site's home), then \`holdfast login --ca ca.pem ${url}\` keeps it with your login. NODE_EXTRA_CA_CERTS=ca.pem does it for one command.`

/** OpenSSL's and Node's names for a chain that ends in nobody this machine trusts. */
const unvouched = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA/

export const whyUnreachable = async (address: string, error: unknown): Promise<string> => {
  const code = codeOf(error) ?? ''
  const url = new URL(address)
  const fault = untrusted[code]
  if (fault || unvouched.test(code)) {
    const shown = await certificateAt(url)
    if (!shown) return `The certificate of ${address} is not trusted (${code}). ${howToTrust(address)}`
    const which = `certificate for ${nameIn(shown.subject)} by ${nameIn(shown.issuer)}, SHA-256 ${shown.fingerprint256}`
    return fault
      ? `${address} shows a ${which}: ${fault(shown)}`
      : `${address} shows a certificate that nobody here vouches for: a ${which}. ${howToTrust(address)}`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The name ${url.hostname} has no address here. Look at it, and at name look-up.`
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return `${address} does not speak TLS. If the site is on loopback, its address begins with http://.`
  if (code === 'UND_ERR_SOCKET' && url.protocol === 'http:')
    return `${address} broke the connection off. If the site serves TLS, its address begins with https://.`
  return `No site answers at ${address}. Is it running? \`holdfast up\` starts one.`
}

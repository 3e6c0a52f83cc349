// TLS for every address but loopback: given certificates, or the site's own CA made at first run.
import 'reflect-metadata'
import { createPrivateKey, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { ConfigFault, type Config } from './config.ts'
import { writeFileDurably } from './files.ts'
import { problem } from './problem.ts'

export type ServerCertificate = {
  readonly cert: string
  readonly key: string
  readonly expiresAt: Date
  /** PEM of the site CA, when ours. */ readonly ca?: string
}

const caYears = 20
const serverDays = 397
const renewDaysBefore = 60
const dayMs = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The certificate to serve with, or none on plain loopback. Renews our own before it ends; a given one is the operator's to renew. */
export const serverCertificate = async (config: Config, now: Date): Promise<ServerCertificate | undefined> => {
  if (!config.secure) return undefined
  if (config.tls) {
    const faults = faultsOf(config.tls, now)
    if (faults.length > 0) throw new ConfigFault(faults)
    return { ...config.tls, expiresAt: new Date(new NodeCertificate(config.tls.cert).validTo) }
  }
  x509.cryptoProvider.set(webcrypto as Crypto)
  const folder = join(config.home, 'tls')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const ca = await siteCa(folder, config.siteName, now)
  return await ownCertificate(folder, ca, config, now)
}

/** Where the certificate lies that browsers and clients must be given, when it is ours. */
export const caPath = (config: Config): string | undefined =>
  config.secure && !config.tls ? join(config.home, 'tls', 'ca.pem') : undefined

/** What keeps a given pair from being served with, each by its setting. */
const faultsOf = ({ cert, key }: { cert: string; key: string }, now: Date): string[] => {
  const certificate = readOrNothing(() => new NodeCertificate(cert))
  const privateKey = readOrNothing(() => createPrivateKey(key))
  const faults: string[] = []
  if (!certificate)
    faults.push('HOLDFAST_TLS_CERT holds no certificate: give a PEM file, the site’s own first and after it those that signed it')
  if (!privateKey) faults.push('HOLDFAST_TLS_KEY holds no private key that can be read: give a PEM file without a passphrase')
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    faults.push('HOLDFAST_TLS_KEY is not the key of HOLDFAST_TLS_CERT: give the pair that belongs together')
  if (certificate && new Date(certificate.validTo) <= now)
    faults.push(
      `HOLDFAST_TLS_CERT ended on ${dayOf(new Date(certificate.validTo))}, and no client would take it: give a renewed one (this machine’s clock says ${dayOf(now)})`,
    )
  return faults
}

const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)

const readOrNothing = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined // told by its setting's name, which OpenSSL's own words do not know
  }
}

export const caDamaged = problem('ca-damaged', 500, "The site's own CA cannot be read")

type Ca = { cert: x509.X509Certificate; key: CryptoKey; pem: string }

const siteCa = async (folder: string, siteName: string, now: Date): Promise<Ca> => {
  const paths = { cert: join(folder, 'ca.pem'), key: join(folder, 'ca.key.pem') }
  if (existsSync(paths.cert)) {
    try {
      const pem = readFileSync(paths.cert, 'utf8')
      return { cert: new x509.X509Certificate(pem), key: await importKey(readFileSync(paths.key, 'utf8')), pem }
    } catch (error) {
      throw caDamaged(
        `The site's own CA in ${folder} cannot be read. Put \`ca.pem\` and \`ca.key.pem\` of a backup back. Without one, move the folder away: the next start makes a new CA, which browsers and clients must then be given.`,
        {},
        error,
      )
    }
  }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${siteName} site CA`] }],
    keys: keys as webcrypto.CryptoKeyPair,
    signingAlgorithm: algorithm,
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + caYears * 365 * dayMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  // The key first: a certificate without its key would be found at the next start and could not be used.
  writeFileDurably(paths.key, await exportKey(keys.privateKey as CryptoKey), 0o400)
  writeFileDurably(paths.cert, cert.toString('pem'), 0o644)
  return { cert, key: keys.privateKey as CryptoKey, pem: cert.toString('pem') }
}

const ownCertificate = async (folder: string, ca: Ca, config: Config, now: Date): Promise<ServerCertificate> => {
  const path = join(folder, 'server.pem')
  const names = serverNames(config)
  const stored = storedCertificate(path)
  if (stored && covers(stored.cert, names) && stored.expiresAt.getTime() - now.getTime() > renewDaysBefore * dayMs)
    return { ...stored, ca: ca.pem }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const notAfter = new Date(now.getTime() + serverDays * dayMs)
  const made = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [config.publicUrl.hostname] }],
    issuer: ca.cert.subject,
    publicKey: keys.publicKey,
    signingKey: ca.key,
    signingAlgorithm: algorithm,
    notBefore: new Date(now.getTime() - dayMs),
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: isIP(name) ? 'ip' : 'dns', value: name }))),
      await x509.AuthorityKeyIdentifierExtension.create(ca.cert.publicKey),
    ],
  })
  const cert = made.toString('pem') + '\n'
  const key = await exportKey(keys.privateKey)
  writeFileDurably(path, cert + key, 0o400)
  return { cert, key, expiresAt: notAfter, ca: ca.pem }
}

/** None when it cannot be read: it is made anew, since what is trusted is the CA. */
const storedCertificate = (path: string): Omit<ServerCertificate, 'ca'> | undefined => {
  try {
    const [cert = '', key = ''] = readFileSync(path, 'utf8').split(/(?=-----BEGIN PRIVATE KEY-----)/)
    createPrivateKey(key)
    return { cert, key, expiresAt: new Date(new NodeCertificate(cert).validTo) }
  } catch {
    return undefined
  }
}

const covers = (pem: string, names: readonly string[]): boolean => {
  const cert = new NodeCertificate(pem)
  return names.every((name) => (isIP(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined)
}

const serverNames = (config: Config): string[] => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address.split('%')[0]!),
  )
  return [...new Set([config.publicUrl.hostname.replace(/^\[|\]$/g, ''), 'localhost', '127.0.0.1', hostname(), ...addresses])]
}

const exportKey = async (key: CryptoKey): Promise<string> => {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key as webcrypto.CryptoKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n').trim()}\n-----END PRIVATE KEY-----\n`
}

const importKey = async (pem: string): Promise<CryptoKey> =>
  (await webcrypto.subtle.importKey('pkcs8', Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'), algorithm, false, [
    'sign',
  ])) as CryptoKey

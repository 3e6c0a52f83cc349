// The site's own keys: one master key and one signing key in the home, everything else derived. Readable by the site's user alone.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
} from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileDurably } from './files.ts'
import { problem } from './problem.ts'

export type Secrets = {
  /** HMAC-SHA-256 under a key derived for `purpose`: a plain hash of a short text can be guessed. */
  hmac(purpose: string, data: string | Uint8Array): Buffer
  /** AES-256-GCM under a key derived for `purpose`: 12-byte nonce ‖ ciphertext ‖ 16-byte tag. */
  seal(purpose: string, plain: Uint8Array, bound?: string): Buffer
  unseal(purpose: string, sealed: Uint8Array, bound?: string): Buffer
  /** Ed25519 (RFC 8032) key that signs the log's checkpoints. */
  readonly signing: { sign(data: Uint8Array): Buffer; readonly publicKeyRaw: Buffer }
}

const nonceBytes = 12
const tagBytes = 16

export const keysMissing = problem('keys-missing', 500, "The site's keys are missing")

const masterBytes = 32

/** A `known` site has given its word by these keys already: new ones would sign another log, and leave what is sealed shut for ever. */
export const openSecrets = (home: string, site: 'new' | 'known' = 'new'): Secrets => {
  const folder = join(home, 'secrets')
  const paths = { master: join(folder, 'master.key'), signing: join(folder, 'log-signing.pem') }
  if (site === 'known') refuseMissing(home, Object.values(paths))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const master = readOrCreate(paths.master, () => randomBytes(masterBytes))
  const pem = readOrCreate(paths.signing, () =>
    Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  )
  try {
    if (master.length !== masterBytes) throw new RangeError(`master.key has ${master.length} bytes in place of ${masterBytes}`)
    return secretsFrom(master, pem.toString())
  } catch (error) {
    throw keysMissing(`A key of this site in ${folder} is not what was written there. ${restoreAdvice(home)}`, {}, error)
  }
}

const restoreAdvice = (home: string): string =>
  `Put the folder \`secrets\` of a backup of this home back, with its owner and modes, then start again. No new keys are made for a site that has a log. Without a backup of them nothing can: start a new home with HOLDFAST_HOME, and keep ${home} as evidence.`

const refuseMissing = (home: string, paths: readonly string[]): void => {
  const missing = paths.filter((path) => !existsSync(path))
  if (missing.length > 0)
    throw keysMissing(
      `The database holds a site whose keys are not in the home: ${missing.join(' and ')}. ${restoreAdvice(home)}`,
    )
}

export const secretsFrom = (master: Buffer, signingPem: string): Secrets => {
  const keys = new Map<string, Buffer>()
  const keyFor = (purpose: string): Buffer => {
    const key = keys.get(purpose) ?? Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `holdfast/${purpose}`, 32))
    keys.set(purpose, key)
    return key
  }
  const signingKey = createPrivateKey(signingPem)
  const jwk = createPublicKey(signingKey).export({ format: 'jwk' })
  return {
    hmac: (purpose, data) => createHmac('sha256', keyFor(purpose)).update(data).digest(),
    seal: (purpose, plain, bound = '') => sealWith(keyFor(purpose), plain, bound),
    unseal: (purpose, sealed, bound = '') => unsealWith(keyFor(purpose), sealed, bound),
    signing: { sign: (data) => sign(null, data, signingKey), publicKeyRaw: Buffer.from(jwk.x ?? '', 'base64url') },
  }
}

export const sealWith = (key: Uint8Array, plain: Uint8Array, bound: string): Buffer => {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

export const unsealWith = (key: Uint8Array, sealed: Uint8Array, bound: string): Buffer => {
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(sealed.length - tagBytes))
  return Buffer.concat([cipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), cipher.final()])
}

const readOrCreate = (path: string, make: () => Buffer): Buffer => {
  if (!existsSync(path)) writeFileDurably(path, make(), 0o400)
  return readFileSync(path)
}

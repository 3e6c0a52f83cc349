// Signed notes (C2SP signed-note) and the checkpoints in them (C2SP tlog-checkpoint): what a site signs of its log.
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Secrets } from '#platform/secrets.ts'
import type { Hash } from './merkle.ts'

const ed25519Id = 1
const signatureMark = '— '
const spkiEd25519 = Buffer.from('302a300506032b6570032100', 'hex') // RFC 8410: the fixed head of an Ed25519 public key

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Hash }

/** First four bytes of SHA-256(name ‖ LF ‖ algorithm ‖ key). */
export const keyId = (name: string, publicKeyRaw: Uint8Array): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Buffer.of(ed25519Id)).update(publicKeyRaw).digest().subarray(0, 4)

/** `name+keyid+key`, the form in which Go's note package and others take a verifier key. */
export const verifierKey = (name: string, publicKeyRaw: Uint8Array): string =>
  `${name}+${keyId(name, publicKeyRaw).toString('hex')}+${Buffer.concat([Buffer.of(ed25519Id), publicKeyRaw]).toString('base64')}`

export const checkpointText = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${root.toString('base64')}\n`

export const signCheckpoint = (checkpoint: Checkpoint, { signing }: Secrets): string => {
  const text = checkpointText(checkpoint)
  const signature = Buffer.concat([keyId(checkpoint.origin, signing.publicKeyRaw), signing.sign(Buffer.from(text))])
  return `${text}\n${signatureMark}${checkpoint.origin} ${signature.toString('base64')}\n`
}

/** The checkpoint in a note that `publicKeyRaw` signed under the origin's name; undefined when it did not, or the note is malformed. */
export const openCheckpoint = (note: string, publicKeyRaw: Uint8Array): Checkpoint | undefined => {
  const parts = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n\n((?:— [^\n]+\n)+)$/.exec(note)
  if (!parts) return undefined
  const [, origin = '', size = '', root = '', signatures = ''] = parts
  const checkpoint = { origin, size: Number(size), root: Buffer.from(root, 'base64') }
  const text = Buffer.from(checkpointText(checkpoint))
  const key = createPublicKey({ key: Buffer.concat([spkiEd25519, publicKeyRaw]), format: 'der', type: 'spki' })
  const mine = signatures.split('\n').some((line) => {
    const [name, encoded] = line.slice(signatureMark.length).split(' ')
    const bytes = Buffer.from(encoded ?? '', 'base64')
    return (
      name === origin &&
      bytes.length === 68 &&
      bytes.subarray(0, 4).equals(keyId(origin, publicKeyRaw)) &&
      verify(null, text, key, bytes.subarray(4))
    )
  })
  return mine ? checkpoint : undefined
}

// OpenPGP as far as apt needs it: one Ed25519 key, its certificate, and signatures over text and bytes. RFC 4880 with EdDSA as draft-koch-eddsa-for-openpgp has it.
import { createHash, createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto'

export type PgpKey = {
  /** Forty hexadecimal digits. */
  readonly fingerprint: string
  /** The certificate, armoured, as `signed-by` takes it. */
  readonly publicKey: string
  /** Over the bytes as they are: `Release.gpg`. */
  detached(content: Buffer, at: Date): string
  /** The text with its signature (RFC 4880 §7): `InRelease`. */
  clearsigned(text: string, at: Date): string
}

const packets = { signature: 2, publicKey: 6, userId: 13 }
const kinds = { binary: 0x00, text: 0x01, positiveCertification: 0x13 }
const subpackets = { created: 2, issuer: 16, keyFlags: 27, issuerFingerprint: 33 }
const eddsa = 22
const sha512 = 10
const certifyAndSign = 0x03
/** 1.3.6.1.4.1.11591.15.1. */
const ed25519 = Buffer.from('2b06010401da470f01', 'hex')
/** RFC 8410: what comes before the seed in PKCS #8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const secondsOf = (at: Date): Buffer => u32(Math.floor(at.getTime() / 1000))

/** RFC 4880 §4.2.2 and §5.2.3.1: lengths of packets and of subpackets are written alike. */
const lengthOf = (length: number): Buffer =>
  length < 192
    ? Buffer.from([length])
    : length < 8384
      ? Buffer.from([((length - 192) >> 8) + 192, (length - 192) & 0xff])
      : Buffer.concat([Buffer.from([0xff]), u32(length)])

const packet = (tag: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([0xc0 | tag]), lengthOf(body.length), body])
const subpacket = (type: number, body: Buffer): Buffer => Buffer.concat([lengthOf(body.length + 1), Buffer.from([type]), body])

/** RFC 4880 §3.2: no zeros before it, and its length in bits. */
const integer = (bytes: Buffer): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0)
  const trimmed = first < 0 ? Buffer.alloc(0) : bytes.subarray(first)
  const bits = trimmed.length === 0 ? 0 : (trimmed.length - 1) * 8 + (32 - Math.clz32(trimmed[0]!))
  return Buffer.concat([u16(bits), trimmed])
}

/** The same seed, name and moment make the same key, so that only the seed is kept. */
export const openPgpKey = (seed: Buffer, { userId, createdAt }: { userId: string; createdAt: Date }): PgpKey => {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
  const point = Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url')
  const body = Buffer.concat([
    Buffer.from([4]),
    secondsOf(createdAt),
    Buffer.from([eddsa, ed25519.length]),
    ed25519,
    integer(Buffer.concat([Buffer.from([0x40]), point])),
  ])
  const asHashed = Buffer.concat([Buffer.from([0x99]), u16(body.length), body])
  const fingerprint = createHash('sha1').update(asHashed).digest() // §12.2: the standard's own name for a key, not a protection

  const signature = (kind: number, content: Buffer, at: Date, more: readonly Buffer[] = []): Buffer => {
    const hashed = Buffer.concat([
      subpacket(subpackets.created, secondsOf(at)),
      subpacket(subpackets.issuerFingerprint, Buffer.concat([Buffer.from([4]), fingerprint])),
      ...more,
    ])
    const head = Buffer.concat([Buffer.from([4, kind, eddsa, sha512]), u16(hashed.length), hashed])
    const digest = createHash('sha512')
      .update(content)
      .update(head)
      .update(Buffer.from([4, 0xff]))
      .update(u32(head.length))
      .digest()
    const signed = signWith(null, digest, key)
    const unhashed = subpacket(subpackets.issuer, fingerprint.subarray(-8))
    const values = [integer(signed.subarray(0, 32)), integer(signed.subarray(32))]
    return packet(packets.signature, Buffer.concat([head, u16(unhashed.length), unhashed, digest.subarray(0, 2), ...values]))
  }

  const name = Buffer.from(userId)
  const certified = Buffer.concat([asHashed, Buffer.from([0xb4]), u32(name.length), name])
  const flags = subpacket(subpackets.keyFlags, Buffer.from([certifyAndSign]))
  const certificate = [
    packet(packets.publicKey, body),
    packet(packets.userId, name),
    signature(kinds.positiveCertification, certified, createdAt, [flags]),
  ]
  return {
    fingerprint: fingerprint.toString('hex').toUpperCase(),
    publicKey: armour('PUBLIC KEY BLOCK', Buffer.concat(certificate)),
    detached: (content, at) => armour('SIGNATURE', signature(kinds.binary, content, at)),
    clearsigned: (text, at) => {
      const lines = text.replace(/\n$/, '').split('\n')
      // §7.1: white space at the end of a line is not signed, lines end in CRLF, and the last line's end is not signed either.
      const signed = lines.map((line) => line.replace(/[ \t\r]+$/, '')).join('\r\n')
      const escaped = lines.map((line) => (line.startsWith('-') ? `- ${line}` : line)).join('\n')
      return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${escaped}\n${armour('SIGNATURE', signature(kinds.text, Buffer.from(signed), at))}`
    },
  }
}

/** RFC 4880 §6.2. */
const armour = (what: string, bytes: Buffer): string => {
  const lines = bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')
  return `-----BEGIN PGP ${what}-----\n\n${lines}\n=${checksum(bytes).toString('base64')}\n-----END PGP ${what}-----\n`
}

/** RFC 4880 §6.1: CRC-24. */
const checksum = (bytes: Buffer): Buffer => {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x1864cfb) & 0xffffff : (crc << 1) & 0xffffff
  }
  return Buffer.from([crc >> 16, (crc >> 8) & 0xff, crc & 0xff])
}

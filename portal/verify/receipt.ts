// Checks a receipt in the browser, by WebCrypto alone: what the page says of a proof is computed here, not told by the server.
// RFC 9162 §2.1.3.2 (inclusion), C2SP signed-note and tlog-checkpoint (signature).

export type Receipt = {
  type: string
  v: number
  origin: string
  entryId: string
  index: number
  leaf: string
  proof: string[]
  checkpoint: string
  publicKey: string
}
export type Step = { name: string; ok: boolean; detail: string }
export type Verdict = { ok: boolean; steps: Step[] }

type Bytes = Uint8Array<ArrayBuffer>

const utf8 = new TextEncoder()
const concat = (...parts: Bytes[]): Bytes => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
const sha256 = async (...parts: Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)))
const equal = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])
const hex = (bytes: Bytes): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const base64 = (text: string, length?: number): Bytes => {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  if (btoa(String.fromCharCode(...bytes)) !== text) throw new Error('it is not base64 in its one proper form')
  if (length !== undefined && bytes.length !== length) throw new Error(`it has ${bytes.length} bytes in place of ${length}`)
  return bytes
}

type Key = { name: string; id: string; key: CryptoKey }

const openKey = async (text: string): Promise<Key> => {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? []
  const bytes = base64(encoded, 33)
  if (bytes[0] !== 1) throw new Error('it is not an Ed25519 key')
  if (hex((await sha256(utf8.encode(`${name}\n`), bytes)).slice(0, 4)) !== id)
    throw new Error('it does not have the id it claims')
  return { name, id, key: await crypto.subtle.importKey('raw', bytes.slice(1), 'Ed25519', false, ['verify']) }
}

const openCheckpoint = async (note: string, key: Key, origin: string): Promise<{ size: number; root: Bytes }> => {
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n\n((?:— [^\n]+\n)+)$/.exec(note)
  if (!match) throw new Error('it does not have the form of a checkpoint')
  const [, name = '', size = '', root = '', signatures = ''] = match
  if (name !== key.name || name !== origin) throw new Error('it is of another log')
  for (const line of signatures.split('\n')) {
    const parts = /^— (\S+) (\S+)$/.exec(line)
    if (!parts || parts[1] !== name) continue
    const bytes = base64(parts[2]!, 68)
    if (
      hex(bytes.slice(0, 4)) === key.id &&
      (await crypto.subtle.verify('Ed25519', key.key, bytes.slice(4), utf8.encode(`${name}\n${size}\n${root}\n`)))
    )
      return { size: Number(size), root: base64(root, 32) }
  }
  throw new Error('its signature is not by this key')
}

const rootFrom = async (leaf: Bytes, index: number, size: number, proof: Bytes[]): Promise<Bytes> => {
  const node = (left: Bytes, right: Bytes) => sha256(Uint8Array.of(1), left, right)
  let hash = leaf
  let fn = index
  let sn = size - 1
  for (const step of proof) {
    if (sn === 0) throw new Error('the proof is too long')
    if (fn % 2 === 1 || fn === sn) {
      hash = await node(step, hash)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else hash = await node(hash, step)
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  if (sn !== 0) throw new Error('the proof is too short')
  return hash
}

const proofMax = 64

/** Step by step, and stops at the first that fails. `key` pins the site's key; without it the receipt's own is used, and the step says so. */
export const verifyReceipt = async (receipt: Receipt, { key: pinned }: { key?: string } = {}): Promise<Verdict> => {
  const steps: Step[] = []
  const step = async <T>(name: string, work: () => Promise<[T, string]>): Promise<T> => {
    try {
      const [value, detail] = await work()
      steps.push({ name, ok: true, detail })
      return value
    } catch (error) {
      steps.push({ name, ok: false, detail: error instanceof Error ? error.message : 'it cannot be understood' })
      throw error
    }
  }
  try {
    const key = await step('Key', async () => {
      const opened = await openKey(pinned ?? receipt.publicKey)
      return [
        opened,
        pinned === undefined
          ? `${opened.name}, key ${opened.id}: from the receipt itself. Compare it with the site's key.`
          : `${opened.name}, key ${opened.id}: the one you trust`,
      ]
    })
    const checkpoint = await step('Signature', async () => {
      const opened = await openCheckpoint(receipt.checkpoint, key, receipt.origin)
      return [opened, `The site signed a log of ${opened.size} entries`]
    })
    const leaf = await step('Inclusion', async () => {
      const bytes = base64(receipt.leaf)
      if (!Number.isSafeInteger(receipt.index) || receipt.index < 0 || receipt.index >= checkpoint.size)
        throw new Error('the entry lies outside the signed log')
      if (receipt.proof.length > proofMax) throw new Error('the proof is too long')
      const root = await rootFrom(
        await sha256(Uint8Array.of(0), bytes),
        receipt.index,
        checkpoint.size,
        receipt.proof.map((hash) => base64(hash, 32)),
      )
      if (!equal(root, checkpoint.root)) throw new Error('the proof does not lead from this entry to the signed root')
      return [bytes, `Entry ${receipt.index} is in it, by ${receipt.proof.length} hashes`]
    })
    await step('Entry', async () => {
      const entry = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(leaf)) as { id?: unknown } // checked next
      if (entry.id !== receipt.entryId) throw new Error('the receipt names another entry than the one it proves')
      return [entry, 'It is the entry the receipt names']
    })
    return { ok: true, steps }
  } catch {
    return { ok: false, steps }
  }
}

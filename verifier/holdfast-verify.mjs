#!/usr/bin/env node
// Verifies a receipt or a whole exported log of a Holdfast site, with nothing but this file and Node ≥ 20: no network, no other code.
// Usage: node holdfast-verify.mjs FILE [--key NAME+ID+KEY]
// Ends with 0 when everything holds, 1 when something does not, 2 when it was called wrongly.
//
// What it checks
//   receipt   leaf → Merkle root by the inclusion proof (RFC 6962 §2.1.1) → the root the checkpoint names → the checkpoint's Ed25519 signature
//   log       every leaf → Merkle root (RFC 6962 §2.1) → the same
// What it cannot know: whether the key in the file is the site's. Give the key you got from the site by another way with --key.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'

const receiptBytesMax = 256 * 1024
const lineBytesMax = 64 * 1024

class NotVerified extends Error {}
const fail = (text) => {
  throw new NotVerified(text)
}
const say = (text) => console.log(text)

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leafHash = (leaf) => sha256(Buffer.of(0), leaf)
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right)

const base64 = (text, what, length) => {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) fail(`${what} is not base64`)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) fail(`${what} is not base64 in its one proper form`)
  if (length !== undefined && bytes.length !== length) fail(`${what} has ${bytes.length} bytes in place of ${length}`)
  return bytes
}

// A verifier key: name+id+base64(algorithm ‖ key), where id is the first four bytes of SHA-256(name LF algorithm ‖ key). (C2SP signed-note)
const parseKey = (text) => {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text ?? '')
  if (!match) fail('the key does not have the form NAME+ID+KEY')
  const [, name, id, encoded] = match
  const bytes = base64(encoded, 'the key', 33)
  if (bytes[0] !== 1) fail('the key is not an Ed25519 key')
  if (sha256(`${name}\n`, bytes).subarray(0, 4).toString('hex') !== id) fail('the key does not have the id it claims')
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)])
  return { name, id, text, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) }
}

// A checkpoint: origin, size, root, an empty line, signatures. (C2SP tlog-checkpoint)
const openCheckpoint = (note, key, origin) => {
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n\n((?:— [^\n]+\n)+)$/.exec(note ?? '')
  if (!match) fail('the checkpoint does not have the form of one')
  const [, name, size, root, signatures] = match
  if (name !== key.name || name !== origin) fail(`the checkpoint is of ${name}, the key of ${key.name}, the file of ${origin}`)
  const text = Buffer.from(`${name}\n${size}\n${root}\n`)
  const good = signatures.split('\n').some((line) => {
    const parts = /^— (\S+) (\S+)$/.exec(line)
    if (!parts || parts[1] !== name) return false
    const bytes = Buffer.from(parts[2], 'base64')
    return (
      bytes.length === 68 &&
      bytes.toString('base64') === parts[2] &&
      bytes.subarray(0, 4).toString('hex') === key.id &&
      verify(null, text, key.key, bytes.subarray(4))
    )
  })
  if (!good) fail('the checkpoint is not signed by this key')
  return { size: Number(size), root: base64(root, 'the root', 32) }
}

// RFC 9162 §2.1.3.2
const rootFrom = (hash, index, size, proof) => {
  let fn = index
  let sn = size - 1
  for (const step of proof) {
    if (sn === 0) fail('the proof is too long')
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(step, hash)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else hash = nodeHash(hash, step)
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) fail('the proof is too short')
  return hash
}

const parseJson = (text, what) => {
  try {
    return JSON.parse(text)
  } catch {
    return fail(`${what} is not JSON`)
  }
}

const chooseKey = (inFile, given) => {
  const key = parseKey(given ?? inFile)
  if (given === undefined)
    say(
      `  ! the key is the one in the file: ${key.text}\n    Compare it with the key you got from the site by another way, or give that one with --key.`,
    )
  else if (inFile !== given) say('  ! the file names another key; yours was used')
  return key
}

const verifyReceipt = (receipt, given) => {
  if (receipt.v !== 1 || !Array.isArray(receipt.proof) || receipt.proof.length > 64)
    fail('the receipt does not have the form of one')
  const key = chooseKey(receipt.publicKey, given)
  const checkpoint = openCheckpoint(receipt.checkpoint, key, receipt.origin)
  say(`  ✓ checkpoint of ${checkpoint.size} entries, signed by ${key.name} (key ${key.id})`)
  const leaf = base64(receipt.leaf, 'the leaf')
  const { index } = receipt
  if (!Number.isSafeInteger(index) || index < 0 || index >= checkpoint.size)
    fail(`entry ${index} is not within ${checkpoint.size} entries`)
  const proof = receipt.proof.map((hash, i) => base64(hash, `hash ${i} of the proof`, 32))
  if (!rootFrom(leafHash(leaf), index, checkpoint.size, proof).equals(checkpoint.root))
    fail('the proof does not lead from this entry to the signed root')
  say(`  ✓ entry ${index} is in that log, by a proof of ${proof.length} hashes`)
  const entry = parseJson(leaf.toString('utf8'), 'the entry')
  if (entry.id !== receipt.entryId) fail('the receipt names another entry than the one it proves')
  say(`\n${JSON.stringify(entry, null, 2)}`)
}

const verifyLog = async (path, given) => {
  let key
  let checkpoint
  let count = 0
  const stack = [] // complete subtrees, left to right: {size, hash}
  const ids = new Set()
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line.length > lineBytesMax) fail(`line ${count + 2} is longer than ${lineBytesMax} bytes`)
    const row = parseJson(line, `line ${count + 2}`)
    if (!checkpoint) {
      if (row.type !== 'holdfast-log' || row.v !== 1) fail('the file does not begin like an exported log')
      key = chooseKey(row.publicKey, given)
      checkpoint = openCheckpoint(row.checkpoint, key, row.origin)
      say(`  ✓ checkpoint of ${checkpoint.size} entries, signed by ${key.name} (key ${key.id})`)
      continue
    }
    if (row.i !== count) fail(`entry ${count} is missing: entry ${row.i} stands in its place`)
    const leaf = base64(row.leaf, `entry ${count}`)
    const { id } = parseJson(leaf.toString('utf8'), `entry ${count}`)
    if (ids.has(id)) fail(`entry ${count} has the id of an earlier one`)
    ids.add(id)
    let node = { size: 1, hash: leafHash(leaf) }
    while (stack.at(-1)?.size === node.size) {
      const left = stack.pop()
      node = { size: node.size * 2, hash: nodeHash(left.hash, node.hash) }
    }
    stack.push(node)
    count++
  }
  if (!checkpoint) fail('the file is empty')
  if (count !== checkpoint.size) fail(`the file holds ${count} entries, the checkpoint is of ${checkpoint.size}`)
  const root = stack.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right))
  if (!root.equals(checkpoint.root))
    fail('the entries do not give the signed root: at least one was changed, added or taken away')
  say(`  ✓ all ${count} entries give the signed root ${checkpoint.root.toString('base64')}`)
}

const main = async (args) => {
  const keyAt = args.indexOf('--key')
  const given = keyAt >= 0 ? args.splice(keyAt, 2)[1] : undefined
  if (args.length !== 1 || (keyAt >= 0 && given === undefined)) {
    console.error('usage: node holdfast-verify.mjs RECEIPT.json|LOG.ndjson [--key NAME+ID+KEY]')
    return 2
  }
  const [path] = args
  try {
    const { size } = statSync(path)
    say(path)
    const start = size <= receiptBytesMax ? readFileSync(path, 'utf8') : ''
    const receipt =
      start.trimStart().startsWith('{') && !start.includes('"holdfast-log"') ? parseJson(start, 'the file') : undefined
    if (receipt?.type === 'holdfast-receipt') verifyReceipt(receipt, given)
    else await verifyLog(path, given)
    say('\nVERIFIED')
    return 0
  } catch (error) {
    if (error instanceof NotVerified) say(`  ✗ ${error.message}\n\nNOT VERIFIED`)
    else if (error.code === 'ENOENT') return (console.error(`There is no file ${path}.`), 2)
    else say(`  ✗ the file cannot be understood (${error.message})\n\nNOT VERIFIED`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))

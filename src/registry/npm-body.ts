// What `npm publish` sends: JSON with the tarball in it as text. The text is taken out as it passes, so that a large tarball is never held.
import { invalid, tooLarge } from '#platform/problem.ts'

/** Longer than any text of a manifest that is not the tarball. */
const longBytes = 1024 ** 2
/** Of everything but a long tarball. */
export const documentBytesMax = 4 * 1024 ** 2

const [quote, backslash] = [0x22, 0x5c]

/** In place of the long text, in the JSON that remains. */
export const takenOut = '(taken out)'

/**
 * The JSON that remains, as text. `take` is given the first text longer than a megabyte, decoded from base64, and must read it to its end; a second one is
 * refused, as is a document that is too long without it.
 */
export const readPublished = async (
  source: AsyncIterable<Buffer>,
  take: (content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<string> => {
  const next = nextOf(source)
  let kept: Buffer[] = []
  const seen: Seen = { bytes: 0, textAt: undefined, escaped: false }
  let taken = false
  for (let chunk = await next(); chunk !== undefined; chunk = chunk.length > 0 ? chunk : await next()) {
    look(chunk, seen)
    kept.push(chunk)
    chunk = Buffer.alloc(0)
    if ((seen.textAt ?? seen.bytes) > documentBytesMax) throw tooLong()
    if (seen.textAt === undefined || seen.bytes - seen.textAt <= longBytes) continue
    if (taken) throw invalid('The document holds two texts longer than a megabyte; one tarball at a time.')
    taken = true
    const all = Buffer.concat(kept)
    const long = longText(all.subarray(seen.textAt), next)
    await take(decoded(long.content))
    kept = [all.subarray(0, seen.textAt), Buffer.from(`${takenOut}"`)]
    Object.assign(seen, { bytes: kept[0]!.length + kept[1]!.length, textAt: undefined })
    chunk = long.rest()
  }
  if (seen.textAt !== undefined) throw invalid('The document ends within a text.')
  return Buffer.concat(kept).toString('utf8')
}

const tooLong = () =>
  tooLarge(`What describes a package has at most ${documentBytesMax} bytes, besides its tarball.`, { bytesMax: documentBytesMax })

/** How many bytes were looked at, and where the text begins that they end in. */
type Seen = { bytes: number; textAt: number | undefined; escaped: boolean }

const look = (chunk: Buffer, seen: Seen): void => {
  for (let at = 0; at < chunk.length; at++) {
    const byte = chunk[at]
    if (seen.escaped) seen.escaped = false
    else if (byte === backslash) seen.escaped = seen.textAt !== undefined
    else if (byte === quote) seen.textAt = seen.textAt === undefined ? seen.bytes + at + 1 : undefined
  }
  seen.bytes += chunk.length
}

type Next = () => Promise<Buffer | undefined>

const nextOf = (source: AsyncIterable<Buffer>): Next => {
  const chunks = source[Symbol.asyncIterator]()
  return async () => {
    const { value, done } = await chunks.next()
    return done === true ? undefined : (value as Buffer)
  }
}

const longText = (start: Buffer, next: Next) => {
  let rest = Buffer.alloc(0) as Buffer
  const content = (async function* () {
    for (let bytes: Buffer | undefined = start; bytes !== undefined; bytes = await next()) {
      const ends = bytes.indexOf(quote)
      if (ends >= 0) {
        rest = bytes.subarray(ends + 1)
        yield bytes.subarray(0, ends)
        return
      }
      yield bytes
    }
    throw invalid('The document ends within a text.')
  })()
  return { content, rest: () => rest }
}

/** Base64 without a fault: a byte that is none of its alphabet, or padding within, is refused and not passed over. */
async function* decoded(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let over = ''
  for await (const chunk of text) {
    const all = over + chunk.toString('latin1')
    const whole = all.length - (all.length % 4)
    // The last four may be padded, and are the last only when nothing comes after.
    const sure = whole === all.length ? whole - 4 : whole
    if (sure > 0) yield decodeBase64(all.slice(0, sure), false)
    over = all.slice(Math.max(0, sure))
  }
  yield decodeBase64(over, true)
}

export const decodeBase64 = (text: string, padded = true): Buffer => {
  if (text.length % 4 !== 0 || !(padded ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(text))
    throw invalid('The tarball is not written in base64.')
  return Buffer.from(text, 'base64')
}

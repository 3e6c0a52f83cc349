// Forms with files (RFC 7578), read as they arrive: a file of gigabytes passes through and is never held.
import { invalid, tooLarge } from '#platform/problem.ts'

export type Part = { readonly name: string; readonly filename: string | undefined; readonly content: AsyncIterable<Buffer> }

const headBytesMax = 8 * 1024
const partsMax = 2_000

export const boundaryOf = (contentType: string | undefined): string => {
  const found = /^multipart\/form-data;(?:.*;)?\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? '')
  const boundary = found?.[1] ?? found?.[2]
  if (boundary === undefined) throw invalid('Send a form: multipart/form-data with a boundary.')
  return boundary
}

/** Each part's content must be read before the next is asked for. Throws where the form ends early or is none. */
export async function* readForm(source: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const reader = readerOf(source)
  for await (const _before of reader.until(`\r\n--${boundary}`, headBytesMax));
  for (let count = 0; ; count++) {
    if (count > partsMax) throw tooLarge(`A form has at most ${partsMax} parts.`, { partsMax })
    const ahead = await reader.take(2)
    if (ahead === '--') return
    if (ahead !== '\r\n') throw invalid('The form is not of its form: a boundary is followed by something else.')
    // The line break before it belongs to the head of the first header, so that a head without any ends at once.
    const head = await headOf(reader.until('\r\n\r\n', headBytesMax))
    let read = false
    const content = (async function* () {
      yield* reader.until(`\r\n--${boundary}`)
      read = true
    })()
    yield { ...namesOf(head), content }
    if (!read) for await (const _rest of content);
  }
}

const headOf = async (chunks: AsyncIterable<Buffer>): Promise<string> => {
  const head: Buffer[] = []
  for await (const chunk of chunks) head.push(chunk)
  return Buffer.concat(head).toString('utf8')
}

const namesOf = (head: string): Pick<Part, 'name' | 'filename'> => {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? ''
  const named = (what: string): string | undefined =>
    new RegExp(`(?:^|;)\\s*${what}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(disposition)?.[1]?.replaceAll(/\\(.)/g, '$1')
  const name = named('name')
  if (name === undefined) throw invalid('A part of the form has no name.')
  return { name, filename: named('filename') }
}

type Reader = {
  /** What comes before the mark; the mark is taken too. */
  until(mark: string, bytesMax?: number): AsyncGenerator<Buffer>
  take(bytes: number): Promise<string>
}

const readerOf = (source: AsyncIterable<Buffer>): Reader => {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.from('\r\n') // a form begins with a boundary, as if after a line
  const more = async (): Promise<void> => {
    const { value, done } = await chunks.next()
    if (done === true) throw invalid('The form ends early.')
    held = held.length === 0 ? (value as Buffer) : Buffer.concat([held, value as Buffer])
  }
  return {
    async *until(mark, bytesMax) {
      const sought = Buffer.from(mark)
      let given = 0
      for (;;) {
        const at = held.indexOf(sought)
        const sure = at >= 0 ? at : Math.max(0, held.length - sought.length + 1)
        if (bytesMax !== undefined && (given += sure) > bytesMax)
          throw invalid(`A head in the form has more than ${bytesMax} bytes.`)
        const out = held.subarray(0, sure)
        held = held.subarray(at >= 0 ? at + sought.length : sure)
        if (out.length > 0) yield out
        if (at >= 0) return
        await more()
      }
    },
    async take(bytes) {
      while (held.length < bytes) await more()
      const taken = held.subarray(0, bytes).toString('latin1')
      held = held.subarray(bytes)
      return taken
    },
  }
}

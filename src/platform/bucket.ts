// Blobs in a bucket of an S3-compatible server, under the same names as files have: `sha256/ab/abcd…`. An object appears whole or not at all, and is never
// overwritten but by content that mends it.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import {
  eachInXml,
  inXml,
  s3Caller,
  storeRefused,
  storeUnreachable,
  type FilePart,
  type S3Caller,
  type S3Settings,
} from './s3-call.ts'

/** A larger file goes up in parts of this size, or larger where there would be more than S3 takes. */
export const partBytes = 64 * 1024 ** 2
const partsMax = 10_000
const prefix = 'sha256/'

export type Listed = { readonly key: string; readonly sizeBytes: number; readonly since: Date }
export type Got = { readonly body: Readable; readonly start: number; readonly length: number; readonly sizeBytes: number }

export type Bucket = {
  readonly settings: S3Settings
  size(key: string): Promise<number | undefined>
  /** Undefined where nothing is; the stream fails when it ends before its length. */
  get(key: string, range?: { start?: number | undefined; end?: number | undefined }): Promise<Got | undefined>
  /** False where something is there already, unless it is to be overwritten. */
  put(key: string, path: string, options: { sha256: string; overwrite: boolean }): Promise<boolean>
  remove(key: string): Promise<void>
  list(below: string): AsyncGenerator<Listed>
  /** Uploads in parts that someone began and nobody will end. */
  abortLeft(): Promise<number>
  close(): void
}

export const openBucket = (settings: S3Settings, now: () => Date): Bucket => {
  const { call, told, close } = s3Caller(settings, now)
  const size = async (key: string): Promise<number | undefined> => {
    const { reply } = await told({ method: 'HEAD', key, also: [404] })
    if (reply.statusCode !== 404) return Number(reply.headers['content-length'])
    await told({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } }) // a bucket that is not there is no missing blob
    return undefined
  }
  return {
    settings,
    size,
    async get(key, { start, end } = {}) {
      const range = start === undefined && end === undefined ? {} : { range: `bytes=${start ?? 0}-${end ?? ''}` }
      const reply = await call({ method: 'GET', key, headers: range, also: [404, 416] })
      if (reply.statusCode === 404 || reply.statusCode === 416) {
        const code = inXml(await text(reply), 'Code')
        if (code === 'NoSuchBucket') throw storeRefused(`The object store has no bucket ${settings.bucket}.`)
        return reply.statusCode === 404
          ? undefined
          : { body: Readable.from([]), start: start ?? 0, length: 0, sizeBytes: start ?? 0 }
      }
      return gotOf(reply, { start: start ?? 0, end, asked: 'range' in range })
    },
    async put(key, path, { sha256, overwrite }) {
      const { size: sizeBytes } = await stat(path)
      const file = { key, path, sizeBytes, sha256, overwrite }
      const done = await (sizeBytes <= partBytes ? putWhole(told, file) : putInParts(told, file))
      if (done && (await size(key)) !== sizeBytes)
        throw storeUnreachable(`The object store took ${key} and does not hold it whole.`)
      return done
    },
    async remove(key) {
      await told({ method: 'DELETE', key, also: [404] })
    },
    list: (below) => list(told, below),
    abortLeft: () => abortLeft(told),
    close,
  }
}

type Told = S3Caller['told']
type File = { key: string; path: string; sizeBytes: number; sha256: string; overwrite: boolean }

const unlessThere = (overwrite: boolean): Record<string, string> => (overwrite ? {} : { 'if-none-match': '*' })

const putWhole = async (told: Told, { key, path, sizeBytes, sha256, overwrite }: File): Promise<boolean> => {
  const { reply } = await told({
    method: 'PUT',
    key,
    body: { path, start: 0, length: sizeBytes, sha256 },
    headers: { 'x-amz-checksum-sha256': base64Of(sha256), ...unlessThere(overwrite) },
    also: [409, 412],
  })
  return taken(reply)
}

const putInParts = async (told: Told, file: File): Promise<boolean> => {
  const { key, overwrite } = file
  const begun = await told({ method: 'POST', key, query: { uploads: '' }, headers: { 'x-amz-checksum-algorithm': 'SHA256' } })
  const uploadId = inXml(begun.said, 'UploadId')
  if (uploadId === undefined) throw storeRefused('The object store began an upload and did not say which.')
  const abort = () => told({ method: 'DELETE', key, query: { uploadId }, also: [404] })
  try {
    const parts = await putParts(told, file, uploadId)
    const { reply, said } = await told({
      method: 'POST',
      key,
      query: { uploadId },
      body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
      headers: unlessThere(overwrite),
      also: [409, 412],
    })
    // It answers 200 before it has put the parts together, and may then say that it could not.
    const there = !taken(reply) || inXml(said, 'Code') === 'PreconditionFailed'
    if (!there && said.includes('<Error>'))
      throw storeUnreachable(`The object store could not put ${key} together: ${inXml(said, 'Code')}.`)
    if (there) await abort()
    return !there
  } catch (error) {
    await abort().catch(() => {}) // what stays then is aborted at the next start
    throw error
  }
}

/** What the end of the upload is to say of each. */
const putParts = async (told: Told, { key, path, sizeBytes }: File, uploadId: string): Promise<string[]> => {
  const parts: string[] = []
  const length = Math.max(partBytes, Math.ceil(sizeBytes / partsMax))
  for (let start = 0, number = 1; start < sizeBytes; start += length, number++) {
    const body = await partOf(path, start, Math.min(length, sizeBytes - start))
    const checksum = base64Of(body.sha256)
    const query = { partNumber: String(number), uploadId }
    const { reply } = await told({ method: 'PUT', key, query, body, headers: { 'x-amz-checksum-sha256': checksum } })
    const etag = reply.headers.etag ?? ''
    parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`)
  }
  return parts
}

async function* list(told: Told, below: string): AsyncGenerator<Listed> {
  for (let token: string | undefined = ''; token !== undefined;) {
    const query = { 'list-type': '2', prefix: below, ...(token === '' ? {} : { 'continuation-token': token }) }
    const { said }: { said: string } = await told({ method: 'GET', query })
    for (const entry of eachInXml(said, 'Contents'))
      yield {
        key: inXml(entry, 'Key') ?? '',
        sizeBytes: Number(inXml(entry, 'Size')),
        since: new Date(inXml(entry, 'LastModified') ?? 0),
      }
    token = inXml(said, 'IsTruncated') === 'true' ? inXml(said, 'NextContinuationToken') : undefined
  }
}

/** A page of a thousand at a start; what is beyond it waits for the next. */
const abortLeft = async (told: Told): Promise<number> => {
  const { said } = await told({ method: 'GET', query: { uploads: '', prefix } })
  const left = eachInXml(said, 'Upload').map((entry) => ({
    key: inXml(entry, 'Key') ?? '',
    uploadId: inXml(entry, 'UploadId') ?? '',
  }))
  const ours = left.filter(({ key }) => key.startsWith(prefix))
  for (const { key, uploadId } of ours) await told({ method: 'DELETE', key, query: { uploadId }, also: [404] })
  return ours.length
}

const taken = ({ statusCode }: IncomingMessage): boolean => statusCode !== 412 && statusCode !== 409

const base64Of = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

/** Read once to know its hash, and again to be sent: a part may be larger than what may lie in memory. */
const partOf = async (path: string, start: number, length: number): Promise<FilePart> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { start, end: start + length - 1 })) hash.update(chunk)
  return { path, start, length, sha256: hash.digest('hex') }
}

/** A server, or what stands before it, that sends another part than was asked for, or less than it says, is not believed. */
const gotOf = (reply: IncomingMessage, asked: { start: number; end: number | undefined; asked: boolean }): Got => {
  const length = Number(reply.headers['content-length'])
  const told = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(reply.headers['content-range'] ?? '')
  const sizeBytes = told ? Number(told[3]) : length
  const end = Math.min(asked.end ?? sizeBytes - 1, sizeBytes - 1)
  const right = asked.asked
    ? told !== null && Number(told[1]) === asked.start && Number(told[2]) === end && length === end - asked.start + 1
    : reply.statusCode === 200
  if (!right || !Number.isSafeInteger(length)) {
    reply.destroy()
    throw storeUnreachable(`The object store was asked for bytes ${asked.start}-${asked.end ?? ''} and answers with others.`)
  }
  return { body: Readable.from(wholeOf(reply, length)), start: asked.start, length, sizeBytes }
}

async function* wholeOf(reply: IncomingMessage, length: number): AsyncGenerator<Buffer> {
  let bytes = 0
  try {
    for await (const chunk of reply) {
      bytes += (chunk as Buffer).length // nobody set an encoding
      yield chunk as Buffer
    }
  } catch (error) {
    throw storeUnreachable('The object store broke off while it sent.', {}, error)
  }
  if (bytes !== length) throw storeUnreachable(`The object store sent ${bytes} of ${length} bytes.`)
}

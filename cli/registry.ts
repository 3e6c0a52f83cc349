// The site's registry as this machine speaks to it: OCI Distribution 1.1 with the key of the login.
import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unreachable, type Body } from '#client'
import { options } from './session.ts'
import { forgetUpload, keepUpload, keptUpload } from './uploads-kept.ts'

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const attemptsMax = 6
const pauseMs = 500
const readBytes = 1024 ** 2

export type Layer = { mediaType: string; digest: string; size: number; annotations?: Record<string, string> }
export type Manifest = { artifactType?: string; config: Layer; layers: Layer[]; annotations?: Record<string, string> }

/** What the registry refused, in its own words. */
class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Answers and refusals; a connection that broke is thrown as it is. */
export const ask = async (
  method: string,
  path: string,
  { body, headers = {}, accept = [] }: { body?: Body; headers?: Record<string, string>; accept?: readonly number[] } = {},
): Promise<Response> => {
  const { url, headers: own } = options()
  const reply = await fetch(new URL(path, url), {
    method,
    headers: { ...own?.(), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit).catch((error: unknown) => {
    // `duplex` is of fetch, and not yet of its types
    throw new Unreachable(url, error)
  })
  if (reply.ok || accept.includes(reply.status)) return reply
  const told = (await reply.json().catch(() => undefined)) as { errors?: { message?: string }[] } | undefined // of any form: looked at below
  throw new Refused(reply.status, told?.errors?.[0]?.message ?? `${method} ${path} was answered ${reply.status}.`)
}

/** `path:tag` or `path@sha256:…`. */
export const parseName = (name: string): { path: string; reference: string } => {
  const [, path, tag, digest] = /^([^:@]+)(?::([^:@]+)|@(.+))?$/.exec(name) ?? []
  if (path === undefined) throw new Error(`${JSON.stringify(name)} is no name: write PATH:TAG, or PATH@sha256:….`)
  return { path, reference: tag ?? digest ?? 'latest' }
}

export const holds = async (path: string, digest: string): Promise<boolean> =>
  (await ask('HEAD', `/v2/${path}/blobs/${digest}`, { accept: [404] })).ok

export const pushBytes = async (path: string, content: Buffer, digest: string): Promise<void> => {
  if (await holds(path, digest)) return
  await ask('POST', `/v2/${path}/blobs/uploads/?digest=${digest}`, { body: content as unknown as Body }) // fetch takes buffers
}

type FileToSend = { path: string; file: string; digest: string; size: number; moved: (bytes: number) => void }

/** Goes on where a connection broke, as long as something arrives between two breaks. */
export const pushFile = async ({ path, file, digest, size, moved }: FileToSend): Promise<void> => {
  const kept = await resumed(path, digest)
  const location = kept?.location ?? (await ask('POST', `/v2/${path}/blobs/uploads/`)).headers.get('location')!
  let from = kept?.arrived ?? 0
  moved(from)
  keepUpload(path, digest, location)
  for (let attempt = 1; ; attempt++)
    try {
      await sendFrom(location, { file, digest, size, from, moved })
      forgetUpload(path, digest)
      return
    } catch (error) {
      if (error instanceof Refused && error.status < 500) forgetUpload(path, digest)
      if (error instanceof Refused || attempt >= attemptsMax) throw error
      await sleep(pauseMs * attempt)
      const arrived = await arrivedAt(location)
      if (arrived > from) attempt = 0
      moved(arrived - from)
      from = arrived
    }
}

/** What an earlier command, which was stopped, had sent. */
const resumed = async (path: string, digest: string): Promise<{ location: string; arrived: number } | undefined> => {
  const location = keptUpload(path, digest)
  if (location === undefined) return undefined
  try {
    return { location, arrived: await arrivedAt(location) }
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

/** Where the registry tells how far it came. */
const arrivedAt = async (location: string): Promise<number> => {
  const range = (await ask('GET', location)).headers.get('range') ?? ''
  const last = Number(/-(\d+)$/.exec(range)?.[1] ?? 0)
  return last === 0 ? 0 : last + 1
}

type Rest = Omit<FileToSend, 'path'> & { from: number }

const sendFrom = async (location: string, { file, digest, size, from, moved }: Rest): Promise<void> => {
  let sent = 0
  const source = createReadStream(file, { start: from, highWaterMark: readBytes })
  // Counted as it is taken: a listener would set the file flowing before `fetch` listens, and its beginning would be lost.
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      sent += chunk.length
      moved(chunk.length)
      yield chunk
    }
  }
  const to = new URL(location, 'http://localhost')
  to.searchParams.set('digest', digest)
  try {
    await ask('PUT', `${to.pathname}${to.search}`, {
      body: (size === from ? Buffer.alloc(0) : counted()) as unknown as Body, // fetch takes what yields buffers
      headers: {
        'content-type': 'application/octet-stream',
        ...(size === from ? {} : { 'content-range': `${from}-${size - 1}`, 'content-length': String(size - from) }),
      },
    })
  } catch (error) {
    moved(-sent)
    throw error
  } finally {
    source.destroy()
  }
}

export const pushManifest = async (path: string, reference: string, manifest: object): Promise<string> => {
  const reply = await ask('PUT', `/v2/${path}/manifests/${reference}`, {
    body: JSON.stringify(manifest),
    headers: { 'content-type': manifestType },
  })
  return reply.headers.get('docker-content-digest')!
}

export const getManifest = async (path: string, reference: string): Promise<{ digest: string; manifest: Manifest }> => {
  const reply = await ask('GET', `/v2/${path}/manifests/${reference}`, { headers: { accept: manifestType } })
  const manifest = (await reply.json()) as Partial<Manifest> // of the form of a manifest: the registry took it as one
  if (!manifest.layers || !manifest.config) throw new Error(`${path}:${reference} is an index of images, and no model.`)
  return { digest: reply.headers.get('docker-content-digest')!, manifest: manifest as Manifest }
}

const anyManifest = [
  manifestType,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

/** Byte for byte, as its digest has it. */
export const rawManifest = async (
  path: string,
  reference: string,
): Promise<{ body: Buffer; mediaType: string; digest: string }> => {
  const reply = await ask('GET', `/v2/${path}/manifests/${reference}`, { headers: { accept: anyManifest } })
  return {
    body: Buffer.from(await reply.arrayBuffer()),
    mediaType: reply.headers.get('content-type') ?? manifestType,
    digest: reply.headers.get('docker-content-digest')!,
  }
}

export const openBlob = (path: string, digest: string, from: number): Promise<Response> =>
  ask('GET', `/v2/${path}/blobs/${digest}`, from === 0 ? {} : { headers: { range: `bytes=${from}-` } })

export const isRefusal = (error: unknown): boolean => error instanceof Refused

// The site's registry as this machine speaks to it: OCI Distribution 1.1 with the key of the login.
import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Body } from '#client'
import { options } from './session.ts'

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
  } as RequestInit) // `duplex` is of fetch, and not yet of its types
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
  const location = (await ask('POST', `/v2/${path}/blobs/uploads/`)).headers.get('location')!
  let from = 0
  for (let attempt = 1; ; attempt++)
    try {
      await sendFrom(location, { file, digest, size, from, moved })
      return
    } catch (error) {
      if (error instanceof Refused || attempt >= attemptsMax) throw error
      await sleep(pauseMs * attempt)
      const arrived = await arrivedAt(location)
      if (arrived > from) attempt = 0
      moved(arrived - from)
      from = arrived
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
  const source = createReadStream(file, { start: from, highWaterMark: readBytes }).on('data', (chunk) => {
    sent += chunk.length
    moved(chunk.length)
  })
  const to = new URL(location, 'http://localhost')
  to.searchParams.set('digest', digest)
  try {
    await ask('PUT', `${to.pathname}${to.search}`, {
      body: (size === from ? Buffer.alloc(0) : source) as unknown as Body, // fetch takes a stream of buffers
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

export const openBlob = (path: string, digest: string, from: number): Promise<Response> =>
  ask('GET', `/v2/${path}/blobs/${digest}`, from === 0 ? {} : { headers: { range: `bytes=${from}-` } })

export const isRefusal = (error: unknown): boolean => error instanceof Refused

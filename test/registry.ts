// A client of the registry as small as can be, for tests that ask what the clients of the field never would.
import { createHash, randomBytes } from 'node:crypto'
import type { TestApp } from './app.ts'

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
export const digestOf = (content: Buffer, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
export const emptyConfig = Buffer.from('{}')

export const manifestOf = (layers: readonly Buffer[], more: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: 'application/vnd.example.thing.v1',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(emptyConfig), size: emptyConfig.length },
      layers: layers.map((layer) => ({ mediaType: 'application/octet-stream', digest: digestOf(layer), size: layer.length })),
      ...more,
    }),
  )

export type Told = { status: number; headers: Headers; body: Buffer; code: string | undefined; json: any } // tests look inside

export type RegistryClient = {
  readonly url: string
  readonly secret: string
  readonly keyId: string
  ask(method: string, path: string, body?: Buffer | ReadableStream, headers?: Record<string, string>): Promise<Told>
  pushBlob(path: string, content: Buffer): Promise<string>
  pushManifest(path: string, reference: string, body: Buffer): Promise<Told>
  /** A release of one random layer; answers with its digest. */
  push(path: string, tag: string, layers?: readonly Buffer[], more?: object): Promise<string>
}

type Options = { role?: Parameters<TestApp['as']>[0]; scope?: string; name?: string }

export const registryClient = async (app: TestApp, { role = 'owner', ...as }: Options = {}): Promise<RegistryClient> => {
  const who = await app.as(role, as)
  const { body } = await who.post('/api/v1/keys', { name: 'registry' })
  const url = await app.listen()
  const basic = `Basic ${Buffer.from(`anyone:${body.secret}`).toString('base64')}`
  const client: RegistryClient = {
    url,
    secret: body.secret,
    keyId: body.key.id,
    ask: async (method, path, content, headers = {}) => {
      const reply = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: basic, ...headers },
        ...(content === undefined ? {} : { body: content as unknown as string, duplex: 'half' }), // fetch takes buffers and streams; Node's types know fewer
      })
      const bytes = Buffer.from(await reply.arrayBuffer())
      const json =
        /json/.test(reply.headers.get('content-type') ?? '') && bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined
      return { status: reply.status, headers: reply.headers, body: bytes, json, code: json?.errors?.[0]?.code }
    },
    pushBlob: async (path, content) => {
      const digest = digestOf(content)
      const told = await client.ask('POST', `/v2/${path}/blobs/uploads/?digest=${digest}`, content)
      if (told.status !== 201) throw new Error(`no blob: ${told.status} ${told.body.toString()}`)
      return digest
    },
    pushManifest: (path, reference, content) =>
      client.ask('PUT', `/v2/${path}/manifests/${reference}`, content, { 'content-type': manifestType }),
    push: async (path, tag, layers = [randomBytes(100)], more = {}) => {
      for (const content of [emptyConfig, ...layers]) await client.pushBlob(path, content)
      const told = await client.pushManifest(path, tag, manifestOf(layers, more))
      if (told.status !== 201) throw new Error(`no manifest: ${told.status} ${told.body.toString()}`)
      return told.headers.get('docker-content-digest')!
    },
  }
  return client
}

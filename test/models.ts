// Models for tests of the store: files at paths, pushed as ModelPack has them.
import { createServer, request as ask, type Server } from 'node:http'
import { digestOf, manifestOf, type RegistryClient } from './registry.ts'

export const weightType = 'application/vnd.cncf.model.weight.v1.raw'

export const pushFiles = async (
  client: RegistryClient,
  path: string,
  tag: string,
  files: Record<string, Buffer>,
  more: object = {},
): Promise<string> => {
  const layers = Object.entries(files).map(([name, content]) => ({
    mediaType: weightType,
    digest: digestOf(content),
    size: content.length,
    annotations: { 'org.cncf.model.filepath': name },
  }))
  await client.pushBlob(path, Buffer.from('{}'))
  for (const content of new Set(Object.values(files))) await client.pushBlob(path, content)
  const told = await client.pushManifest(
    path,
    tag,
    manifestOf([], { artifactType: 'application/vnd.cncf.model.manifest.v1+json', layers, ...more }),
  )
  if (told.status !== 201) throw new Error(`no manifest: ${told.status} ${told.body.toString()}`)
  return told.headers.get('docker-content-digest')!
}

export type Passed = {
  method: string
  url: string
  status: number
  headers: Record<string, unknown>
  range: string | undefined
  sent: string | undefined
}
export type Between = {
  readonly url: string
  readonly passed: Passed[]
  /** The next body of this many bytes or more, either way, breaks off when half of it has gone through. */
  cut(sizeBytes: number): void
  close(): void
}

/** Stands between a client and the site: sees what passes, and breaks off what it is told to. */
export const between = async (site: string): Promise<Between> => {
  const passed: Passed[] = []
  let cutAt = Infinity
  const server: Server = createServer((from, to) => {
    const { method = '', url = '', headers } = from
    const onward = ask(new URL(url, site), { method, headers }, (answer) => {
      answer.on('error', () => to.destroy()) // the site ended in the midst of it
      passed.push({
        method,
        url,
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        range: headers.range,
        sent: headers['content-range'],
      })
      to.writeHead(answer.statusCode ?? 500, answer.rawHeaders)
      const size = Number(answer.headers['content-length'] ?? 0)
      if (method !== 'GET' || size < cutAt) return void answer.pipe(to)
      cutAt = Infinity
      let sent = 0
      answer.on('data', (chunk: Buffer) => {
        sent += chunk.length
        if (sent < size / 2) return void to.write(chunk)
        answer.destroy()
        to.destroy()
      })
    })
    onward.on('error', () => to.destroy())
    from.on('error', () => onward.destroy())
    to.on('error', () => onward.destroy())
    const length = Number(headers['content-length'] ?? 0)
    if (length < cutAt) return void from.pipe(onward)
    cutAt = Infinity
    let received = 0
    from.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received < length / 2) return void onward.write(chunk)
      onward.destroy()
      from.destroy()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number } // it listens on a port
  return {
    url: `http://127.0.0.1:${address.port}`,
    passed,
    cut: (sizeBytes) => void (cutAt = sizeBytes),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

// A site whose deployments answer, for clients that speak to it over a socket.
import { after } from 'node:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs'
import { hermesTemplate, withTemplate } from '../gguf.ts'
import { startTestServer } from '../postgres.ts'
import { testApp, type Caller, type Reply, type TestApp } from '../app.ts'

export const smollm = join(process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets', 'smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf')
const readyMsMax = 60_000
const pollMs = 50

export type AnsweringSite = { app: TestApp; owner: Caller; url: string; key: string }

/** The default model under `smollm2`. Everything a client needs: address and key. */
export const answeringSite = async (): Promise<AnsweringSite> => {
  // Run by itself a file has a database server of its own; here its end must come after the site's, whatever order hooks run in.
  const server = process.env['HOLDFAST_TEST_PG'] === undefined ? await startTestServer() : undefined
  if (server) process.env['HOLDFAST_TEST_PG'] = server.host
  const ends: (() => unknown)[] = []
  const app = await testApp(
    { after: (end) => void ends.push(end as () => unknown) }, // testApp's own takes no argument
    { engines: true, env: { HOLDFAST_ENGINE_THREADS: '1' } },
  )
  after(async () => {
    for (const end of ends) await end()
    await server?.stop()
  })
  const owner = await app.as('owner')
  await becomes(owner, 'smollm2')
  return { app, owner, url: await app.listen(), key: await keyFor(owner) }
}

export const keyFor = async (who: Caller): Promise<string> => {
  const { status, body, text } = await who.post('/api/v1/keys', { name: `key-${Math.random().toString(36).slice(2)}` })
  if (status !== 201) throw new Error(`no key: ${text}`)
  return body.secret
}

/** Waits for a deployment to reach a state, by what the API says of it; with `restarts`, the state after that many, and not the one from before. */
export const becomes = async (owner: Caller, name: string, state = 'ready', restarts = 0): Promise<void> => {
  const untilMs = performance.now() + readyMsMax
  for (;;) {
    const { body } = await owner.get(`/api/v1/deployments/${name}`)
    if (body?.status?.state === state && body.status.restarts >= restarts) return
    if (performance.now() > untilMs) throw new Error(`${name} is not ${state}: ${JSON.stringify(body)}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

export const deploy = async (owner: Caller, name: string, spec: object): Promise<void> => {
  const { status, text } = await owner.put('/api/v1/deployments', { name, spec })
  if (status >= 300) throw new Error(`${name} is not deployed: ${text}`)
  await becomes(owner, name)
}

/** Uploads over the socket, as the portal and the CLI do. */
export const upload = async ({ url, key }: AnsweringSite, content: Blob): Promise<Pick<Reply, 'status' | 'body'>> => {
  const reply = await fetch(`${url}/api/v1/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' },
    body: content,
  })
  return { status: reply.status, body: await reply.json() }
}

/** The default weights under a template that knows tools, registered as `tool-model`, deployed as `tools`. */
export const deployTools = async (site: AnsweringSite): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tools-'))
  try {
    withTemplate(smollm, join(folder, 'tools.gguf'), hermesTemplate)
    const { body } = await upload(site, await openAsBlob(join(folder, 'tools.gguf')))
    const { status, text } = await site.owner.put('/api/v1/models', { name: 'tool-model', spec: { digest: body.digest } })
    if (status >= 300) throw new Error(`no model: ${text}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  await deploy(site.owner, 'tools', { engine: 'llama', model: 'tool-model', parallel: 1, contextTokens: 512, queueMax: 4 })
}

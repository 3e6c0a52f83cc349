// A second `npm start` to the first token of an answer, and the memory of the control plane at rest.
//
// Expectation: Node 0.3 s, PostgreSQL 0.2 s, migrations check 0.05 s, modules 0.5 s, model load 0.6 s, first token 0.3 s: about 2 s on an idle machine.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './load.ts'
import { cpuSeconds, pssMb, start, tree, until, type Started } from './process.ts'
import { report } from './report.ts'
import { benchSite } from './site.ts'

const rounds = 3
const restSeconds = 10
const isEngine = (name: string) => name.includes('node') // children of the control plane that are Node: engines

export const run = async (): Promise<void> => {
  const site = await benchSite()
  const key = await site.key()
  await site.started.stop()
  const samples = []
  for (let i = 0; i < rounds; i++) samples.push(await once(site.home, key))
  await site.stop().catch(() => {})
  const rows = samples.map(({ secondsToFirstToken, cpu, controlMb, databaseMb, engineMb }) => ({
    secondsToFirstToken,
    cpuSeconds: cpu,
    controlMb,
    databaseMb,
    engineMb,
  }))
  await report('start', {
    notes: `npm start on a home that was set up before, to the first streamed token; then ${restSeconds} s of rest, proportional set sizes.`,
    rows,
    ratios: {
      'seconds to first token, median': median(rows.map((row) => row.secondsToFirstToken)),
      'control plane at rest, MB, median': median(rows.map((row) => row.controlMb)),
    },
    targets: { 'seconds to first token, median': '< 10', 'control plane at rest, MB, median': '< 250' },
  })
}

const once = async (home: string, key: string) => {
  const startedMs = performance.now()
  const started = start('npm', ['start'], { HOLDFAST_HOME: home, HOLDFAST_PORT: '0' })
  try {
    await until(started, () => /Holdfast is up/.test(started.output()), 120)
    const url = /(http\S+)/.exec(started.output())![1]!
    await until(started, () => firstToken(url, key), 120)
    const secondsToFirstToken = +((performance.now() - startedMs) / 1000).toFixed(2)
    const cpu = +cpuSeconds(started.pid).toFixed(2)
    await sleep(restSeconds * 1000)
    const nodes = tree(started.pid)
      .filter(({ name }) => isEngine(name) || name === 'MainThread')
      .toSorted((a, b) => a.pid - b.pid)
    const server = nodes.find(({ pid }) => /main\.ts/.test(commandOf(pid)))!.pid
    const engines = new Set(nodes.filter(({ pid }) => /inference/.test(commandOf(pid))).map(({ pid }) => pid))
    return {
      secondsToFirstToken,
      cpu,
      controlMb: Math.round(pssMb(server, ({ pid }) => pid === server)),
      databaseMb: Math.round(pssMb(server, ({ name }) => name === 'postgres')),
      engineMb: Math.round(pssMb(server, ({ pid }) => engines.has(pid))),
    }
  } finally {
    await stopSite(started)
  }
}

/** npm passes a signal to no one surely; the server itself is told, and npm ends after it. */
const stopSite = async (started: Started): Promise<void> => {
  if (started.child.exitCode !== null) return
  const server = tree(started.pid).find(({ pid }) => /main\.ts up/.test(commandOf(pid)))
  const ended = new Promise((resolve) => started.child.once('exit', resolve))
  if (server) process.kill(server.pid, 'SIGTERM')
  else await started.stop()
  await ended
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

const firstToken = async (url: string, key: string): Promise<boolean> => {
  const reply = await fetch(`${url.replace(/\/$/, '')}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'smollm2', stream: true, max_tokens: 4, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  if (!reply.ok || !reply.body) return false
  let text = ''
  for await (const chunk of reply.body.pipeThrough(new TextDecoderStream()))
    if (/"content":"[^"]/.test((text += chunk))) return true
  return false
}

// Tokens per second through the whole door (TLS off, key, decision, queue, engine child, record, stream) against a bare node-llama-cpp loop, in one run.
//
// Expectation: a token costs about 9 ms of CPU (110 tokens per CPU second, measured before); passing it on costs an IPC message and an SSE chunk, some 50 µs:
// under 1 %. The rest of the door is once per call. 0.95 of the bare loop leaves room for noise.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { call, median } from './load.ts'
import { cpuSeconds } from './process.ts'
import { report } from './report.ts'
import { benchSite, ready, type BenchSite } from './site.ts'

const model = 'SmolLM2-135M-Instruct.Q4_1.gguf'
const tokens = 128
const rounds = 5
// The chat template around it is part of the door's prompt, so the bare loop gets the same text with it.
const question = 'Write a long story about lighthouse number {i} and the people who keep it.'
const template = (text: string) =>
  `<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`

type Sample = { tokens: number; seconds: number; cpuSeconds: number }

const bareLoop = async () => {
  const child = fork('bench/bare-llama.ts', [`${process.env['HOLDFAST_ASSETS_DIR'] ?? '.cache/assets'}/smollm2/${model}`, '4'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return {
    sample: async (streams: number): Promise<Sample> => {
      child.send({ streams, tokens, prompt: template(question) })
      const [result] = await once(child, 'message')
      return result
    },
    stop: () => child.kill(),
  }
}

const door = async (site: BenchSite, key: string, streams: number): Promise<Sample> => {
  const before = cpuSeconds(site.started.pid)
  const startedMs = performance.now()
  const made = await Promise.all(Array.from({ length: streams }, (_, i) => stream(site, key, question.replace('{i}', String(i)))))
  return {
    tokens: made.reduce((a, b) => a + b, 0),
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: cpuSeconds(site.started.pid) - before,
  }
}

const stream = async (site: BenchSite, key: string, content: string): Promise<number> => {
  const reply = await fetch(`${site.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'bench',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      max_tokens: tokens,
      messages: [{ role: 'user', content }],
    }),
  })
  const text = await reply.text()
  const usage = /"completion_tokens":(\d+)/.exec(text)
  if (!reply.ok || !usage) throw new Error(`The door answered ${reply.status}: ${text.slice(0, 500)}`)
  return Number(usage[1])
}

export const run = async (): Promise<void> => {
  const site = await benchSite()
  const bare = await bareLoop()
  try {
    await ready(site, 'smollm2')
    await site.api('PUT', '/deployments', {
      scope: '/',
      name: 'bench',
      spec: {
        engine: 'llama',
        model: 'smollm2-135m-instruct',
        parallel: 4,
        contextTokens: 2048,
        queueMax: 16,
        recordContent: 'none',
      },
    })
    await ready(site, 'bench')
    const key = await site.key()
    await call({
      url: `${site.url}/v1/chat/completions`,
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'bench', max_tokens: 4, messages: [{ role: 'user', content: 'warm' }] }),
    })
    await bare.sample(1)
    const rows = []
    const ratios: Record<string, number> = {}
    for (const streams of [1, 4]) {
      const samples: { bare: Sample; door: Sample }[] = []
      // In turn, so that a slow minute of the machine slows both.
      for (let i = 0; i < rounds; i++) samples.push({ bare: await bare.sample(streams), door: await door(site, key, streams) })
      for (const who of ['bare', 'door'] as const)
        rows.push({
          streams,
          who,
          tokensPerSecond: +median(samples.map((it) => it[who].tokens / it[who].seconds)).toFixed(1),
          tokensPerCpuSecond: +median(samples.map((it) => it[who].tokens / it[who].cpuSeconds)).toFixed(1),
        })
      ratios[`tokens/s, door / bare, ${streams} stream${streams > 1 ? 's' : ''}`] = +median(
        samples.map((it) => it.door.tokens / it.door.seconds / (it.bare.tokens / it.bare.seconds)),
      ).toFixed(3)
    }
    await report('inference', {
      notes: `${model}, ${tokens} tokens at temperature 0, ${rounds} rounds in turn; medians. The door's CPU includes the control plane and PostgreSQL.`,
      rows,
      ratios,
      targets: { 'tokens/s, door / bare, 1 stream': '≥ 0.95', 'tokens/s, door / bare, 4 streams': '≥ 0.95' },
    })
  } finally {
    bare.stop()
    await site.stop()
  }
}

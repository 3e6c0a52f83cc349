// The peer of the door: a bare node-llama-cpp loop over the same model, the same threads and batch. Commands come by IPC: {streams, tokens}.
import { getLlama, LlamaCompletion } from 'node-llama-cpp'
import { engineThreadsDefault } from '../src/platform/child.ts'

const [modelPath, sequences] = [process.argv[2]!, Number(process.argv[3])]
const llama = await getLlama({ build: 'never', skipDownload: true, gpu: false, logLevel: 'error' as never })
const model = await llama.loadModel({ modelPath })
const context = await model.createContext({ contextSize: 2048, sequences, threads: engineThreadsDefault() })
const slots = Array.from({ length: sequences }, () => context.getSequence())

const one = async (slot: (typeof slots)[number], prompt: string, maxTokens: number): Promise<number> => {
  let tokens = 0
  await slot.clearHistory()
  const completion = new LlamaCompletion({ contextSequence: slot })
  await completion.generateCompletion(model.tokenize(prompt, true), {
    maxTokens,
    temperature: 0,
    onToken: (chunk) => void (tokens += chunk.length),
  })
  completion.dispose({ disposeSequence: false } as never)
  return tokens
}

process.on('message', async ({ streams, tokens, prompt }: { streams: number; tokens: number; prompt: string }) => {
  const startedMs = performance.now()
  const cpu = process.cpuUsage()
  const made = await Promise.all(slots.slice(0, streams).map((slot, i) => one(slot, prompt.replace('{i}', String(i)), tokens)))
  const used = process.cpuUsage(cpu)
  process.send!({
    tokens: made.reduce((a, b) => a + b, 0),
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
  })
})
process.send!({ ready: true })

// sha256 in a thread of its own: for content that is hashed at leisure, while requests are answered.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Beyond what it holds of a piece it needs nothing. */
const memoryMbMax = 32

export type Hasher = {
  /** Resolves when the pieces are hashed. They are handed over: nothing else may use them afterwards. */
  update(pieces: readonly Buffer[]): Promise<void>
  /** Of all since the last digest. */
  digest(): Promise<string>
  stop(): Promise<void>
}

export const startHasher = (): Hasher => {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
  })
  worker.unref()
  const answers = async (count: number): Promise<unknown> => {
    let last: unknown
    for (let i = 0; i < count; i++) [last] = (await once(worker, 'message')) as [unknown]
    return last
  }
  const send = (piece: Uint8Array | null, transfer: ArrayBuffer[]): void => worker.postMessage(piece, transfer)
  return {
    update: async (pieces) => {
      if (pieces.length === 0) return
      const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
      // A buffer may be a part of a larger one, which must not go with it.
      const own = whole.byteLength === whole.buffer.byteLength ? whole : Buffer.copyBytesFrom(whole)
      const answered = answers(1)
      if (own.buffer instanceof ArrayBuffer) send(own, own.byteLength === own.buffer.byteLength ? [own.buffer] : [])
      else send(own, [])
      await answered
    },
    digest: async () => {
      const answered = answers(1)
      send(null, [])
      return String(await answered)
    },
    stop: async () => void (await worker.terminate()),
  }
}

// One answer while it is being written. What is finished is in the conversation; this holds only what is still under way.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiProblem, events, stopped } from './client.ts'
import { conversation } from './queries.ts'

export type Answer = {
  conversationId: string
  question?: string
  retryOf?: string
  text: string
  startedMs: number
  firstTokenMs?: number
  tokens: number
  state: 'waiting' | 'writing' | 'recording' | 'stopped' | 'failed' | 'done'
  error?: unknown
}
export type Question = {
  conversationId: string
  content: string
  model: string
  /** The last answer, to be written again. */ retryOf?: string
}

type Chunk = {
  choices?: { delta?: { content?: string | null }; finish_reason?: string | null }[]
  problem?: Record<string, unknown> & { status?: number }
}

export const useAnswer = () => {
  const [answer, setAnswer] = useState<Answer>()
  const queries = useQueryClient()
  const abort = useRef<AbortController>(undefined)

  const ask = useCallback(
    async ({ conversationId, content, model, retryOf }: Question) => {
      abort.current?.abort()
      const mine = new AbortController()
      abort.current = mine
      let now: Answer = {
        conversationId,
        text: '',
        startedMs: performance.now(),
        tokens: 0,
        state: 'waiting',
        ...(retryOf ? { retryOf } : { question: content }),
      }
      let frame = 0
      // One paint per frame, however fast tokens come.
      const show = () => {
        frame ||= requestAnimationFrame(() => {
          frame = 0
          if (abort.current === mine) setAnswer(now)
        })
      }
      show()
      try {
        const body = retryOf ? { model, retry: true } : { content, model }
        for await (const data of whenStarted(`/conversations/${conversationId}/messages`, body, mine.signal)) {
          if (data === '[DONE]') break
          now = advance(now, JSON.parse(data) as Chunk) // the site's own chunk shape
          show()
        }
        now = { ...now, state: now.state === 'failed' ? 'failed' : 'done' }
      } catch (error) {
        now = stopped(error) ? { ...now, state: 'stopped' } : { ...now, state: 'failed', error }
      }
      await settle(queries, now)
      cancelAnimationFrame(frame)
      if (abort.current === mine) setAnswer(now.state === 'failed' ? now : undefined)
    },
    [queries],
  )
  const stop = useCallback(() => abort.current?.abort(), [])
  const clear = useCallback(() => setAnswer(undefined), [])
  useEffect(() => stop, [stop])
  return { answer, ask, stop, clear }
}

const startLookMs = 1_000
const startWaitMs = 120_000

/** A model that is being loaded answers in a moment: the question is stored by then, and is asked again until it does. */
async function* whenStarted(path: string, body: object, signal: AbortSignal): AsyncGenerator<string> {
  const until = performance.now() + startWaitMs
  for (let asked: object = body; ; asked = { ...body, content: undefined, retry: true }) {
    try {
      return yield* events(path, asked, signal)
    } catch (error) {
      const starts = error instanceof ApiProblem && error.code === 'deployment-not-ready' && error.facts['state'] === 'starting'
      if (!starts || performance.now() > until) throw error
      await pause(startLookMs, signal)
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), reject(new DOMException('Stopped', 'AbortError'))), {
      once: true,
    })
  })

const advance = (answer: Answer, chunk: Chunk): Answer => {
  if (chunk.problem) return { ...answer, state: 'failed', error: new ApiProblem(chunk.problem.status ?? 500, chunk.problem) }
  const choice = chunk.choices?.[0]
  const piece = choice?.delta?.content ?? ''
  return {
    ...answer,
    text: answer.text + piece,
    tokens: answer.tokens + (piece === '' ? 0 : 1),
    ...(piece !== '' && answer.firstTokenMs === undefined ? { firstTokenMs: performance.now() } : {}),
    state: choice?.finish_reason ? 'recording' : piece === '' ? answer.state : 'writing',
  }
}

const settleLookMs = 400
/** The engine ends within a second and its record is written then; on a busy machine that is told a little later. */
const settleLooks = 8

/** Shows what the site has stored. A stopped answer is stored a moment after the connection was cut; one that was not begun is not. */
const settle = async (queries: ReturnType<typeof useQueryClient>, { conversationId, state, text }: Answer) => {
  const { queryKey } = conversation(conversationId)
  let looks = state !== 'stopped' ? 0 : text === '' ? 1 : settleLooks
  do {
    if (looks > 0) await new Promise((resolve) => setTimeout(resolve, settleLookMs))
    await queries.invalidateQueries({ queryKey })
  } while (--looks > 0 && queries.getQueryData(queryKey)?.messages.at(-1)?.role !== 'assistant')
  void queries.invalidateQueries({ queryKey: ['conversations', 'list'] })
}

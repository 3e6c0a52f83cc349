// What a model writes, on its way out: cut at a stop text, and tool calls told from prose. Pure; text goes in piece by piece.
import { parseJson } from '#platform/json.ts'
import type { ToolCall } from './protocol.ts'

export type Filter = { push(piece: string): { out: string; stopped: boolean; rest: string }; end(): string }

/** Passes text on, except what could yet become a stop text; when one is complete, nothing of it or after it leaves. */
export const stopFilter = (stops: readonly string[]): Filter => {
  let held = ''
  return {
    push(piece) {
      held += piece
      const found = stops.map((stop) => ({ at: held.indexOf(stop), length: stop.length })).filter(({ at }) => at >= 0)
      const first = found.sort((a, b) => a.at - b.at)[0]
      if (first) {
        const out = held.slice(0, first.at)
        const rest = held.slice(first.at + first.length)
        held = ''
        return { out, stopped: true, rest }
      }
      const keep = Math.max(0, ...stops.map((stop) => overlap(held, stop)))
      const out = held.slice(0, held.length - keep)
      held = held.slice(held.length - keep)
      return { out, stopped: false, rest: '' }
    },
    end() {
      const out = held
      held = ''
      return out
    },
  }
}

/** Longest end of `text` that is a beginning of `stop`. */
const overlap = (text: string, stop: string): number => {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return length
  return 0
}

/** Sees where a JSON object or array is whole: grammars allow white space for ever after it. Gives the last piece, cut there. */
export const jsonEnd = (): ((piece: string) => string | undefined) => {
  let depth = 0
  let inString = false
  let escaped = false
  return (piece) => {
    for (let i = 0; i < piece.length; i++) {
      const char = piece[i]
      if (escaped) escaped = false
      else if (inString) {
        if (char === '\\') escaped = true
        else if (char === '"') inString = false
      } else if (char === '"') inString = true
      else if (char === '{' || char === '[') depth++
      else if ((char === '}' || char === ']') && --depth === 0) return piece.slice(0, i + 1)
    }
    return undefined
  }
}

const open = '<tool_call>'
const close = '</tool_call>'

/** Calls in the form of Hermes templates: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`; undefined when what is inside is not that. */
export const parseToolCalls = (text: string): { prose: string; calls: ToolCall[] } | undefined => {
  const at = text.indexOf(open)
  if (at < 0) return undefined
  const calls: ToolCall[] = []
  for (const part of text.slice(at).split(open).slice(1)) {
    const call = parseCall(part.split(close)[0] ?? '')
    if (!call) return undefined
    calls.push(call)
  }
  return { prose: text.slice(0, at).trimEnd(), calls }
}

export const parseCall = (text: string): ToolCall | undefined => {
  try {
    const { name, arguments: given } = parseJson(text) as { name?: unknown; arguments?: unknown } // checked next
    return typeof name === 'string' && typeof given === 'object' && given !== null
      ? { name, arguments: JSON.stringify(given) }
      : undefined
  } catch {
    return undefined
  }
}

export const toolCallOpen = open

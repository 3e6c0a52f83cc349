// What a model writes, on its way out: cut at a stop text, and tool calls told from prose. Pure; text goes in piece by piece.
import type { ToolCall } from './protocol.ts'

export type Filter = { push(piece: string): { out: string; stopped: boolean }; end(): string }

/** Passes text on, except what could yet become a stop text; when one is complete, nothing of it or after it leaves. */
export const stopFilter = (stops: readonly string[]): Filter => {
  let held = ''
  return {
    push(piece) {
      held += piece
      const found = stops.map((stop) => held.indexOf(stop)).filter((at) => at >= 0)
      if (found.length > 0) {
        const out = held.slice(0, Math.min(...found))
        held = ''
        return { out, stopped: true }
      }
      const keep = Math.max(0, ...stops.map((stop) => overlap(held, stop)))
      const out = held.slice(0, held.length - keep)
      held = held.slice(held.length - keep)
      return { out, stopped: false }
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
    const { name, arguments: given } = JSON.parse(text) as { name?: unknown; arguments?: unknown } // checked next
    return typeof name === 'string' && typeof given === 'object' && given !== null
      ? { name, arguments: JSON.stringify(given) }
      : undefined
  } catch {
    return undefined
  }
}

export const toolCallOpen = open

// JSON at the border: parsed within bounds, written in one canonical form.
import { invalid, tooLarge } from './problem.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** RFC 8785 (JCS): keys sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. Undefined members are left out. */
export const canonicalJson = (value: Json): string => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no NaN and no infinity')
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('JSON text must be well-formed Unicode')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`).join(',')}}`
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

export const jsonDepthMax = 64

/** Parses untrusted text. Depth is counted before JSON.parse runs, so a hostile nest costs one scan and no stack. */
export const parseJson = (text: string, limits: { depthMax?: number; bytesMax?: number } = {}): unknown => {
  const depthMax = limits.depthMax ?? jsonDepthMax
  if (limits.bytesMax !== undefined && Buffer.byteLength(text) > limits.bytesMax)
    throw tooLarge(`The JSON text is larger than ${limits.bytesMax} bytes.`, { bytesMax: limits.bytesMax })
  if (depthOf(text) > depthMax) throw invalid(`The JSON text nests deeper than ${depthMax} levels.`, { depthMax })
  try {
    return JSON.parse(text, judgeMember)
  } catch (error) {
    throw invalid(`The body is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}.`, {}, error)
  }
}

/**
 * `__proto__` as an own key is only ever an attack on code that merges objects; NUL and half a surrogate pair are no text, and PostgreSQL takes neither.
 * A number beyond ±(2^53 − 1) would be another number from here on, silently, and a policy would judge that one.
 */
function judgeMember(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new SyntaxError(`a number beyond ±${Number.MAX_SAFE_INTEGER} cannot be held exactly; write it as text`)
  for (const text of typeof value === 'string' ? [key, value] : [key]) {
    if (text.includes('\0')) throw new SyntaxError('a text holds a NUL character')
    if (!text.isWellFormed()) throw new SyntaxError('a text holds half a surrogate pair')
  }
  return key === '__proto__' ? undefined : value
}

const depthOf = (text: string): number => {
  let depth = 0
  let deepest = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x7d || code === 0x5d) depth--
  }
  return deepest
}

// Which operation a request was: for asking others to approve it, since a change set names the operation.
import { operations } from './api.ts'
import type { Call } from './http.ts'

type Shape = { readonly operationId: string; readonly method: string; readonly pattern: RegExp }
export type Operation = { readonly operationId: string; readonly path: Record<string, string> }

/** Every operation, asked what it would send instead of sending it. */
const shapes: readonly Shape[] = (() => {
  const sent: { method: string; path: string }[] = []
  const note: Call = <T>(method: string, path: string) => {
    sent.push({ method, path })
    return Promise.resolve(undefined as T) // nobody reads it
  }
  return Object.entries(operations(note)).map(([operationId, call]) => {
    void (call as (given: object) => unknown)({}) // only noted, above
    const { method, path } = sent.pop()!
    const source = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/]+)`)
    return { operationId, method, pattern: new RegExp(`^${source}$`) }
  })
})()

/** `path` is that of the request, without its query. A path spelled out comes before one with a parameter in that place. */
export const findOperation = (method: string, path: string): Operation | undefined => {
  const found = shapes
    .filter((shape) => shape.method === method && shape.pattern.test(path))
    .sort((a, b) => a.pattern.source.split('(?<').length - b.pattern.source.split('(?<').length)[0]
  if (!found) return undefined
  const groups = found.pattern.exec(path)?.groups ?? {}
  return {
    operationId: found.operationId,
    path: Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)])),
  }
}

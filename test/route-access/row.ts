// What a row of the table is: an operation, eight expected answers, and the request that is asked with.
import type { Caller } from '../app.ts'
import { api, resource, type Request, type World } from './world.ts'

/** One mark for each of `callers`, in that order: `+` answered, `0` answered with an empty list, `a` answered once others approve, `-` 403, `h` 404 (hidden), `!` 401. */
export type Row = { readonly name: string; readonly operationId: string; readonly expected: string; readonly request: Ask }
export type Ask = (w: World, by: Caller) => Request | Promise<Request>

/** The name begins with the operationId; words after it tell two rows of one operation apart. */
export const row = (name: string, expected: string, request: Ask): Row => ({
  name,
  operationId: name.split(' ')[0]!,
  expected,
  request,
})

export const GET = (path: string): Request => ({ method: 'GET', url: api + path })
export const DELETE = (path: string, headers = {}): Request => ({ method: 'DELETE', url: api + path, headers })
export const POST = (path: string, body?: unknown): Request => ({ method: 'POST', url: api + path, body })
export const PUT = (path: string, body?: unknown): Request => ({ method: 'PUT', url: api + path, body })
export const PATCH = (path: string, body: unknown): Request => ({ method: 'PATCH', url: api + path, body })

type KindAnswers = { read: string; apply: string; delete?: string; plural?: string; scope?: (w: World) => Promise<string> }

/** The five doors that every kind has. What is hidden from one is not in the list, and to delete it is answered as if it were not there. */
export const kind = (
  name: string,
  spec: object | ((w: World) => object | Promise<object>),
  { read, apply, delete: remove = apply, plural = `${name}s`, scope = async () => '/' }: KindAnswers,
): Row[] => {
  const id = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const document = async (w: World) => ({
    scope: await scope(w),
    name: w.fresh('thing'),
    spec: typeof spec === 'function' ? await spec(w) : spec,
  })
  const one = async (w: World) => `/${plural}/${await resource(w, plural, () => document(w))}`
  return [
    row(`${id}List`, read.replaceAll('h', '0'), async (w) => {
      await one(w)
      return GET(`/${plural}`)
    }),
    row(`${id}Get`, read, async (w) => GET(await one(w))),
    row(`${id}History`, read, async (w) => GET(`${await one(w)}/history`)),
    row(`${id}Apply`, apply, async (w) => PUT(`/${plural}`, await document(w))),
    row(`${id}Delete`, hiddenWhere(read, remove), async (w) => DELETE(await one(w))),
  ]
}

const hiddenWhere = (read: string, refused: string): string =>
  refused.replaceAll('-', (mark, at: number) => (read[at] === 'h' ? 'h' : mark))

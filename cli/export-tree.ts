// An export as a folder: the scope tree as folders, a file a resource. What the site sends decides no path outside of it.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Document } from './documents.ts'

const lineCharsMax = 4 * 1024 ** 2
const word = /^[a-z][a-z0-9-]{0,62}$/
const ours = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*\.yaml$/

export const writeTree = async (
  folder: string,
  reply: Response,
  replace: boolean,
): Promise<{ documents: number; removed: number }> => {
  const present = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  if (present.length > 0 && !replace) throw new Error(`${folder} is not empty. Name another, or say --replace.`)
  const written = new Set<string>()
  for await (const line of linesOf(reply)) {
    const document = JSON.parse(line) as Document // checked where it decides a path
    const path = pathOf(document)
    mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true })
    writeFileSync(join(folder, ...path), stringify(document))
    written.add(join(...path))
  }
  const gone = present.filter((path) => !written.has(path) && ours.test(path.split('/').at(-1)!))
  for (const path of gone) rmSync(join(folder, path))
  return { documents: written.size, removed: gone.length }
}

export const pathOf = ({ scope = '/', kind, name }: Document): string[] => {
  const folders = scope.split('/').filter((part) => part !== '')
  const odd = [...folders, kind, name].find((part) => typeof part !== 'string' || !word.test(part))
  if (odd !== undefined) throw new Error(`The site sent ${JSON.stringify(odd)}, which is no name of a file here.`)
  return [...folders, `${kind}.${name}.yaml`]
}

async function* linesOf(reply: Response): AsyncGenerator<string> {
  let held = ''
  const decoder = new TextDecoder()
  for await (const chunk of reply.body ?? []) {
    held += decoder.decode(chunk, { stream: true })
    const parts = held.split('\n')
    held = parts.pop()!
    if (held.length > lineCharsMax) throw new Error(`The site sent a document of more than ${lineCharsMax} characters.`)
    yield* parts.filter((line) => line !== '')
  }
  if (held !== '') throw new Error('The export broke off in the middle of a document.')
}

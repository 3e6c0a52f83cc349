// Resources as files: YAML or JSON, several documents in one, a folder of them.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseAllDocuments } from 'yaml'

export type Document = {
  kind: string
  scope?: string
  name: string
  labels?: Record<string, string>
  classification?: { level: string; caveats?: readonly string[] }
  criticality?: string
  dependsOn?: readonly string[]
  spec?: Record<string, unknown>
}

/** What the site tells of a resource, as far as a file states it. */
export type Told = {
  kind: string
  scope: string
  name: string
  labels: Record<string, unknown>
  classification: { level: string; caveats: readonly string[] }
  criticality?: string
  dependsOn?: readonly string[]
  spec: Record<string, unknown>
}

const fileBytesMax = 4 * 1024 ** 2

export const readDocuments = async (path: string): Promise<Document[]> => {
  if (path === '-') return parse(await text(process.stdin), 'standard input')
  if (!statSync(path).isDirectory()) return parse(readFileSync(path, 'utf8'), path)
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .flatMap((name) => parse(readFileSync(join(path, name), 'utf8'), join(path, name)))
}

export const parse = (source: string, from: string): Document[] => {
  if (source.length > fileBytesMax) throw new Error(`${from} is larger than ${fileBytesMax} bytes.`)
  const parsed = parseAllDocuments(source, { maxAliasCount: 100 } as object)
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((document, i) => {
    if (document.errors[0]) throw new Error(`${from}, document ${i + 1}: ${document.errors[0].message.split('\n')[0]}`)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value === null) return []
    refuseRounded(value, `${from}, document ${i + 1}`)
    if (typeof value !== 'object' || !('kind' in value) || !('name' in value))
      throw new Error(`${from}, document ${i + 1}: a resource has at least \`kind\` and \`name\`.`)
    return [value as Document] // the site checks the rest
  })
}

/** YAML has numbers that would arrive at the site as others, or as nothing. */
const refuseRounded = (value: unknown, where: string): void => {
  if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    throw new Error(`${where}: the number ${value} cannot be held exactly. Write it as text.`)
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) refuseRounded(inner, where)
}

export const toDocument = ({ kind, scope, name, labels, classification, criticality, dependsOn, spec }: Told): Document => ({
  kind,
  ...(scope === '/' ? {} : { scope }),
  name,
  ...(Object.keys(labels).length > 0 ? { labels: labels as Record<string, string> } : {}), // labels are texts, by the site's schema
  classification: {
    level: classification.level,
    ...(classification.caveats.length > 0 ? { caveats: classification.caveats } : {}),
  },
  ...(criticality === undefined ? {} : { criticality }),
  ...(dependsOn === undefined ? {} : { dependsOn }),
  spec,
})

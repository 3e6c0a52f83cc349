// What lies in a repository of files, as JSON for programs and as a page for people: packages, versions, then folders and files.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findVersion, packagesOf, versionsOf, type ReleaseFile, type Version } from '#artifacts'
import { notFound } from '#platform/problem.ts'
import { nameAtPath } from './package-names.ts'
import { escapeHtml, packageIn, page, prefersJson, type At } from './package-place.ts'

/** Made from the version, not stored: whoever asks sees the digests of what is there now. */
export const sumsName = 'SHA256SUMS'

export type Entry = { readonly name: string; readonly sizeBytes?: number; readonly digest?: string; readonly at?: string }

export const list = async (request: FastifyRequest, reply: FastifyReply, { place, rest }: At) => {
  const steps = rest.filter((step, index) => step !== '' || index < rest.length - 1)
  const items = await entriesOf(request, { place, rest: steps })
  const path = [place.path, ...steps].join('/')
  if (prefersJson(request)) return reply.type('application/json').send({ path, items })
  const lines = items.map(({ name, sizeBytes, at }) => {
    const told = [sizeBytes === undefined ? '' : `${sizeBytes} bytes`, at ?? ''].filter((part) => part !== '').join(', ')
    return `<li><a href="./${encodeURIComponent(name.replace(/\/$/, ''))}${name.endsWith('/') ? '/' : ''}">${escapeHtml(name)}</a>${told === '' ? '' : ` (${told})`}</li>`
  })
  return reply
    .type('text/html; charset=utf-8')
    .send(page(path, items.length === 0 ? '<p>Nothing is here yet.</p>' : `<ul>\n${lines.join('\n')}\n</ul>`))
}

const entriesOf = async ({ ctx }: FastifyRequest, { place, rest }: At): Promise<Entry[]> => {
  const [name, version, ...folder] = rest
  if (name === undefined) return (await packagesOf(ctx, place)).map((path) => ({ name: `${nameAtPath(path)}/` }))
  if (version === undefined) {
    const versions = await versionsOf(ctx, packageIn(place, name))
    if (versions.length === 0) throw notFound(`${place.path} has no package ${JSON.stringify(name.slice(0, 100))}.`)
    return versions.map((found) => ({ name: `${found.version}/`, at: found.setAt.toISOString() }))
  }
  return below(await versionAt(ctx, { place, rest }), folder.map((step) => `${step}/`).join(''))
}

export const versionAt = async (ctx: FastifyRequest['ctx'], { place, rest: [name = '', version = ''] }: At): Promise<Version> => {
  const found = version === '' ? undefined : await findVersion(ctx, packageIn(place, name), version)
  if (!found)
    throw notFound(
      `${place.path} has no version ${JSON.stringify(version.slice(0, 100))} of ${JSON.stringify(name.slice(0, 100))}.`,
    )
  return found
}

const below = ({ files }: Version, folder: string): Entry[] => {
  const names = new Map<string, Entry>()
  for (const { path, sizeBytes, digest } of files.filter((file) => file.path.startsWith(folder))) {
    const [step = '', ...deeper] = path.slice(folder.length).split('/')
    if (deeper.length > 0) names.set(`${step}/`, { name: `${step}/` })
    else names.set(step, { name: step, sizeBytes, digest })
  }
  if (names.size === 0) throw notFound(`Nothing is in ${JSON.stringify(folder.slice(0, 200))}.`)
  const sorted = [...names.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return folder === '' ? [...sorted, { name: sumsName }] : sorted
}

/** As `sha256sum --check` reads it, in the order of the paths. */
export const sumsOf = (files: readonly ReleaseFile[]): string =>
  files.map(({ path, digest }) => `${digest.slice('sha256:'.length)}  ${path}\n`).join('')

// The simple index (PEP 503 as a page, PEP 691 and 700 as JSON), with what resolvers need before they fetch a file (PEP 592, 658, 714).
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { packagesOf, versionsOf, type Place, type Version } from '#artifacts'
import { notFound } from '#platform/problem.ts'
import { nameAtPath } from './package-names.ts'
import { escapeHtml, packageIn } from './package-place.ts'
import { normalise } from './pypi-names.ts'
import { artifactType, requiresPython, sidecar, uploadedAt, yanked } from './pypi-upload.ts'

const json = 'application/vnd.pypi.simple.v1+json'
const html = 'application/vnd.pypi.simple.v1+html'

/** By weight (RFC 9110 §12.5.1); a page where the client does not say. */
const wanted = (accept = ''): typeof json | typeof html | 'text/html' => {
  const weights = new Map(
    accept.split(',').map((one) => {
      const [type = '', ...parameters] = one
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/)
      const q = parameters.find((parameter) => parameter.startsWith('q='))
      return [type.replace('.latest+', '.v1+'), q === undefined ? 1 : Number(q.slice(2)) || 0]
    }),
  )
  const weigh = (type: string) => weights.get(type) ?? 0
  if (weigh(json) > 0 && weigh(json) >= Math.max(weigh(html), weigh('text/html'))) return json
  return weigh(html) > weigh('text/html') ? html : 'text/html'
}

const answer = (request: FastifyRequest, reply: FastifyReply, made: { json: () => object; html: () => string }) => {
  const type = wanted(request.headers.accept)
  const body = type === json ? JSON.stringify(made.json()) : made.html()
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  void reply.headers({ etag, vary: 'accept', 'cache-control': 'private, no-cache' })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply
    .type(type === json ? json : `${type}; charset=utf-8`)
    .serializer((text: string) => text)
    .send(body)
}

const pageOf = (title: string, lines: readonly string[]): string =>
  `<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.1"><title>${escapeHtml(title)}</title></head><body>\n${lines.join('\n')}\n</body></html>\n`

export const sendProjects = async (request: FastifyRequest, reply: FastifyReply, place: Place) => {
  const names = (await packagesOf(request.ctx, place)).map(nameAtPath)
  return answer(request, reply, {
    json: () => ({ meta: { 'api-version': '1.1' }, projects: names.map((name) => ({ name })) }),
    html: () =>
      pageOf(
        place.path,
        names.map((name) => `<a href="${name}/">${escapeHtml(name)}</a><br>`),
      ),
  })
}

type File = {
  filename: string
  url: string
  hashes: { sha256: string }
  'requires-python'?: string
  yanked: boolean | string
  'core-metadata': false | { sha256: string }
  size: number
  'upload-time': string
}

const filesOf = (project: string, { version, files, annotations, setAt }: Version): File[] =>
  files
    .filter(({ path }) => !path.endsWith(sidecar))
    .map(({ path, digest, sizeBytes, annotations: told = {} }) => {
      const metadata = files.find((file) => file.path === `${path}${sidecar}`)
      const requires = told[requiresPython]
      return {
        filename: path,
        url: `../../files/${project}/${encodeURIComponent(version)}/${encodeURIComponent(path)}`,
        hashes: { sha256: hexOf(digest) },
        ...(requires === undefined ? {} : { 'requires-python': requires }),
        yanked: annotations[yanked] === undefined ? false : annotations[yanked] || true,
        'core-metadata': metadata === undefined ? false : { sha256: hexOf(metadata.digest) },
        size: sizeBytes,
        'upload-time': told[uploadedAt] ?? setAt.toISOString(),
      }
    })

const hexOf = (digest: string): string => digest.slice('sha256:'.length)

export const sendProject = async (request: FastifyRequest, reply: FastifyReply, place: Place, name: string) => {
  const project = normalise(name)
  const versions = await versionsOf(request.ctx, packageIn(place, project), { artifactType })
  if (versions.length === 0) throw notFound(`${place.path} has no project ${JSON.stringify(name.slice(0, 100))}.`)
  const files = versions.flatMap((version) => filesOf(project, version))
  return answer(request, reply, {
    json: () => ({ meta: { 'api-version': '1.1' }, name: project, versions: versions.map(({ version }) => version), files }),
    html: () => pageOf(project, files.map(anchor)),
  })
}

const anchor = (file: File): string => {
  const metadata = file['core-metadata']
  const told = {
    'data-requires-python': file['requires-python'],
    // PEP 714: the second name is for clients that know only what PEP 658 called it.
    'data-core-metadata': metadata === false ? undefined : `sha256=${metadata.sha256}`,
    'data-dist-info-metadata': metadata === false ? undefined : `sha256=${metadata.sha256}`,
    'data-yanked': file.yanked === false ? undefined : file.yanked === true ? '' : file.yanked,
  }
  const attributes = Object.entries(told)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeHtml(value ?? '')}"`)
    .join('')
  return `<a href="${escapeHtml(file.url)}#sha256=${file.hashes.sha256}"${attributes}>${escapeHtml(file.filename)}</a><br>`
}

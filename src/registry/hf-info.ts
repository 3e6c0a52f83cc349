// What a model is and holds, as the Hub tells it: info, listing of files, refs, and which models there are.
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  filesAt,
  findRevision,
  listPackages,
  refsOf,
  treeOf,
  type Entry,
  type FileAt,
  type Listed,
  type Place,
  type Revision,
} from '#artifacts'
import type { Context } from '#platform/context.ts'
import { parseJson } from '#platform/json.ts'
import { fileUnknown } from '#artifacts'
import { invalid, notFound, Problem, tooLarge } from '#platform/problem.ts'
import { bodyOf, queryOf } from './oci-asked.ts'
import { lfsOf, sha256Of } from './hf-files.ts'
import { baseAsked, placeAsked, type Asked, type Handler } from './hf-asked.ts'
import { originOf } from './origin.ts'

const pageDefault = 1_000
const pageMax = 1_000
const siblingsMax = 100_000
const refsMax = 10_000
const pathsMax = 2_000
const bodyBytesMax = 1024 ** 2

/** As the Hub pages (RFC 8288): the address to ask next, on this site. */
const next = (request: FastifyRequest, reply: FastifyReply, cursor: string | undefined): void => {
  if (cursor === undefined) return
  const url = new URL(request.url, originOf(request))
  url.searchParams.set('cursor', Buffer.from(cursor).toString('base64url'))
  void reply.header('link', `<${url.href}>; rel="next"`)
}

const pageOf = (request: FastifyRequest): { after: string | undefined; limit: number } => {
  const { limit, cursor } = queryOf(request)
  if (limit !== undefined && !/^\d{1,9}$/.test(limit)) throw invalid('limit is a whole number.')
  return {
    limit: Math.max(1, Math.min(limit === undefined ? pageDefault : Number(limit), pageMax)),
    after: cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString('utf8'),
  }
}

const isTrue = (text: string | undefined): boolean => /^(true|1)$/i.test(text ?? '')

const revisionAsked = async (
  request: FastifyRequest,
  asked: Asked,
  name: string,
): Promise<{ place: Place; revision: Revision }> => {
  const place = await placeAsked(request.ctx, 'pull', asked)
  return { place, revision: await findRevision(request.ctx, place, name) }
}

/** `main` where the address names none. */
export const sendInfo: Handler = async (request, reply, asked) => {
  const { revision } = await revisionAsked(request, asked, asked.rest[0] ?? 'main')
  const { items } = await treeOf(request.ctx, revision, { under: '', recursive: true, limit: siblingsMax })
  const found = items.filter((item) => item.kind === 'file')
  const blobs = isTrue(queryOf(request)['blobs'])
  return reply.send({
    ...cardOf(asked.id, revision.commit, revision.pushedAt),
    siblings: found.map((file) => ({ rfilename: file.path, ...(blobs ? siblingOf(file) : {}) })),
    usedStorage: revision.sizeBytes,
  })
}

const siblingOf = (file: FileAt) => {
  const { oid, pointerSize } = lfsOf(file)
  return { size: file.sizeBytes, blobId: oid, lfs: { sha256: sha256Of(file), size: file.sizeBytes, pointerSize } }
}

/** Nothing here is public, and nobody asks for access at the Hub. */
const cardOf = (id: string, sha: string, at: Date) => ({
  _id: sha.slice(0, 24),
  id,
  modelId: id,
  author: id.includes('/') ? id.split('/')[0] : null,
  sha,
  lastModified: at.toISOString(),
  createdAt: at.toISOString(),
  private: true,
  gated: false,
  disabled: false,
  downloads: 0,
  likes: 0,
  tags: [],
})

export const sendTree: Handler = async (request, reply, asked) => {
  const [name = 'main', ...path] = asked.rest
  const { place, revision } = await revisionAsked(request, asked, name)
  const query = queryOf(request)
  const { after, limit } = pageOf(request)
  const under = path.join('/').replace(/\/+$/, '')
  const recursive = isTrue(query['recursive'])
  const { items, next: cursor } = await treeOf(request.ctx, revision, { under, recursive, after, limit })
  if (items.length === 0 && under !== '' && after === undefined)
    throw fileUnknown(`${place.path} has no folder ${JSON.stringify(under.slice(0, 200))} at ${revision.commit}.`, {
      path: under.slice(0, 200),
    })
  next(request, reply, cursor)
  return reply.send(items.map((item) => entryOf(item, revision, isTrue(query['expand']))))
}

const entryOf = (entry: Entry, { commit, pushedAt }: Revision, expand: boolean) => {
  const lastCommit = expand ? { lastCommit: { id: commit, title: 'Pushed', date: pushedAt.toISOString() } } : {}
  if (entry.kind === 'folder') return { type: 'directory', oid: commit, size: 0, path: entry.path, ...lastCommit }
  const { oid, pointerSize } = lfsOf(entry)
  return {
    type: 'file',
    oid,
    size: entry.sizeBytes,
    path: entry.path,
    lfs: { oid: sha256Of(entry), size: entry.sizeBytes, pointerSize },
    ...lastCommit,
  }
}

/** Files and folders by path; of what is not there nothing is said. */
export const sendPaths: Handler = async (request, reply, asked) => {
  const { revision } = await revisionAsked(request, asked, asked.rest[0] ?? 'main')
  const { paths, expand } = pathsIn(await readBody(request), request.headers['content-type'])
  const found: Entry[] = (await filesAt(request.ctx, revision, paths)).map((file) => ({ kind: 'file', ...file }))
  const folders = await foldersAmong(
    request.ctx,
    revision,
    paths.filter((path) => !found.some((file) => file.path === path)),
  )
  return reply.send([...found, ...folders].map((entry) => entryOf(entry, revision, expand)))
}

const foldersAmong = async (ctx: Context, revision: Revision, paths: readonly string[]): Promise<Entry[]> => {
  const folders: Entry[] = []
  for (const path of paths)
    if (path !== '' && (await treeOf(ctx, revision, { under: path, recursive: true, limit: 1 })).items.length > 0)
      folders.push({ kind: 'folder', path })
  return folders
}

export const readBody = async (request: FastifyRequest, bytesMax = bodyBytesMax): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  const source: Readable | undefined = bodyOf(request)
  for await (const chunk of source ?? []) {
    size += (chunk as Buffer).length // a body that nobody decoded
    if (size > bytesMax) throw tooLarge(`The body has at most ${bytesMax} bytes here.`, { bytesMax })
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** As a form or as JSON: clients send either. */
const pathsIn = (body: string, type = ''): { paths: string[]; expand: boolean } => {
  const form = new URLSearchParams(type.startsWith('application/json') ? '' : body)
  const json = type.startsWith('application/json') ? (parseJson(body) as { paths?: unknown; expand?: unknown } | null) : undefined // of any form: looked at below
  const given = json ? [json.paths].flat() : form.getAll('paths')
  const paths = given.filter((path): path is string => typeof path === 'string')
  if (paths.length > pathsMax) throw invalid(`At most ${pathsMax} paths at once.`)
  return { paths, expand: json ? json.expand === true : isTrue(form.get('expand') ?? '') }
}

export const sendRefs: Handler = async (request, reply, asked) => {
  const { revision } = await revisionAsked(request, asked, 'main').catch(async (error: unknown) => {
    // A package without `main` and `latest` has refs all the same.
    if (!(error instanceof Problem) || error.code !== 'manifest-unknown') throw error
    return anyRevision(request, asked)
  })
  const refs = await refsOf(request.ctx, revision, refsMax)
  const main = refs.find(({ name }) => name === 'main') ?? refs.find(({ name }) => name === 'latest')
  return reply.send({
    branches: main ? [{ name: 'main', ref: 'refs/heads/main', targetCommit: main.commit }] : [],
    tags: refs
      .filter(({ name }) => name !== 'main')
      .map(({ name, commit }) => ({ name, ref: `refs/tags/${name}`, targetCommit: commit })),
    converts: [],
  })
}

const anyRevision = async (request: FastifyRequest, asked: Asked): Promise<{ place: Place; revision: Revision }> => {
  const place = await placeAsked(request.ctx, 'pull', asked)
  const { repository, name } = place
  const { items } = await listPackages(request.ctx, { ...place, repository, name: '' }, { exactly: name, limit: 1 })
  const [only] = items
  if (!only) throw notFound(`Nothing is tagged at ${place.path}.`)
  return { place, revision: await findRevision(request.ctx, place, only.commit) }
}

export const sendCommits: Handler = async (request, reply, asked) => {
  const { revision } = await revisionAsked(request, asked, asked.rest[0] ?? 'main')
  const { commit, pushedAt, pushedBy } = revision
  return reply.send([{ id: commit, title: 'Pushed', message: '', date: pushedAt.toISOString(), authors: [{ user: pushedBy }] }])
}

/** Of one repository, below its path; whoever may not pull from it hears what its other doors say. */
export const sendList: Handler = async (request, reply, asked) => {
  const { search, author } = queryOf(request)
  const { after, limit } = pageOf(request)
  const place = await baseAsked(request.ctx, 'pull', asked).catch((error: unknown) => {
    if (asked.base === '' && error instanceof Problem && error.code === 'repository-unknown') return undefined // no hub yet
    throw error
  })
  if (!place) return reply.send([])
  const folders = [asked.type === 'models' ? '' : asked.type, (author ?? '').toLowerCase()].filter((part) => part !== '')
  const under = folders.join('/')
  const { items, next: cursor } = await listPackages(request.ctx, place, { search, under, after, limit })
  next(request, reply, cursor)
  return reply.send(items.filter((item) => !isOther(asked, item)).map((item) => listed(item, author)))
}

/** Datasets and spaces lie in folders of those names. */
const isOther = ({ type }: Asked, { name }: Listed): boolean => type === 'models' && /^(datasets|spaces)\//.test(name)

const listed = ({ name, commit, setAt, pulls }: Listed, author: string | undefined) => ({
  ...cardOf(author === undefined ? name : `${author.toLowerCase()}/${name}`, commit, setAt),
  downloads: pulls,
})

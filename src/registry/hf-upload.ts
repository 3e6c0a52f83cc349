// `hf upload`: files come one by one by Git LFS, and a commit names them as a release. A commit is made from the release that its revision names, and becomes it.
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  commitOf,
  filesOf,
  findRevision,
  heldBlob,
  placeFor,
  placeToPush,
  publish,
  pushBlob,
  type FileAt,
  type Place,
  type Revision,
} from '#artifacts'
import { lendToken } from '#identity'
import type { Context } from '#platform/context.ts'
import { parseJson } from '#platform/json.ts'
import { conflict, invalid, notFound, Problem } from '#platform/problem.ts'
import { bodyOf } from './oci-asked.ts'
import { hubPath, pathOf, type Asked, type Handler } from './hf-asked.ts'
import { sha256Of } from './hf-files.ts'
import { readBody } from './hf-info.ts'
import { originOf } from './origin.ts'

const modelType = 'application/vnd.cncf.model.manifest.v1+json'
const configType = 'application/vnd.cncf.model.config.v1+json'
/** A commit holds small files themselves, in base64; large ones come before it. */
const commitBytesMax = 64 * 1024 ** 2
const listBytesMax = 8 * 1024 ** 2
const objectsMax = 1_000

const Path = Type.String({ minLength: 1, maxLength: 1_000 })
const Oid = Type.String({ pattern: '^[0-9a-f]{64}$' })
const NewRepo = Compile(
  Type.Object({
    name: Type.String(),
    organization: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    type: Type.Optional(Type.String()),
  }),
)
const Files = Compile(Type.Object({ files: Type.Array(Type.Object({ path: Path }), { maxItems: objectsMax }) }))
const Objects = Compile(
  Type.Object({
    operation: Type.Literal('upload'),
    objects: Type.Array(Type.Object({ oid: Oid, size: Type.Integer({ minimum: 0 }) }), { maxItems: objectsMax }),
  }),
)
const Operation = Compile(
  Type.Union([
    Type.Object({
      key: Type.Literal('header'),
      value: Type.Object({ summary: Type.String(), parentCommit: Type.Optional(Type.String()) }),
    }),
    Type.Object({
      key: Type.Literal('file'),
      value: Type.Object({ path: Path, content: Type.String(), encoding: Type.Literal('base64') }),
    }),
    Type.Object({ key: Type.Literal('lfsFile'), value: Type.Object({ path: Path, algo: Type.Literal('sha256'), oid: Oid }) }),
    Type.Object({
      key: Type.Union([Type.Literal('deletedFile'), Type.Literal('deletedFolder')]),
      value: Type.Object({ path: Path }),
    }),
  ]),
)

type Form<T> = { Check(value: unknown): value is T }
const formOf = <T>(form: Form<T>, text: string): T => {
  const value: unknown = parseJson(text)
  if (!form.Check(value)) throw invalid('The request does not have the form that the Hub’s clients send.')
  return value
}

const placeToChange = async (ctx: Context, asked: Asked): Promise<Place> => placeToPush(ctx, await hubPath(ctx, asked), 'oci')

/** Nothing is made until something is committed, but the repository where one may make it. */
export const createRepo: Handler = async (request, reply, asked) => {
  if (asked.rest.join('/') !== 'create') throw notFound('Of /api/repos, this site serves create.')
  const { name, organization, type = 'model' } = formOf(NewRepo, await readBody(request))
  const id = organization ? `${organization}/${name}` : name
  const types = { model: 'models', dataset: 'datasets', space: 'spaces' } as const
  const kind = types[type as keyof typeof types] // unknown ones are refused below
  if (!kind) throw invalid(`This site holds models, datasets and spaces, and no ${type.slice(0, 40)}.`)
  await placeToChange(request.ctx, { ...asked, type: kind, id })
  return reply.send({ url: webOf(request.url, originOf(request), '/api/repos', kind, id), name: id, id })
}

/** As the client would write it after its endpoint. */
const webOf = (url: string, origin: string, until: string, type: string, id: string): string =>
  `${origin}${url.slice(0, url.indexOf(until))}/${type === 'models' ? '' : `${type}/`}${id}`

/** Every file comes by LFS: as bytes, and checked against the digest that its sender announced. */
export const preupload: Handler = async (request, reply, asked) => {
  const place = await placeToChange(request.ctx, asked)
  const { files } = formOf(Files, await readBody(request, listBytesMax))
  const there = await filesAtHead(request.ctx, place, asked.rest[0] ?? 'main')
  return reply.send({
    files: files.map(({ path }) => {
      const held = there.find((file) => file.path === path)
      return { path, uploadMode: 'lfs', shouldIgnore: false, oid: held ? sha256Of(held) : null }
    }),
  })
}

const headOf = (ctx: Context, place: Place, name: string): Promise<Revision | undefined> =>
  findRevision(ctx, place, name).catch((error: unknown) => {
    if (error instanceof Problem && (error.code === 'manifest-unknown' || error.code === 'repository-unknown')) return undefined
    throw error
  })

const filesAtHead = async (ctx: Context, place: Place, name: string): Promise<FileAt[]> => {
  const head = await headOf(ctx, place, name)
  return head ? filesOf(ctx, head) : []
}

/** Git LFS, "Batch API". The token in the address is what a client sends with the file: it has no other way to say who it is. */
export const sendBatch: Handler = async (request, reply, asked) => {
  const { ctx } = request
  const place = await placeToChange(ctx, asked)
  const { objects } = formOf(Objects, await readBody(request, listBytesMax))
  const { token } = await lendToken(ctx)
  const to = new URL(`/hf/${place.path}.git/info/lfs/objects/`, originOf(request))
  to.username = 'lfs'
  to.password = token
  const answered = []
  for (const { oid, size } of objects) {
    const there = await holds(ctx, place, `sha256:${oid}`)
    answered.push(
      there ? { oid, size } : { oid, size, authenticated: true, actions: { upload: { href: new URL(oid, to).href } } },
    )
  }
  return reply.type('application/vnd.git-lfs+json').serializer(JSON.stringify).send({ transfer: 'basic', objects: answered })
}

const holds = async (ctx: Context, place: Place, digest: string): Promise<boolean> =>
  heldBlob(ctx, place, digest).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Problem && (error.code === 'blob-unknown' || error.code === 'blob-damaged')) return false
      throw error
    },
  )

export const takeObject: Handler = async (request, reply, asked) => {
  const [oid = ''] = asked.rest
  if (!/^[0-9a-f]{64}$/.test(oid)) throw invalid('An object is named by its SHA-256.')
  const place = await placeFor(request.ctx, 'push', pathOf(asked))
  await pushBlob(request.ctx, place, bodyOf(request) ?? Readable.from([]), `sha256:${oid}`)
  return reply.send({})
}

type Commit = { parent: string | undefined; changes: { path: string; digest?: string; folder?: boolean; content?: Buffer }[] }

/** Pure. One operation a line (NDJSON). */
const readCommit = (text: string): Commit => {
  const commit: Commit = { parent: undefined, changes: [] }
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const operation = formOf(Operation, line)
    if (operation.key === 'header') commit.parent = operation.value.parentCommit
    else if (operation.key === 'file')
      commit.changes.push({ path: operation.value.path, content: Buffer.from(operation.value.content, 'base64') })
    else if (operation.key === 'lfsFile')
      commit.changes.push({ path: operation.value.path, digest: `sha256:${operation.value.oid}` })
    else commit.changes.push({ path: operation.value.path.replace(/\/+$/, ''), folder: operation.key === 'deletedFolder' })
  }
  for (const { path } of commit.changes)
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..') || /[\\\p{Cc}]/u.test(path))
      throw invalid(`${JSON.stringify(path.slice(0, 200))} is not a path below a model.`)
  return commit
}

/** In this process; one site works on a database. Two commits to one package at once would each be made from what was before both. */
const turns = new Map<string, Promise<unknown>>()

const inTurn = <T>(key: string, run: () => Promise<T>): Promise<T> => {
  const mine = (turns.get(key) ?? Promise.resolve()).then(run, run)
  turns.set(key, mine)
  const clear = () => void (turns.get(key) === mine && turns.delete(key))
  mine.then(clear, clear)
  return mine
}

export const takeCommit: Handler = async (request, reply, asked) => {
  const { ctx } = request
  const [tag = 'main'] = asked.rest
  const place = await placeToChange(ctx, asked)
  const commit = readCommit(await readBody(request, commitBytesMax))
  const made = await inTurn(`${ctx.site.id} ${place.path}`, () => commitTo(ctx, place, tag, commit))
  const web = webOf(request.url, originOf(request), '/api/', asked.type, asked.id)
  return reply.send({ success: true, commitOid: made, commitUrl: `${web}/commit/${made}`, hookOutput: '' })
}

type Kept = { digest: string; sizeBytes: number; mediaType: string }

const commitTo = async (ctx: Context, place: Place, tag: string, { parent, changes }: Commit): Promise<string> => {
  const head = await headOf(ctx, place, tag)
  if (parent !== undefined && parent !== head?.commit)
    throw conflict(
      `${tag} is at ${head?.commit ?? 'nothing'}, not at ${parent.slice(0, 80)}: someone committed meanwhile. Look at what changed, and commit again.`,
    )
  const files = new Map<string, Kept>((head ? await filesOf(ctx, head) : []).map(({ path, ...kept }) => [path, kept]))
  for (const { path, digest, folder, content } of changes) {
    if (content) files.set(path, { ...(await pushBlob(ctx, place, Readable.from([content]))), mediaType: typeFor(path) })
    else if (digest !== undefined)
      files.set(path, { digest, sizeBytes: (await heldBlob(ctx, place, digest)).sizeBytes, mediaType: typeFor(path) })
    else for (const at of files.keys()) if (at === path || (folder && at.startsWith(`${path}/`))) files.delete(at)
  }
  if (files.size === 0) throw invalid('After this commit nothing would be left. Discard the tag instead.')
  const listed = [...files].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const { digest } = await publish(ctx, place, {
    tag,
    artifactType: modelType,
    config: {
      mediaType: configType,
      content: {
        descriptor: { name: place.path.split('/').at(-1)! },
        config: {},
        modelfs: { type: 'layers', diffIds: listed.map(([, file]) => file.digest) },
      },
    },
    files: listed.map(([path, file]) => ({
      path,
      digest: file.digest,
      sizeBytes: file.sizeBytes,
      mediaType: file.mediaType,
      annotations: { 'org.cncf.model.filepath': path },
    })),
  })
  return commitOf(digest)
}

const kinds: [kind: string, pattern: RegExp][] = [
  ['weight.config', /\.(json|jinja|model|ya?ml|spm|tiktoken|bpe)$|(^|\/)(merges|vocab)\.txt$/i],
  ['doc', /(^|\/)(readme|licen[cs]e|notice)[^/]*$|\.(md|txt|rst|pdf|png|jpe?g|svg)$/i],
  ['code', /\.(py|sh|ipynb|js|ts|cpp|h|cu|rs|go|toml)$/i],
  ['dataset', /\.(parquet|csv|arrow|tsv)$/i],
]

/** ModelPack's kinds, by the name of the file. */
const typeFor = (path: string): string =>
  `application/vnd.cncf.model.${kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? 'weight'}.v1.raw`

/** A branch begins with its first commit. */
export const createBranch: Handler = async (request, reply, asked) => {
  await placeToChange(request.ctx, asked)
  return reply.send({})
}

/** What the Hub would say of a model card's head; here nobody reads it. */
export const acceptCard: Handler = async (request, reply) => {
  await request.ctx.authorize('organisation.read', { kind: 'organisation' })
  return reply.send({ errors: [], warnings: [] })
}

export const refuseXet: Handler = async (request) => {
  await request.ctx.authorize('organisation.read', { kind: 'organisation' })
  throw invalid('This site takes files by plain HTTP and not by Xet. Set HF_HUB_DISABLE_XET=1 and upload again.')
}

// Files of a model, whole or in ranges. Nothing of an answer leads off this site, and none speaks of Xet, so that clients stay with plain HTTP.
import { createHash } from 'node:crypto'
import { fileAt, findRevision, heldBlob, isPacked, notePull, type FileAt } from '#artifacts'
import { problem } from '#platform/problem.ts'
import { sendHeld } from './oci-blobs.ts'
import { placeAsked, type Handler } from './hf-asked.ts'

export const filePacked = problem('file-packed', 404, 'The file lies in an archive')

export const sha256Of = ({ blob }: Pick<FileAt, 'blob'>): string => blob.slice('sha256:'.length)

/** Git LFS keeps this in a file's place; its name in Git is what the Hub calls the file's `oid`. */
const pointerOf = ({ blob, sizeBytes }: Pick<FileAt, 'blob' | 'sizeBytes'>): string =>
  `version https://git-lfs.github.com/spec/v1\noid ${blob}\nsize ${sizeBytes}\n`

export const lfsOf = (file: Pick<FileAt, 'blob' | 'sizeBytes'>): { oid: string; pointerSize: number } => {
  const pointer = pointerOf(file)
  return {
    oid: createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex'),
    pointerSize: pointer.length,
  }
}

/** `/resolve/<revision>/<path>`, and `/raw/…` as text. */
export const sendFile: Handler = async (request, reply, asked) => {
  const { ctx, method } = request
  const [revisionName = '', ...path] = asked.rest
  const place = await placeAsked(ctx, 'pull', asked)
  const revision = await findRevision(ctx, place, revisionName)
  void reply.header('x-repo-commit', revision.commit)
  const file = await fileAt(ctx, place, revision, path.join('/'))
  if (isPacked(file))
    throw filePacked(
      `${file.path} is packed into an archive (${file.mediaType}), which Hugging Face clients cannot open. Push it raw: \`holdfast artifact push-model\`, or \`modctl build --raw\`. OCI clients pull it as it is.`,
      { path: file.path },
    )
  const held = await heldBlob(ctx, place, file.digest)
  const etag = `"${sha256Of(file)}"`
  const headers = {
    'content-type': asked.verb === 'raw' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    etag,
    'x-linked-etag': etag,
    'x-linked-size': String(file.sizeBytes),
    'accept-ranges': 'bytes',
    'content-length': String(file.sizeBytes),
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(path.at(-1) ?? '')}`,
  }
  if (method === 'HEAD') return reply.headers(headers).send()
  notePull(ctx, place, revision.digest)
  return sendHeld(request, reply, held, headers)
}

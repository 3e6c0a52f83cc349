// Any files as a release, and back: `oras` has them too, and they have ours.
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { pullFile, pushFiles, safePath, type FileToPush } from './artifact-files.ts'
import { digestOf, filesIn, pathAnnotation, titleAnnotation } from './model-pack.ts'
import { bytes, duration, good, plain, show, type Output } from './output.ts'
import { progress } from './progress.ts'
import { ask, getManifest, manifestType, parseName, pushBytes, pushManifest, rawManifest } from './registry.ts'
import { CalledWrongly } from './session.ts'

const emptyType = 'application/vnd.oci.empty.v1+json'
const empty = Buffer.from('{}')
const filesType = 'application/vnd.holdfast.artifact.v1'
const digestOfBytes = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`
const emptyConfig = { mediaType: emptyType, digest: digestOfBytes(empty), size: empty.length }

export const addArtifactTransfer = (artifact: Command, output: () => Output): void => {
  artifact
    .command('push')
    .description('push files or folders as one release; what is there already is not sent again')
    .argument('<file...>', 'files, then the name: PATH:TAG')
    .option('--type <media type>', 'what kind of release it is', filesType)
    .action((given: string[], { type }: { type: string }) => push(output(), given, type))
  artifact
    .command('pull')
    .description('pull the files of a release; goes on where it stopped, and keeps what is there and right')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .option('-o, --out <folder>', 'where to', '.')
    .action((name: string, { out }: { out: string }) => pull(output(), name, out))
  artifact
    .command('copy')
    .description('copy a release to another package of the site; nothing is sent through this machine')
    .argument('<from>', 'PATH:TAG or PATH@sha256:…')
    .argument('<to>', 'PATH:TAG')
    .action((from: string, to: string) => copy(output(), from, to))
  artifact
    .command('attach')
    .description('attach a file to a release as a statement about it: a bill of materials, a test report')
    .argument('<file>')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .requiredOption('--type <media type>', 'what the file is, such as application/spdx+json')
    .action((file: string, name: string, { type }: { type: string }) => attach(output(), { file, name, type }))
}

const hashed = async (given: readonly string[]): Promise<FileToPush[]> => {
  const found = given.flatMap((file) => {
    const stat = statSync(file)
    return stat.isDirectory() ? filesIn(file) : [{ path: basename(file), file, size: stat.size }]
  })
  const twice = found.find(({ path }, at) => found.findIndex((other) => other.path === path) !== at)
  if (twice) throw new CalledWrongly(`Two files would both be called ${plain(twice.path)} in the release.`)
  const hashing = progress(found.reduce((sum, { size }) => sum + size, 0))
  const files: FileToPush[] = []
  for (const file of found) {
    hashing.named(`hashing ${plain(file.path)}`)
    files.push({ ...file, digest: await digestOf(file.file) })
    hashing.moved(file.size)
  }
  hashing.done()
  return files
}

const push = async (output: Output, given: string[], type: string): Promise<void> => {
  const name = given.at(-1) ?? ''
  if (given.length < 2) throw new CalledWrongly('Say what to push and where: `holdfast artifact push FILE… PATH:TAG`.')
  const { path, reference } = parseName(name)
  const files = await hashed(given.slice(0, -1))
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const sending = progress(total)
  const skipped = await pushFiles(path, files, sending)
  const { seconds } = sending.done()
  await pushBytes(path, empty, emptyConfig.digest)
  const digest = await pushManifest(path, reference, {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: type,
    config: emptyConfig,
    layers: files.map((file) => ({
      mediaType: 'application/octet-stream',
      digest: file.digest,
      size: file.size,
      annotations: { [titleAnnotation]: file.path },
    })),
  })
  const sent = total - skipped
  show(
    output,
    { path, reference, digest, files: files.length, sizeBytes: total, sentBytes: sent, skippedBytes: skipped },
    () =>
      `${good('Pushed')} ${path}:${reference}  ${digest}\n${files.length} files, ${bytes(total)}; ${bytes(sent)} sent in ${duration(seconds)}, ${bytes(skipped)} was there already.`,
  )
}

const pull = async (output: Output, name: string, folder: string): Promise<void> => {
  const { path, reference } = parseName(name)
  const { digest, manifest } = await getManifest(path, reference)
  const layers = manifest.layers.flatMap((layer) => {
    const at = layer.annotations?.[titleAnnotation] ?? layer.annotations?.[pathAnnotation]
    return at === undefined ? [] : [{ layer, at: safePath(at) }]
  })
  if (layers.length === 0)
    throw new Error(`${name} names no files: it is an image. Pull it with \`docker pull\`, \`podman pull\` or \`skopeo copy\`.`)
  const total = layers.reduce((sum, { layer }) => sum + layer.size, 0)
  const receiving = progress(total)
  let kept = 0
  for (const { layer, at } of layers) {
    receiving.named(plain(at))
    if (await pullFile(path, layer, join(folder, at), receiving.moved)) kept += layer.size
  }
  const { seconds } = receiving.done()
  show(
    output,
    { path, reference, digest, files: layers.length, sizeBytes: total, keptBytes: kept },
    () =>
      `${good('Pulled')} ${path}:${reference}  ${digest}\n${layers.length} files, ${bytes(total)} in ${duration(seconds)}; ${bytes(kept)} was there already.`,
  )
}

type Parts = { config?: { digest: string }; layers?: { digest: string }[]; manifests?: { digest: string }[] }

const mountAll = async (from: string, to: string, { config, layers = [] }: Parts): Promise<number> => {
  const digests = new Set([...(config ? [config] : []), ...layers].map(({ digest }) => digest))
  for (const digest of digests) {
    const reply = await ask('POST', `/v2/${to}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`)
    if (reply.status === 201) continue
    await ask('DELETE', reply.headers.get('location')!)
    throw new Error(`${digest} of ${from} could not be taken over: you may not pull it, or it is no longer there.`)
  }
  return digests.size
}

/** What an index names comes first, since nothing may name what is not there. */
const copyRelease = async (
  from: string,
  to: string,
  names: { at: string; as: string },
): Promise<{ digest: string; parts: number }> => {
  const { body, mediaType, digest } = await rawManifest(from, names.at)
  const document = JSON.parse(body.toString('utf8')) as Parts // of a form the registry took
  let parts = await mountAll(from, to, document)
  for (const child of document.manifests ?? [])
    parts += (await copyRelease(from, to, { at: child.digest, as: child.digest })).parts
  await ask('PUT', `/v2/${to}/manifests/${names.as}`, { body: body as never, headers: { 'content-type': mediaType } }) // fetch takes buffers
  return { digest, parts }
}

const copy = async (output: Output, from: string, to: string): Promise<void> => {
  const [source, target] = [parseName(from), parseName(to)]
  const { digest, parts } = await copyRelease(source.path, target.path, { at: source.reference, as: target.reference })
  show(
    output,
    { from, to, digest, parts },
    () => `${good('Copied')} ${from} to ${to}  ${digest}\n${parts} parts, none of them through this machine.`,
  )
}

const attach = async (output: Output, { file, name, type }: { file: string; name: string; type: string }): Promise<void> => {
  const { path, reference } = parseName(name)
  const { body, mediaType, digest: subject } = await rawManifest(path, reference)
  const files = await hashed([file])
  const sending = progress(files.reduce((sum, { size }) => sum + size, 0))
  await pushFiles(path, files, sending)
  sending.done()
  await pushBytes(path, empty, emptyConfig.digest)
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: type,
    config: emptyConfig,
    layers: files.map((each) => ({
      mediaType: type,
      digest: each.digest,
      size: each.size,
      annotations: { [titleAnnotation]: each.path },
    })),
    subject: { mediaType, digest: subject, size: body.length },
  }
  const digest = await pushManifest(path, digestOfBytes(Buffer.from(JSON.stringify(manifest))), manifest)
  show(output, { path, digest, subject, artifactType: type }, () => `${good('Attached')} ${plain(file)} to ${name}  ${digest}`)
}

// Models between folders and the site's repositories: pushed as CNCF ModelPacks, pulled back file by file, each checked against its digest.
import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { pullFile, pushFiles, safePath } from './artifact-files.ts'
import { given } from './flags.ts'
import {
  configOf,
  digestOf,
  filesIn,
  layerOf,
  modelConfigType,
  modelType,
  pathAnnotation,
  titleAnnotation,
  type Described,
  type PackFile,
} from './model-pack.ts'
import { bytes, duration, good, plain, show, type Output } from './output.ts'
import { progress } from './progress.ts'
import { getManifest, manifestType, parseName, pushBytes, pushManifest } from './registry.ts'

export const addArtifactModels = (artifact: Command, output: () => Output): void => {
  artifact
    .command('push-model')
    .description('push a folder as a model (CNCF ModelPack); what is there already is not sent again')
    .argument('<folder>')
    .argument('<name>', 'PATH:TAG')
    .option('--family <text>', 'of models, such as llama3')
    .option('--version <text>')
    .option('--licence <text>', 'SPDX')
    .option('--source <url>', 'where it comes from')
    .action((folder: string, name: string, flags: Omit<Described, 'name'>) => pushModel(output(), folder, name, flags))
  artifact
    .command('pull-model')
    .description('pull a model into a folder; goes on where it stopped, and keeps what is there and right')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .argument('<folder>')
    .action((name: string, folder: string) => pullModel(output(), name, folder))
}

const pushModel = async (output: Output, folder: string, name: string, flags: Omit<Described, 'name'>): Promise<void> => {
  const { path, reference } = parseName(name)
  const found = filesIn(folder)
  const total = found.reduce((sum, { size }) => sum + size, 0)
  const hashing = progress(total)
  const files: PackFile[] = []
  for (const file of found) {
    hashing.named(`hashing ${plain(file.path)}`)
    files.push({ ...file, digest: await digestOf(file.file) })
    hashing.moved(file.size)
  }
  hashing.done()
  const sending = progress(total)
  const skipped = await pushFiles(path, files, sending)
  const { bytes: moved, seconds } = sending.done()
  const config = Buffer.from(JSON.stringify(configOf(files, { name: basename(resolve(folder)), ...given(flags) })))
  const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`
  await pushBytes(path, config, configDigest)
  const digest = await pushManifest(path, reference, {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: modelType,
    config: { mediaType: modelConfigType, digest: configDigest, size: config.length },
    layers: files.map(layerOf),
  })
  const sent = moved - skipped
  show(
    output,
    { path, reference, digest, files: files.length, sizeBytes: total, sentBytes: sent, skippedBytes: skipped },
    () =>
      `${good('Pushed')} ${path}:${reference}  ${digest}\n${files.length} files, ${bytes(total)}; ${bytes(sent)} sent in ${duration(seconds)}, ${bytes(skipped)} was there already.`,
  )
}

const pullModel = async (output: Output, name: string, folder: string): Promise<void> => {
  const { path, reference } = parseName(name)
  const { digest, manifest } = await getManifest(path, reference)
  const layers = manifest.layers.flatMap((layer) => {
    const at = layer.annotations?.[pathAnnotation] ?? layer.annotations?.[titleAnnotation]
    return at === undefined ? [] : [{ layer, at: safePath(at) }]
  })
  const packed = layers.find(({ layer }) => /\.tar(?:[.+](?:gzip|zstd))?$/.test(layer.mediaType))
  if (packed)
    throw new Error(
      `${plain(packed.at)} is packed into an archive (${plain(packed.layer.mediaType)}). Pull this model with \`modctl\`, \`kit\` or \`oras\`.`,
    )
  if (layers.length === 0)
    throw new Error(`${path}:${reference} names no files: it is no model, or one that was pushed without paths.`)
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

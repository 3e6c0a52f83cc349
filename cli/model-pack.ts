// A folder as a CNCF ModelPack (model-spec v1) with raw layers: each file is a blob of its own, so that it is held once and served as it is.
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Layer } from './registry.ts'

export const modelType = 'application/vnd.cncf.model.manifest.v1+json'
export const modelConfigType = 'application/vnd.cncf.model.config.v1+json'
export const pathAnnotation = 'org.cncf.model.filepath'
export const titleAnnotation = 'org.opencontainers.image.title'
const filesMax = 20_000
const readBytes = 1024 ** 2

const kinds: [kind: string, pattern: RegExp][] = [
  ['doc', /(^|\/)(readme|licen[cs]e|notice|copying|changelog|use_policy)[^/]*$|\.(md|txt|rst|pdf|png|jpe?g|svg)$/i],
  ['code', /\.(py|sh|ipynb|js|ts|cpp|h|cu|rs|go|toml|patch)$/i],
  ['dataset', /(^|\/)data(sets?)?\/|\.(parquet|csv|arrow|tsv)$/i],
  ['weight.config', /\.(json|jinja|model|vocab|ya?ml|spm|tiktoken|bpe)$|(^|\/)merges\.txt$|(^|\/)vocab\.txt$/i],
]

/** By its name, as `modctl` sorts them; what is none of these is weights. */
export const layerType = (path: string): string => {
  const named = /(^|\/)(merges|vocab)\.txt$/i.test(path) ? 'weight.config' : kinds.find(([, pattern]) => pattern.test(path))?.[0]
  return `application/vnd.cncf.model.${named ?? 'weight'}.v1.raw`
}

const formats: [extension: RegExp, format: string][] = [
  [/\.safetensors$/, 'safetensors'],
  [/\.gguf$/, 'gguf'],
  [/\.onnx$/, 'onnx'],
  [/\.(pt|pth|bin)$/, 'pytorch'],
]

export type PackFile = { path: string; file: string; size: number; digest: string }

/** What the folder holds, without what belongs to Git and to downloads. A link stands for the file it leads to, as in the cache of `hf`. */
export const filesIn = (folder: string): Omit<PackFile, 'digest'>[] => {
  const found: Omit<PackFile, 'digest'>[] = []
  const walk = (at: string): void => {
    for (const name of readdirSync(at).toSorted()) {
      const file = join(at, name)
      const stat = statSync(file)
      if (stat.isDirectory() && name !== '.git' && name !== '.cache') walk(file)
      if (!stat.isFile()) continue
      if (found.length >= filesMax) throw new Error(`${folder} holds more than ${filesMax} files.`)
      found.push({ path: relative(folder, file).split(sep).join('/'), file, size: stat.size })
    }
  }
  walk(folder)
  if (found.length === 0) throw new Error(`${folder} holds no file.`)
  return found
}

export const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: readBytes })) hash.update(chunk as Buffer) // no encoding was asked for
  return `sha256:${hash.digest('hex')}`
}

export type Described = { name: string; family?: string; version?: string; licence?: string; source?: string }

/** Nothing in it but what the folder says: the same folder gives the same bytes, and so the same digest. */
export const configOf = (files: readonly PackFile[], { name, family, version, licence, source }: Described): object => {
  const format = formats.find(([extension]) => files.some(({ path }) => extension.test(path)))?.[1]
  return {
    descriptor: {
      name,
      ...(family === undefined ? {} : { family }),
      ...(version === undefined ? {} : { version }),
      ...(licence === undefined ? {} : { licenses: [licence] }),
      ...(source === undefined ? {} : { sourceURL: source }),
    },
    config: format === undefined ? {} : { format },
    modelfs: { type: 'layers', diffIds: files.map(({ digest }) => digest) },
  }
}

export const layerOf = ({ path, digest, size }: PackFile): Layer => ({
  mediaType: layerType(path),
  digest,
  size,
  annotations: {
    [pathAnnotation]: path,
    [titleAnnotation]: path,
  },
})

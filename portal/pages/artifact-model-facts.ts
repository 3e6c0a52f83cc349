// What a release says of itself as a model: by its files and annotations alone.
import type { Referrer, Release } from '../api/types.ts'

const weights: [pattern: RegExp, format: string][] = [
  [/\.gguf$/i, 'GGUF'],
  [/\.safetensors$/i, 'safetensors'],
  [/\.onnx$/i, 'ONNX'],
  [/\.(pt|pth|bin)$/i, 'PyTorch'],
]

/** Formats of the weights it holds, each once. */
export const weightsOf = ({ files }: Release): string[] =>
  weights.filter(([pattern]) => files.some(({ path }) => pattern.test(path))).map(([, format]) => format)

const licenceKey = 'org.opencontainers.image.licenses'
export const licenceOf = ({ annotations }: Release): string | undefined =>
  sayingsOf(annotations).find(([key]) => key === licenceKey)?.[1]

/** Annotations as pairs of text. */
export const sayingsOf = (annotations: Record<string, unknown> | null): [key: string, text: string][] =>
  Object.entries(annotations ?? {}).map(([key, value]) => [key, String(value)])

/** Sigstore, Notary and OpenSSF model signing alike. */
export const isSignature = ({ artifactType }: Referrer): boolean => /sigstore|cosign|notary|signature/.test(artifactType ?? '')

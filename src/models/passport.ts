// A model's passport: what it is, read from the weights themselves.
import { Type, type Static } from 'typebox'
import type { GgufHead } from './gguf.ts'

export const Passport = Type.Object({
  format: Type.Literal('gguf'),
  architecture: Type.String(),
  name: Type.Optional(Type.String()),
  licence: Type.Optional(Type.String()),
  parameters: Type.Integer({ minimum: 0 }),
  quantisation: Type.String(),
  contextLength: Type.Integer({ minimum: 0, description: 'Tokens' }),
  embeddingLength: Type.Optional(Type.Integer()),
  blocks: Type.Optional(Type.Integer()),
  tokenizer: Type.Optional(Type.String()),
  vocabulary: Type.Optional(Type.Integer()),
  chatTemplate: Type.Boolean({ description: 'Has a template of its own for conversations' }),
  tools: Type.Boolean({ description: 'Its template knows tools' }),
  tensors: Type.Integer(),
  sizeBytes: Type.Integer({ minimum: 0 }),
})
export type Passport = Static<typeof Passport>

const textMax = 200
/** Text of the file is shown to people: cut, and without control characters. */
const shown = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.replaceAll(/[\p{C}]/gu, ' ').slice(0, textMax) : undefined
const count = (value: unknown): number | undefined => {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

export const passportOf = ({ metadata, parameters, tensorTypes, tensors, sizeBytes }: GgufHead): Passport => {
  const architecture = shown(metadata.get('general.architecture')) ?? 'unknown'
  const template = metadata.get('tokenizer.chat_template')
  const vocabulary = metadata.get('tokenizer.ggml.tokens')
  const optional = {
    name: shown(metadata.get('general.name')),
    licence: shown(metadata.get('general.license')),
    embeddingLength: count(metadata.get(`${architecture}.embedding_length`)),
    blocks: count(metadata.get(`${architecture}.block_count`)),
    tokenizer: shown(metadata.get('tokenizer.ggml.model')),
    vocabulary: typeof vocabulary === 'object' ? vocabulary.items : undefined,
  }
  return {
    format: 'gguf',
    architecture,
    parameters,
    quantisation: tensorTypes[0] ?? 'none',
    contextLength: count(metadata.get(`${architecture}.context_length`)) ?? 0,
    chatTemplate: typeof template === 'string',
    tools: typeof template === 'string' && /\btools\b/.test(template),
    tensors,
    sizeBytes,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

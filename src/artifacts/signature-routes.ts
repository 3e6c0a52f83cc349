import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { bundleBytesMax, modelSigningKey, signModel, verifyModel } from './signatures.ts'

const tags = ['artifacts']
const model = {
  path: Type.String({ minLength: 1, maxLength: 255, description: 'As clients name it: scope/repository/package' }),
  reference: Type.String({ minLength: 1, maxLength: 200, description: 'A tag or a digest' }),
}
const pemLengthMax = 8_192
const keysMax = 20

const Signer = Type.Object({
  kind: Type.Union([Type.Literal('site'), Type.Literal('publisher'), Type.Literal('key')]),
  name: Type.String({ description: 'Of a key, the SHA-256 of its PEM' }),
})
const Verdict = Type.Object({
  digest: Type.String({ description: 'Of the manifest that holds the signature' }),
  verified: Type.Boolean(),
  signer: Type.Optional(Signer),
  modelDigest: Type.Optional(Type.String({ description: 'Over the digests of all files, as the specification has it' })),
  reasons: Type.Array(Type.String(), { description: 'Why it is not verified' }),
  leftOut: Type.Array(Type.String(), { description: 'Files of which it says nothing, as its signer wanted it' }),
})

export const signatureRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/artifacts/signing-key',
    {
      schema: {
        operationId: 'artifactSigningKey',
        summary: 'The public key by which this site signs models',
        tags,
        response: { 200: Type.Object({ publicKey: Type.String({ description: 'PEM' }), hint: Type.String() }) },
      },
    },
    ({ ctx }) => modelSigningKey(ctx),
  )

  app.post(
    '/artifacts/signatures',
    {
      config: { direct: 'what was sent is not taken back' },
      bodyLimit: bundleBytesMax * 2, // as text within JSON, where each quotation mark takes two bytes
      schema: {
        operationId: 'artifactSign',
        summary: 'Sign a model by the site’s key, or lay a signature of another beside it',
        tags,
        body: Type.Object({
          ...model,
          bundle: Type.Optional(
            Type.String({ minLength: 1, maxLength: bundleBytesMax, description: 'A Sigstore bundle, as text' }),
          ),
        }),
        response: {
          201: Type.Object({
            digest: Type.String(),
            modelDigest: Type.String(),
            files: Type.Integer(),
            bundle: Type.Unknown({ description: 'What `model_signing verify` takes as the signature' }),
          }),
        },
      },
    },
    async ({ ctx, body }, reply) => reply.code(201).send(await signModel(ctx, body)),
  )

  app.post(
    '/artifacts/verify',
    {
      config: { direct: 'it changes nothing' },
      schema: {
        operationId: 'artifactVerify',
        summary: 'Judge the signatures beside a model, by its files as they are here',
        tags,
        body: Type.Object({
          ...model,
          publicKeys: Type.Optional(
            Type.Array(Type.String({ maxLength: pemLengthMax }), {
              minItems: 1,
              maxItems: keysMax,
              description: 'Public keys or certificates in PEM, in place of those of the site and its publishers',
            }),
          ),
        }),
        response: { 200: Type.Object({ manifest: Type.String(), verified: Type.Boolean(), signatures: Type.Array(Verdict) }) },
      },
    },
    ({ ctx, body }) => verifyModel(ctx, body),
  )
}

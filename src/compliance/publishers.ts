// Whose sets of guardrails are taken here, by their key; and the taking of a set.
import { Type, type Static } from 'typebox'
import { record } from '#audit'
import { resolveScope } from '#policy'
import { importSet, putPublisher, removePublisher, type Imported } from '#guardrails'
import { atomically, type Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Site } from '#platform/site.ts'
import { defineKind, findReferenced, setStatus, type Change } from '#resources'
import { refuseLockOut } from './lock-out.ts'
import { refuseModelKeys } from './model-keys.ts'

const kind = 'publisher'
const modelKeyLengthMax = 8_192
const modelKeysMax = 20

const Spec = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 200, pattern: '^[^\\u0000-\\u001f]*$' })),
    publicKey: Type.Optional(
      Type.String({
        maxLength: 44,
        description: 'Of sets of guardrails: Ed25519, 32 bytes in base64; compare it with the publisher',
      }),
    ),
    modelKeys: Type.Optional(
      Type.Array(Type.String({ maxLength: modelKeyLengthMax }), {
        maxItems: modelKeysMax,
        description: 'Of signatures over models: ECDSA public keys, or certificates, in PEM',
      }),
    ),
  },
  { additionalProperties: false },
)
const Status = Type.Object({
  sequence: Type.Optional(Type.Integer({ description: 'Of the last set taken' })),
  version: Type.Optional(Type.String()),
  takenAt: Type.Optional(Type.String({ format: 'date-time' })),
})

export const definePublishers = (site: Site): void =>
  defineKind(site, {
    kind,
    plural: 'publishers',
    title: 'Publisher',
    description:
      'Whose signed sets of guardrails this site takes, and whose signatures over models it believes; by its name and its keys.',
    spec: Spec,
    status: Status,
    idPrefix: 'publisher',
    admit: onlyAtRootWithKeys,
    applied: (tx, { resource: { id, name, spec } }) => {
      const { publicKey } = spec as Static<typeof Spec> // checked against the schema before
      return publicKey === undefined ? removePublisher(tx, id) : putPublisher(tx, { id, name, publicKey })
    },
    removed: (tx, { id }) => removePublisher(tx, id),
  })

/** What is taken from it can be assigned anywhere, and its name stands for it alone. */
const onlyAtRootWithKeys = async (tx: Context, { resource }: Change): Promise<void> => {
  if (resource.scopeId !== (await resolveScope(tx)).id)
    throw invalid('A publisher is trusted by the whole site: make it at the root, /.')
  const { publicKey, modelKeys = [] } = resource.spec as Static<typeof Spec> // checked against the schema before
  if (publicKey === undefined && modelKeys.length === 0)
    throw invalid('A publisher is known by its keys: give publicKey for sets of guardrails, modelKeys for models, or both.', {
      faults: [{ at: '/spec', message: 'no key' }],
    })
  refuseModelKeys(modelKeys)
}

export type Taken = Imported

/** All or nothing, and recorded: what assignments name becomes what the set says now. */
export const takeSet = (ctx: Context, text: string, { force }: { force?: boolean | undefined } = {}): Promise<Taken> =>
  atomically(ctx, async (tx) => {
    const root = await resolveScope(tx)
    await tx.authorize('guardrail.apply', { kind: 'guardrail', scope: root.id })
    const taken = await importSet(tx, text)
    const publisher = await findReferenced(tx, `${kind}:/${taken.publisher}`)
    const on = { kind, ...(publisher ? { id: publisher.id } : {}), scope: root.id }
    const written = [
      ...taken.guardrails.map((guardrail) => ({ guardrail })),
      ...taken.initiatives.map((initiative) => ({ initiative })),
    ]
    await refuseLockOut(tx, { written, force, on })
    const { sequence, version } = taken
    if (publisher) await setStatus(tx, publisher.id, { sequence, version, takenAt: tx.now().toISOString() })
    await record(tx, 'guardrail.apply', on, {
      publisher: taken.publisher,
      sequence,
      version,
      guardrails: taken.guardrails.length,
      initiatives: taken.initiatives.length,
    })
    return taken
  })

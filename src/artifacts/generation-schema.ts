import { Type, type Static } from 'typebox'

export const linePattern = '^[a-z][a-z0-9-]{0,62}$'
export const generationTagsMax = 10_000

const When = Type.String({ format: 'date-time' })
const Text = Type.String()
const Line = Type.String({ pattern: linePattern, description: 'Generations of one line follow each other' })

export const StatedTag = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 255, description: 'Of the package, as clients name it' }),
  tag: Type.String({ minLength: 1, maxLength: 128 }),
  digest: Type.String(),
})
export type StatedTag = Static<typeof StatedTag>

export const NewGeneration = Type.Object(
  {
    line: Line,
    note: Type.Optional(Type.String({ maxLength: 500, pattern: '^[^\\u0000-\\u001f]*$' })),
    tags: Type.Array(
      Type.Object(
        {
          path: StatedTag.properties.path,
          tag: StatedTag.properties.tag,
          digest: Type.Optional(Type.String({ maxLength: 200, description: 'Absent means what the tag names now' })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: generationTagsMax },
    ),
    switch: Type.Optional(Type.Boolean({ description: 'Make it live in the same act' })),
  },
  { additionalProperties: false },
)
export type NewGeneration = Static<typeof NewGeneration>

export const GenerationCard = Type.Object({
  id: Text,
  line: Text,
  number: Type.Integer(),
  note: Type.Union([Text, Type.Null()]),
  madeBy: Text,
  madeAt: When,
  tags: Type.Integer({ description: 'How many it states' }),
  live: Type.Boolean(),
})
export type GenerationCard = Static<typeof GenerationCard>

export const Changed = Type.Object({
  path: Text,
  tag: Text,
  was: Type.Union([Text, Type.Null()], { description: 'null where the one before did not state it' }),
  becomes: Type.Union([Text, Type.Null()], { description: 'null where this one does not' }),
})
export type Changed = Static<typeof Changed>

export const Envelope = Type.Object(
  {
    payloadType: Text,
    payload: Type.String({ description: 'base64' }),
    signatures: Type.Array(Type.Object({ keyid: Text, sig: Type.String({ description: 'base64' }) })),
  },
  { description: 'DSSE 1.0, signed with the Ed25519 key of the site (the one of the log)' },
)
export type Envelope = Static<typeof Envelope>

export const Generation = Type.Object({
  ...GenerationCard.properties,
  stated: Type.Array(StatedTag, { description: 'Those in repositories that you may read' }),
  changed: Type.Array(Changed, { description: 'Against the generation before it' }),
  statement: Type.Optional({ ...Envelope, description: 'Where you may read all that it states' }),
})
export type Generation = Static<typeof Generation>

export const Switched = Type.Object({
  line: Text,
  live: Type.Integer({ description: 'Number of the generation' }),
  was: Type.Union([Type.Integer(), Type.Null()]),
  moved: Type.Integer({ description: 'Tags that name something else now, or are new' }),
  removed: Type.Integer({ description: 'Tags that the generation before stated, and this one does not' }),
})
export type Switched = Static<typeof Switched>

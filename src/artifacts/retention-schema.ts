import { Type, type Static } from 'typebox'

const Count = (description: string) => Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description }))
const Patterns = Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_.*-]+$' }), { maxItems: 50 })

/** How long content without a tag stays where a retention says nothing of it. */
export const untaggedDaysDefault = 7

export const Retention = Type.Object(
  {
    keepLast: Count('The newest so many tags of each package stay'),
    keepDays: Count('Tags set within so many days stay'),
    keepTags: Type.Optional(
      Type.Unsafe<string[]>({ ...Patterns, description: 'Tags that always stay, and count for nothing; * stands for any text' }),
    ),
    untaggedDays: Count(`Content without a tag goes after so many days; ${untaggedDaysDefault} where it is not said`),
    immutableToo: Type.Optional(Type.Boolean({ description: 'Immutable tags go as well; without it they stay' })),
  },
  {
    additionalProperties: false,
    description: 'What goes by itself. Tags go that neither keepLast nor keepDays keeps, and none where both are absent',
  },
)
export type Retention = Static<typeof Retention>

export const Going = Type.Object({
  path: Type.String({ description: 'Of the package' }),
  tag: Type.Union([Type.String(), Type.Null()], { description: 'null for a release without a tag' }),
  digest: Type.String(),
  sizeBytes: Type.Integer(),
  since: Type.String({ format: 'date-time', description: 'When the tag was set, or the release was pushed or lost its tag' }),
})
export type Going = Static<typeof Going>

export const Retained = Type.Object({ tags: Type.Integer(), manifests: Type.Integer() })
export type Retained = Static<typeof Retained>

// What guardrails are made of. The conditions inside are read by `language/`, which says where one is wrong better than a schema could.
import { Type, type Static } from 'typebox'
import type { Label } from '#platform/context.ts'

export const namePattern = '^[a-z][a-z0-9-]{0,62}$'
export const versionPattern = '^(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})\\.(0|[1-9]\\d{0,5})$'
/** `builtin/model-signed`, `ministry/model-signed`, or the id of a guardrail made here. */
export const refPattern = '^[a-z][a-z0-9-]{0,62}(/[a-z][a-z0-9-]{0,62}|_[0-9a-z]{26})$'
export const pathMax = 200
const messageMax = 1_000
const titleMax = 120
const descriptionMax = 2_000
const kindsMax = 50
const changesMax = 32
const parametersMax = 32
export const membersMax = 200
export const itemsMax = 1_000
export const textMax = 4_096
const exclusionsMax = 200

export const effects = ['deny', 'modify', 'audit', 'remediate', 'manual', 'disabled'] as const
export const Effect = Type.Enum([...effects], {
  description:
    'deny: refuse what is not so. modify: make it so while it is written. audit: only say. remediate: make it so later. manual: a person attests. disabled: nothing',
})
export type Effect = Static<typeof Effect>

export type Scalar = string | number | boolean | null
export type Value = Scalar | readonly Scalar[]
export const Value = Type.Unsafe<Value>(
  Type.Union([
    Type.Union([Type.String({ maxLength: textMax }), Type.Number(), Type.Boolean(), Type.Null()]),
    Type.Array(Type.Union([Type.String({ maxLength: textMax }), Type.Number(), Type.Boolean(), Type.Null()]), {
      maxItems: itemsMax,
    }),
  ]),
)

export const parameterTypes = ['string', 'integer', 'number', 'boolean', 'strings'] as const
export const Parameter = Type.Object(
  {
    type: Type.Enum([...parameterTypes]),
    title: Type.String({ minLength: 1, maxLength: titleMax }),
    default: Type.Optional(Value),
    enum: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 100 })),
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
)
export type Parameter = Static<typeof Parameter>

const parameterName = '^[a-z][a-zA-Z0-9]{0,62}$'
const Parameters = Type.Record(Type.String({ pattern: parameterName }), Parameter, {
  maxProperties: parametersMax,
  additionalProperties: false,
})
export const ParameterValues = Type.Record(Type.String({ pattern: parameterName }), Value, {
  maxProperties: parametersMax,
  additionalProperties: false,
})
export type ParameterValues = Readonly<Record<string, Value>>

/** A value said outright, taken from a parameter, or from another field of the same document. */
export type Operand<T> = T | { readonly param: string } | { readonly field: string }
type Comparison =
  | { readonly equals: Operand<Scalar> }
  | { readonly notEquals: Operand<Scalar> }
  | { readonly in: Operand<readonly Scalar[]> }
  | { readonly notIn: Operand<readonly Scalar[]> }
  | { readonly exists: boolean }
  | { readonly like: string | readonly string[] | { readonly param: string } }
  | { readonly lt: Operand<number> }
  | { readonly lte: Operand<number> }
  | { readonly gt: Operand<number> }
  | { readonly gte: Operand<number> }
  | { readonly contains: Operand<Scalar> }
  | { readonly containsAll: Operand<readonly Scalar[]> }
  | { readonly subsetOf: Operand<readonly Scalar[]> }
  | { readonly olderThanDays: Operand<number> }
  | { readonly withinDays: Operand<number> }

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly each: string; readonly every: Condition }
  | { readonly each: string; readonly some: Condition }
  | ({ readonly field: string; readonly default?: Scalar | readonly Scalar[] } & Comparison)

const Condition = (description: string) =>
  Type.Unsafe<Condition>(Type.Unknown({ description: `${description} See docs/guardrails.md for the language` }))

const Kind = Type.String({ pattern: '^(\\*|[a-z][a-z0-9-]{0,62})$' })
export const Change = Type.Object(
  {
    path: Type.String({ maxLength: pathMax, description: 'labels.NAME, spec.MEMBER or criticality' }),
    value: Type.Unsafe<Operand<Value>>(Type.Unknown({ description: 'A value, {param} or {field}; null takes the member out' })),
  },
  { additionalProperties: false },
)
export type Change = Static<typeof Change>

/** What must hold, of what, and what happens where it does not. */
export const Definition = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: titleMax }),
    description: Type.String({ maxLength: descriptionMax }),
    category: Type.String({ pattern: namePattern }),
    version: Type.String({ pattern: versionPattern }),
    kinds: Type.Array(Kind, {
      minItems: 1,
      maxItems: kindsMax,
      description: '* is every kind that is neither governing nor observed',
    }),
    parameters: Type.Optional(Parameters),
    when: Type.Optional(Condition('What it is about; absent means all of these kinds.')),
    require: Type.Optional(Condition('What must hold. Only a manual guardrail may do without.')),
    effects: Type.Array(Effect, { minItems: 1, maxItems: effects.length, description: 'Those an assignment may choose from' }),
    effect: Effect,
    modify: Type.Optional(Type.Array(Change, { minItems: 1, maxItems: changesMax })),
    remediate: Type.Optional(Type.Array(Change, { minItems: 1, maxItems: changesMax })),
    message: Type.String({ minLength: 1, maxLength: messageMax, description: 'With places: {spec.model}, {param.days}' }),
  },
  { additionalProperties: false },
)
export type Definition = Static<typeof Definition>

const Ref = Type.String({ pattern: refPattern, description: 'builtin/NAME, PUBLISHER/NAME or an id' })

/** Guardrails that are assigned together. */
export const Initiative = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: titleMax }),
    description: Type.String({ maxLength: descriptionMax }),
    category: Type.String({ pattern: namePattern }),
    version: Type.String({ pattern: versionPattern }),
    parameters: Type.Optional(Parameters),
    guardrails: Type.Array(
      Type.Object(
        {
          guardrail: Ref,
          effect: Type.Optional(Effect),
          parameters: Type.Optional(
            Type.Unsafe<Readonly<Record<string, Value | { readonly param: string }>>>(
              Type.Record(Type.String({ pattern: parameterName }), Type.Unknown(), {
                maxProperties: parametersMax,
                additionalProperties: false,
              }),
            ),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: membersMax },
    ),
  },
  { additionalProperties: false },
)
export type Initiative = Static<typeof Initiative>

/** A guardrail or an initiative, put to work at a scope and below it. */
export const Assignment = Type.Object(
  {
    guardrail: Type.Optional(Ref),
    initiative: Type.Optional(Ref),
    parameters: Type.Optional(Type.Unsafe<ParameterValues>(ParameterValues)),
    effect: Type.Optional(Effect),
    effects: Type.Optional(
      Type.Unsafe<Readonly<Record<string, Effect>>>(
        Type.Record(Type.String({ pattern: refPattern }), Effect, {
          maxProperties: membersMax,
          additionalProperties: false,
          description: 'By guardrail, for an initiative',
        }),
      ),
    ),
    enforced: Type.Optional(Type.Boolean({ description: 'false is a dry run: verdicts only' })),
    exclude: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 1_000 }), {
        maxItems: exclusionsMax,
        description: 'Paths or ids of scopes, or ids of resources',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Assignment = Static<typeof Assignment>

/** Something that an assignment does not reach, until a day. */
export type Exemption = {
  /** Id of the assignment. */
  readonly assignment: string
  /** Which of its guardrails; absent means all. */
  readonly guardrails?: readonly string[]
  /** One of the two: ids. */
  readonly resource?: string
  readonly scopeId?: string
  readonly category: 'waived' | 'mitigated'
  readonly expiresAt: string
}

/** What is judged: a resource as it would be or is, or something observed. Members that are not known are left out, never guessed. */
export type GuardrailDocument = {
  readonly kind: string
  readonly id: string
  /** Path of the scope it lies in. */
  readonly scope: string
  readonly scopeId: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly classification: Label & { readonly level?: string }
  readonly criticality?: string
  readonly owner: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
  readonly facts: Readonly<Record<string, unknown>>
}

export type State = 'compliant' | 'non-compliant' | 'exempt' | 'unknown' | 'not-applicable'

export type Patch = { readonly path: string; readonly value: Value }

export type Verdict = {
  readonly assignment: string
  readonly guardrail: string
  readonly initiative?: string
  readonly effect: Exclude<Effect, 'disabled'>
  /** false: a dry run. */
  readonly enforced: boolean
  readonly state: State
  /** Why; absent when there is nothing to say. */
  readonly message?: string
  readonly policyVersion: string
  readonly exemption?: string
  readonly exemptUntil?: string
  /** What modify did, or remediate would do. */
  readonly changes?: readonly Patch[]
}

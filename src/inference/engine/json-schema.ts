// What of JSON Schema a grammar can hold an answer to. The library reads over what it does not know, and the answer would break the schema unnoticed;
// so that is refused here, by name.

type Schema = Record<string, unknown>

const depthMax = 32
/** A grammar unrolls repetitions, and is built where others' answers are written: together they stay small. */
const repetitionsMax = 4_000
const schemasMax = 1_000
const choicesMax = 1_000
/** Say something about a value, not what it may be. */
const remarks = [
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'strict',
  'discriminator',
]
const held = [
  'type',
  'const',
  'enum',
  'oneOf',
  'anyOf',
  '$ref',
  '$defs',
  'properties',
  'required',
  'additionalProperties',
  'minProperties',
  'maxProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'format',
]
const formats = ['date-time', 'time', 'date']
const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const known = new Set([...remarks, ...held])

export class SchemaFault extends Error {}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schema in the words of the library; throws what is wrong with it, and where. */
export const grammarSchema = (schema: unknown): Schema => translate(schema, { root: schema, schemas: 0, repetitions: 0 }, '#', 0)

type Walk = { root: unknown; schemas: number; repetitions: number }

const translate = (schema: unknown, walk: Walk, at: string, depth: number): Schema => {
  if (depth > depthMax) throw new SchemaFault(`${at} nests deeper than ${depthMax} levels`)
  if (!isSchema(schema)) throw new SchemaFault(`${at} is not a schema`)
  if (++walk.schemas > schemasMax) throw new SchemaFault(`it holds more than ${schemasMax} schemas`)
  const unknown = Object.keys(schema).find((key) => !known.has(key))
  if (unknown !== undefined)
    throw new SchemaFault(`${at} uses ${JSON.stringify(unknown.slice(0, 40))}, which an answer cannot be held to here`)
  checkTypes(schema, at)
  countRepetitions(schema, walk, at)
  const { format } = schema
  if (format !== undefined && !(typeof format === 'string' && formats.includes(format)))
    throw new SchemaFault(`${at} has the format ${JSON.stringify(format).slice(0, 40)}; known are ${formats.join(', ')}`)
  if (schema['$ref'] !== undefined) checkRef(schema['$ref'], walk.root, at)
  const inner = (value: unknown, where: string) => translate(value, walk, `${at}/${where}`, depth + 1)
  const eachOf = (value: unknown, where: string) => {
    if (!Array.isArray(value) || value.length === 0) throw new SchemaFault(`${at}/${where} is not a list of schemas`)
    return value.map((item, i) => inner(item, `${where}/${i}`))
  }
  const named = (value: unknown, where: string) => {
    if (!isSchema(value)) throw new SchemaFault(`${at}/${where} is not an object`)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inner(item, `${where}/${name.slice(0, 60)}`)]))
  }
  const { anyOf, oneOf = anyOf, properties, $defs, items, prefixItems, additionalProperties } = schema
  return {
    ...Object.fromEntries(Object.entries(schema).filter(([key]) => held.includes(key) && key !== 'anyOf')),
    ...(properties === undefined ? {} : { type: 'object', properties: named(properties, 'properties') }),
    ...(oneOf === undefined ? {} : { oneOf: eachOf(oneOf, 'oneOf') }),
    ...($defs === undefined ? {} : { $defs: named($defs, '$defs') }),
    ...(items === undefined ? {} : { type: 'array', items: inner(items, 'items') }),
    ...(prefixItems === undefined ? {} : { type: 'array', prefixItems: eachOf(prefixItems, 'prefixItems') }),
    ...(isSchema(additionalProperties) ? { additionalProperties: inner(additionalProperties, 'additionalProperties') } : {}),
  }
}

const checkTypes = (schema: Schema, at: string): void => {
  const given = schema['type'] === undefined ? [] : [schema['type']].flat()
  const wrong = given.find((type) => !(typeof type === 'string' && types.includes(type)))
  if (wrong !== undefined)
    throw new SchemaFault(`${at} has the type ${JSON.stringify(wrong).slice(0, 40)}, which JSON does not have`)
  if (given.length > 1 && given.some((type) => type === 'object' || type === 'array'))
    throw new SchemaFault(`${at} mixes object or array with other types; say it with anyOf`)
  const says = ['type', 'const', 'enum', 'oneOf', 'anyOf', '$ref', 'properties', 'items', 'prefixItems'].some(
    (key) => schema[key] !== undefined,
  )
  if (!says) throw new SchemaFault(`${at} does not say what it is: give it a type`)
  const { enum: choices } = schema
  if (choices !== undefined && (!Array.isArray(choices) || choices.length === 0 || choices.length > choicesMax))
    throw new SchemaFault(`${at}/enum is not a list of 1 to ${choicesMax}`)
}

const countRepetitions = (schema: Schema, walk: Walk, at: string): void => {
  for (const key of ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']) {
    const value = schema[key]
    if (value === undefined) continue
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw new SchemaFault(`${at}/${key} is not a whole number`)
    walk.repetitions += value
  }
  if (walk.repetitions > repetitionsMax) throw new SchemaFault(`${at}: its lengths add up to more than ${repetitionsMax}`)
}

const checkRef = (ref: unknown, root: unknown, at: string): void => {
  const name = typeof ref === 'string' && ref.startsWith('#/$defs/') ? ref.slice('#/$defs/'.length) : undefined
  if (name === undefined || !isSchema(root) || !isSchema(root['$defs']) || !Object.hasOwn(root['$defs'], name))
    throw new SchemaFault(`${at} refers to ${String(ref).slice(0, 80)}, which is not under $defs at the root`)
}

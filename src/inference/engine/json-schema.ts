// What of JSON Schema a grammar can hold an answer to. The library reads over what it does not know, and the answer would break the schema unnoticed;
// so that is refused here, by name.

type Schema = Record<string, unknown>

const depthMax = 32
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
export const grammarSchema = (schema: unknown, root?: Schema, at = '#', depth = 0): Schema => {
  if (depth > depthMax) throw new SchemaFault(`${at} nests deeper than ${depthMax} levels`)
  if (!isSchema(schema)) throw new SchemaFault(`${at} is not a schema`)
  const top = root ?? schema
  const unknown = Object.keys(schema).find((key) => !known.has(key))
  if (unknown !== undefined)
    throw new SchemaFault(`${at} uses ${JSON.stringify(unknown.slice(0, 40))}, which an answer cannot be held to here`)
  checkTypes(schema, at)
  if (schema['format'] !== undefined && !formats.includes(String(schema['format'])))
    throw new SchemaFault(`${at} has the format ${String(schema['format']).slice(0, 40)}; known are ${formats.join(', ')}`)
  if (schema['$ref'] !== undefined) checkRef(schema['$ref'], top, at)
  const inner = (value: unknown, where: string) => grammarSchema(value, top, `${at}/${where}`, depth + 1)
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
  const wrong = given.find((type) => !types.includes(String(type)))
  if (wrong !== undefined)
    throw new SchemaFault(`${at} has the type ${JSON.stringify(wrong).slice(0, 40)}, which JSON does not have`)
  if (given.length > 1 && given.some((type) => type === 'object' || type === 'array'))
    throw new SchemaFault(`${at} mixes object or array with other types; say it with anyOf`)
  const says = ['type', 'const', 'enum', 'oneOf', 'anyOf', '$ref', 'properties', 'items', 'prefixItems'].some(
    (key) => schema[key] !== undefined,
  )
  if (!says) throw new SchemaFault(`${at} does not say what it is: give it a type`)
  const { enum: choices } = schema
  if (choices !== undefined && (!Array.isArray(choices) || choices.length === 0))
    throw new SchemaFault(`${at}/enum is not a list`)
}

const checkRef = (ref: unknown, root: Schema, at: string): void => {
  const name = typeof ref === 'string' && ref.startsWith('#/$defs/') ? ref.slice('#/$defs/'.length) : undefined
  if (name === undefined || !isSchema(root['$defs']) || !Object.hasOwn(root['$defs'], name))
    throw new SchemaFault(`${at} refers to ${String(ref).slice(0, 80)}, which is not under $defs at the root`)
}

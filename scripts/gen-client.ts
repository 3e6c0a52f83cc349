// client/api.ts out of openapi.json: a type for every operation's input and answer, a function for every operation. Knows the JSON Schema that TypeBox writes.
export type Schema = {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  required?: string[]
}
type Parameter = { name: string; in: string; required?: boolean; schema?: Schema }
type Operation = {
  operationId: string
  summary?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>
}
export type OpenApi = { openapi: string; paths: Record<string, Record<string, Operation>> }

const typeOf = (schema: Schema | undefined): string => {
  if (!schema) return 'unknown'
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((inner) => typeOf(inner)).join(' | ')
  switch (schema.type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return `(${typeOf(schema.items)})[]`
    case 'object':
      return objectOf(schema)
  }
  return 'unknown'
}

const objectOf = ({ properties, patternProperties, required = [] }: Schema): string => {
  if (!properties || Object.keys(properties).length === 0) {
    const [inner] = Object.values(patternProperties ?? {})
    return `Record<string, ${typeOf(inner)}>`
  }
  const members = Object.entries(properties).map(
    ([name, schema]) =>
      `${/^\w+$/.test(name) ? name : JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  return `{ ${members.join('; ')} }`
}

const pascal = (name: string) => name[0]!.toUpperCase() + name.slice(1)

const inputOf = ({ parameters = [], requestBody }: Operation): { type: string; optional: boolean } => {
  const of = (where: string) => {
    const found = parameters.filter((parameter) => parameter.in === where)
    const schema: Schema = {
      type: 'object',
      properties: Object.fromEntries(found.map(({ name, schema: inner }) => [name, inner ?? {}])),
      required: found.filter(({ required }) => required).map(({ name }) => name),
    }
    return { count: found.length, needed: found.some(({ required }) => required), type: typeOf(schema) }
  }
  const [path, query, headers] = [of('path'), of('query'), of('header')]
  const body = requestBody?.content['application/json']?.schema
  const members = [
    ...(path.count > 0 ? [`path: ${path.type}`] : []),
    ...(query.count > 0 ? [`query${query.needed ? '' : '?'}: ${query.type}`] : []),
    ...(headers.count > 0 ? [`headers?: ${headers.type}`] : []),
    ...(body ? [`body: ${typeOf(body)}`] : []),
    ...(requestBody && !body ? ['content: Body'] : []),
  ]
  return {
    type: `{ ${[...members, 'signal?: AbortSignal'].join('; ')} }`,
    optional: !members.some((member) => !/^\w+\?:/.test(member)),
  }
}

const answerOf = ({ responses }: Operation): string => {
  const types = Object.entries(responses).flatMap(([status, { content }]) => {
    if (!status.startsWith('2')) return []
    const schema = content?.['application/json']?.schema
    return schema && schema.type !== 'null' ? [typeOf(schema)] : ['undefined']
  })
  return [...new Set(types)].join(' | ') || 'unknown'
}

export const clientOf = (document: OpenApi): string => {
  const types: string[] = []
  const functions: string[] = []
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  for (const { path, method, operation } of operations.sort((a, b) =>
    a.operation.operationId < b.operation.operationId ? -1 : 1,
  )) {
    const name = pascal(operation.operationId)
    const input = inputOf(operation)
    types.push(`export type ${name}Input = ${input.type}`, `export type ${name} = ${answerOf(operation)}`)
    functions.push(
      `  /** ${operation.summary ?? operation.operationId} */\n  ${operation.operationId}: (given: ${name}Input${input.optional ? ' = {}' : ''}) => call<${name}>('${method.toUpperCase()}', '${path}', given),`,
    )
  }
  return `// Generated from openapi.json by \`npm run gen\`. Do not edit.\nimport type { Body, Call } from './http.ts'\n\n${types.join('\n')}\n\nexport const operations = (call: Call) => ({\n${functions.join('\n')}\n})\n`
}

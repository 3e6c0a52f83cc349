// What a route takes and answers is checked and written by functions made for its schemas when they are first needed: made for all of them, half a second of every start goes into ones that may never be called.
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'

const whenCalled = <Given, Told>(make: () => (given: Given) => Told): ((given: Given) => Told) => {
  let made: ((given: Given) => Told) | undefined
  return (given) => (made ??= make())(given)
}

const serializers = SerializerSelector()

type Serialize = ReturnType<ReturnType<typeof serializers>>

/** By the text of the schema, which is all there is to one that names no other: many doors answer in the same form. */
const written = new Map<string, Serialize>()

export const buildSerializer: typeof serializers = (schemas, options) => {
  const compile = serializers(schemas, options)
  return (route) =>
    whenCalled(() => {
      const form = JSON.stringify(route.schema)
      const serialize = written.get(form) ?? compile(route)
      written.set(form, serialize)
      return serialize
    })
}

export const compileValidator: typeof TypeBoxValidatorCompiler = (route) => whenCalled(() => TypeBoxValidatorCompiler(route))

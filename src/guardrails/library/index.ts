import { createHash } from 'node:crypto'
import type { Definition, Initiative } from '../schema.ts'

const definitions: ReadonlyMap<string, Definition> = new Map()
const initiatives: ReadonlyMap<string, Initiative> = new Map()

/** Guardrails that come with the product, under `builtin/NAME`. */
export const builtin = {
  definitions,
  initiatives,
  version: createHash('sha256')
    .update(JSON.stringify([[...definitions], [...initiatives]]))
    .digest('hex'),
}

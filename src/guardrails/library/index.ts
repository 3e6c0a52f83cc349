// Guardrails that come with the product, under `builtin/NAME`. Data in the same language that everyone writes: nothing here can do what yours could not.
import { createHash } from 'node:crypto'
import type { Definition, Initiative } from '../schema.ts'
import { accessAndKeys } from './access.ts'
import { contentAndProtection } from './content.ts'
import { continuity } from './continuity.ts'
import { enginesAndLimits } from './engines.ts'
import type { Entry } from './entry.ts'
import { initiatives as grouped } from './initiatives.ts'
import { models } from './models.ts'
import { ownership } from './ownership.ts'
import { site } from './site.ts'

export const entries: readonly Entry[] = [
  ...models,
  ...enginesAndLimits,
  ...contentAndProtection,
  ...ownership,
  ...continuity,
  ...accessAndKeys,
  ...site,
]

const definitions: ReadonlyMap<string, Definition> = new Map(
  entries.map(({ name, definition }) => [`builtin/${name}`, definition]),
)
const initiatives: ReadonlyMap<string, Initiative> = new Map(
  Object.entries(grouped).map(([name, initiative]) => [`builtin/${name}`, initiative]),
)

export const builtin = {
  definitions,
  initiatives,
  /** Another version of the product may judge otherwise. */
  version: createHash('sha256')
    .update(JSON.stringify([[...definitions], [...initiatives]]))
    .digest('hex'),
}

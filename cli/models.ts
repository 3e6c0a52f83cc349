import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import type { Body } from '#client'
import { whole } from './numbers.ts'
import { bytes, cell, dim, duration, good, show, table, warn, type Output } from './output.ts'
import { listAll } from './resources.ts'
import { client } from './session.ts'

const nameFrom = (path: string): string =>
  basename(path)
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)

const upload = async (path: string): Promise<{ digest: string; sizeBytes: number; mended: boolean }> => {
  const total = statSync(path).size
  const startedMs = performance.now()
  let sent = 0
  let shownMs = 0
  const source = createReadStream(path, { highWaterMark: 1024 ** 2 }).on('data', (chunk) => {
    sent += chunk.length
    const seconds = (performance.now() - startedMs) / 1000
    if (!process.stderr.isTTY || performance.now() - shownMs < 100) return
    shownMs = performance.now()
    process.stderr.write(
      `\r  ${bytes(sent)} of ${bytes(total)}, ${bytes(sent / seconds)}/s, ${duration(((total - sent) / sent) * seconds)} left   `,
    )
  })
  const stored = await client().artifactUpload({ content: Readable.toWeb(source) as unknown as Body }) // fetch takes a web stream
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  return stored
}

type Passport = {
  architecture: string
  parameters: number
  quantisation: string
  contextLength: number
  sizeBytes: number
  tools: boolean
  licence?: string
}
const passportOf = (status: unknown): Passport | undefined => (status as { passport?: Passport } | undefined)?.passport // the site's own schema

export const addModels = (program: Command, output: () => Output): void => {
  const model = program.command('model').description('the catalog: weights that may be run here')
  model
    .command('add')
    .description('bring a GGUF file in and register it')
    .argument('<file>')
    .option('--name <name>', 'name in the catalog (default: from the file name)')
    .option('--scope <path>', 'where', '/')
    .option('--licence <text>')
    .option('--source <text>', 'where it comes from')
    .action(async (file: string, flags: { name?: string; scope: string; licence?: string; source?: string }) => {
      const { digest, mended } = await upload(file)
      if (mended) process.stderr.write(`${warn('Mended')}: the site held this file already, damaged; it holds it whole now.\n`)
      const spec = {
        digest,
        ...(flags.licence ? { licence: flags.licence } : {}),
        ...(flags.source ? { source: flags.source } : {}),
      }
      const { resource } = await client().modelApply({ body: { scope: flags.scope, name: flags.name ?? nameFrom(file), spec } })
      show(
        output(),
        resource,
        ({ name, status }) =>
          `${good('Added')} ${name}: ${describe(passportOf(status))}\n${dim(`Run it: holdfast deployment create ${name} --model ${name}`)}`,
      )
    })
  model
    .command('list')
    .description('models you may see')
    .action(async () => {
      const items = await listAll('models')
      show(output(), { items }, () =>
        table(
          ['NAME', 'SCOPE', 'PARAMETERS', 'QUANT', 'CONTEXT', 'SIZE', 'LICENCE'],
          items.map((it) => row(it.name, it.scope, passportOf(it.status))),
          'No models yet. `holdfast model add FILE.gguf` brings one in.',
        ),
      )
    })

  const deployment = program.command('deployment').description('models that answer, under a name')
  deployment
    .command('create')
    .description('run a model')
    .argument('<name>')
    .requiredOption('--model <name>')
    .option('--scope <path>', 'where', '/')
    .option('--parallel <n>', 'answers at once', whole(1, 1024))
    .option('--context-tokens <n>', 'context of each answer', whole(1, 10_000_000))
    .option('--queue-max <n>', 'calls that may wait', whole(0, 1_000_000))
    .option('--threads <n>', 'CPU threads', whole(1, 1024))
    .action(
      async (
        name: string,
        {
          model: modelName,
          scope,
          ...rest
        }: { model: string; scope: string; parallel?: number; contextTokens?: number; queueMax?: number; threads?: number },
      ) => {
        const result = await client().deploymentApply({
          body: { scope, name, spec: { engine: 'llama', model: modelName, ...rest } },
        })
        show(
          output(),
          result,
          () => `${good(result.outcome)} deployment ${name}; \`holdfast deployment list\` shows when it is ready.`,
        )
      },
    )
  deployment
    .command('list')
    .description('deployments you may see')
    .action(async () => {
      const items = await listAll('deployments')
      const status = (it: (typeof items)[number], key: string) => cell(it.status?.[key])
      show(output(), { items }, () =>
        table(
          ['NAME', 'SCOPE', 'MODEL', 'STATE', 'RUNNING', 'WAITING', 'RESTARTS', ''],
          items.map((it) => [
            it.name,
            it.scope,
            cell(it.spec['model']),
            status(it, 'state'),
            status(it, 'running'),
            status(it, 'waiting'),
            status(it, 'restarts'),
            status(it, 'message'),
          ]),
          'Nothing is deployed. `holdfast deployment create NAME --model MODEL` runs a model.',
        ),
      )
    })
}

const millions = (count: number): string => (count >= 1e9 ? `${(count / 1e9).toFixed(1)} B` : `${Math.round(count / 1e6)} M`)
const describe = (passport: Passport | undefined): string =>
  passport
    ? `${passport.architecture}, ${millions(passport.parameters)} parameters, ${passport.quantisation}, context ${passport.contextLength} tokens, ${bytes(passport.sizeBytes)}`
    : 'no passport'
const row = (name: string, scope: string, passport: Passport | undefined): string[] =>
  passport
    ? [
        name,
        scope,
        millions(passport.parameters),
        passport.quantisation,
        `${passport.contextLength}`,
        bytes(passport.sizeBytes),
        passport.licence ?? '',
      ]
    : [name, scope, '', '', '', '', '']

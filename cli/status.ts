import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from 'commander'
import { ago, bad, bold, bytes, dim, good, show, table, warn, type Output } from './output.ts'
import { client, options } from './session.ts'

const mark = { ok: good('●'), warn: warn('▲'), fail: bad('✖') } as const

export const addSite = (program: Command, output: () => Output): void => {
  program
    .command('up')
    .description('run a site; its settings are environment variables, which `holdfast config` lists')
    .action(() => run(['up']))
  program
    .command('config')
    .description('every setting, what it means and its default')
    .action(() => run(['config']))
  program
    .command('recover')
    .description('a one-time link for someone who lost every way in (on the machine of a stopped site)')
    .argument('<username>')
    .action((username: string) => run(['recover', username]))

  program
    .command('status')
    .description('what runs, how it is, what expires')
    .action(async () => {
      const site = await client().siteOverview()
      show(output(), site, () =>
        [
          `${bold(site.site.name)} ${site.site.version}  ${dim(`${options().url}, up since ${ago(site.site.startedAt).replace(' ago', '')}`)}`,
          '',
          ...site.checks.map(({ name, state, detail }) => `${mark[state]} ${name.padEnd(12)} ${detail}`),
          '',
          table(
            ['DEPLOYMENT', 'MODEL', 'STATE', 'RUNNING', 'WAITING'],
            site.deployments.map((it) => [
              it.scope === '/' ? it.name : `${it.scope.slice(1)}/${it.name}`,
              it.model,
              it.state,
              String(it.running),
              String(it.waiting),
            ]),
            'Nothing is deployed. `holdfast deployment create` runs a model.',
          ),
          '',
          `Log      ${site.log.size} entries${site.log.checkpointAt ? `, last signed ${ago(site.log.checkpointAt)}` : ''}`,
          `Storage  ${bytes(site.storage.blobsBytes)} of models, ${bytes(site.storage.databaseBytes)} of database, ${bytes(site.storage.diskFreeBytes)} free`,
          ...site.expires.map(({ what, at }) => `${warn('Expires')}  ${what} ${ago(at)}`),
        ].join('\n'),
      )
    })
}

const run = (args: string[]): void => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts'), ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}

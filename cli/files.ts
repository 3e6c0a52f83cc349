// The site as files: applied, compared, exported.
import type { Command } from 'commander'
import { request, type ResourceApply } from '#client'
import { lines } from './difference.ts'
import { readDocuments, toDocument } from './documents.ts'
import { writeTree } from './export-tree.ts'
import { bad, dim, good, plain, show, warn, type Output } from './output.ts'
import { propose, type Proposing } from './propose.ts'
import { client, options } from './session.ts'

type Applying = Proposing & {
  file: string
  dryRun?: boolean
  prune?: boolean
  manager?: string
  scope: string
  force?: boolean
}
type Change = ResourceApply['changes'][number]

export const addFiles = (program: Command, output: () => Output): void => {
  const fromFiles = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .requiredOption('-f, --file <path>', 'YAML or JSON, a file or a folder; - for standard input')
      .option('--manager <name>', 'whose files these are')

  fromFiles('apply', 'make the site as the files say: all of it or nothing')
    .option('--dry-run', 'say what would change, what guardrails say and whose approval it takes; change nothing')
    .option('--prune', 'delete what this manager made and the files hold no more')
    .option('--scope <path>', 'prune at or below it', '/')
    .option('--force', 'prune also when the files hold nothing')
    .option('--reason <text>', 'why, for the history')
    .option('--propose', 'ask others to approve it instead of doing it')
    .action((flags: Applying) => applyFiles(output(), flags))

  fromFiles('diff', 'what `apply` would change; ends with 1 when something would').action(
    async (flags: { file: string; manager?: string }) => {
      const { changes } = await client().resourceApply({ body: (await bodyOf({ ...flags, scope: '/' }, true)) as never })
      const found = changes.map(({ outcome, resource, before }) => ({
        outcome,
        name: titleOf(resource),
        fields: lines(before && toDocument(before), toDocument(resource)),
      }))
      const different = found.filter(({ outcome }) => outcome !== 'unchanged')
      show(output(), { changes: changes.filter(({ outcome }) => outcome !== 'unchanged') }, () =>
        different.length === 0 ? 'No difference.' : different.map(({ name, fields }) => [name, ...fields].join('\n')).join('\n'),
      )
      if (different.length > 0) process.exitCode = 1
    },
  )

  fromFiles('drift', 'how files and site differ, both ways; ends with 1 when they do')
    .option('--scope <path>', 'what lies at or below it and is in no file is drift', '/')
    .action((flags: { file: string; manager?: string; scope: string }) => compare(output(), flags))

  program
    .command('export')
    .description('write everything you may see as files for `apply`, a file a resource')
    .argument('<folder>')
    .option('--scope <path>', 'only what lies at or below it', '/')
    .option('--replace', 'into a folder that holds an export: what is gone from the site goes from it too')
    .action(async (folder: string, flags: { scope: string; replace?: boolean }) => {
      const reply = await request(options(), 'GET', '/api/v1/export', { query: { scope: flags.scope } })
      const written = await writeTree(folder, reply, flags.replace ?? false)
      show(output(), written, ({ documents, removed }) =>
        [`${good('Wrote')} ${documents} documents into ${folder}.`, ...(removed > 0 ? [`Removed ${removed} files.`] : [])].join(
          ' ',
        ),
      )
    })
}

/** Documents are checked by the site. */
const bodyOf = async ({ file, manager, prune, scope, force, reason }: Applying, dryRun: boolean): Promise<object> => ({
  resources: await readDocuments(file),
  ...(dryRun ? { dryRun } : {}),
  ...(manager === undefined ? {} : { manager }),
  ...(reason === undefined ? {} : { reason }),
  ...(prune ? { prune: { scope, ...(force ? { force } : {}) } } : {}),
})

const applyFiles = async (output: Output, flags: Applying): Promise<void> => {
  const { dryRun = false } = flags
  const { propose: asking = false, reason } = flags
  if (asking && dryRun) throw new Error('A dry run changes nothing, so there is nothing to propose.')
  const body = await bodyOf(flags, dryRun)
  if (asking) return propose(output, { operationId: 'resourceApply', body }, reason)
  show(output, await client().resourceApply({ body: body as never }), ({ changes }) =>
    [...changes.flatMap((change) => told(change, dryRun)), ...(dryRun ? summaryOf(changes) : [])].join('\n'),
  )
}

const titleOf = ({ kind, name, scope }: { kind: string; name: string; scope: string }): string =>
  `${kind}/${name} at ${plain(scope)}`

const told = (change: Change, dryRun: boolean): string[] => {
  const word = { created: good('created'), changed: warn('changed'), unchanged: dim('unchanged'), deleted: bad('deleted') }
  const { outcome, resource, before, verdicts = [], approvals = [] } = change
  return [
    `${word[outcome]}  ${titleOf(resource)}`,
    ...(dryRun && outcome === 'changed' && before ? lines(toDocument(before), toDocument(resource)) : []),
    ...verdicts.flatMap(ofVerdict),
    ...approvals.map(
      ({ action, quorum, rule, approverRole }) =>
        `  ${warn('approval')}: ${action} takes ${quorum} other${quorum === 1 ? '' : 's'}${approverRole === undefined ? '' : ` with the role ${plain(approverRole)}`} (${rule})`,
    ),
  ]
}

type Verdict = NonNullable<Change['verdicts']>[number]

const ofVerdict = ({ guardrail, effect, enforced, state, message, exemptUntil, changes = [] }: Verdict): string[] => {
  const name = `${guardrail} (${effect}${enforced ? '' : ', dry run'})`
  const set = changes.map(({ path, value }) => `  ${warn('guardrail')}: ${name} sets ${path} to ${plain(JSON.stringify(value))}`)
  if (state === 'exempt') return [...set, `  ${dim('guardrail')}: ${name} exempt until ${exemptUntil}`]
  if (state !== 'non-compliant' && state !== 'unknown') return set
  return [...set, `  ${bad('guardrail')}: ${name} ${state}${message === undefined ? '' : `: ${plain(message)}`}`]
}

const summaryOf = (changes: readonly Change[]): string[] => {
  const count = (outcome: Change['outcome']) => changes.filter((change) => change.outcome === outcome).length
  const words = (['created', 'changed', 'deleted', 'unchanged'] as const).map((outcome) => `${count(outcome)} ${outcome}`)
  const waits = changes.some(({ approvals = [] }) => approvals.length > 0)
  return [
    dim(`A dry run: ${words.join(', ')}; nothing was changed.`),
    ...(waits ? [warn('Others must approve it: send it with --propose --reason TEXT.')] : []),
  ]
}

const compare = async (output: Output, flags: { file: string; manager?: string; scope: string }): Promise<void> => {
  const { file, ...rest } = flags
  const found = await client().inventoryDrift({ body: { documents: await readDocuments(file), ...rest } as never }) // documents are checked by the site
  const { onlyInFiles, onlyOnSite, different, same, truncated } = found
  show(output, found, () =>
    [
      ...onlyInFiles.map((it) => `${warn('only in files')}  ${titleOf(it)}`),
      ...onlyOnSite.map((it) => `${warn('only on site')}  ${titleOf(it)}`),
      ...different.flatMap((it) => [`${warn('different')}  ${titleOf(it)}`, ...lines(it.files, it.site)]),
      ...(truncated ? [dim('More is only on the site than is shown here.')] : []),
      different.length + onlyInFiles.length + onlyOnSite.length === 0
        ? `No drift: ${same} are as the files say.`
        : dim(`${same} are as the files say.`),
    ].join('\n'),
  )
  if (onlyInFiles.length + onlyOnSite.length + different.length > 0) process.exitCode = 1
}

// A folder or project, with all that is in it, to another place in the tree; first as a trial that shows what that changes.
import type { Command } from 'commander'
import type { FolderMove } from '#client'
import { bad, dim, good, plain, show, warn, type Output } from './output.ts'
import { propose, type Proposing } from './propose.ts'
import { ask, pluralOf } from './resources.ts'

type Moving = Proposing & { dryRun?: boolean; force?: boolean }

export const addMoves = (program: Command, output: () => Output): void => {
  program
    .command('move')
    .description('move a folder or project, with all that is in it')
    .argument('<kind>', 'folder or project')
    .argument('<name>', 'name or id')
    .argument('<scope>', 'path of the scope it comes to lie in')
    .option('--dry-run', 'say what is gained and lost by it; move nothing')
    .option('--force', 'though it would lock everyone out there; takes two owners, so use it with --propose')
    .option('--reason <text>', 'why, for the history')
    .option('--propose', 'ask others to approve it instead of doing it')
    .action(async (kind: string, name: string, scope: string, flags: Moving) => {
      const { dryRun = false, reason } = flags
      const to = { scope, ...(flags.force ? { force: true } : {}) }
      const path = `/${await pluralOf(kind)}/{id}/move`
      if (flags.propose) return propose(output(), { operationId: `${kind}Move`, path: { id: name }, body: to }, reason)
      const body = { ...to, dryRun, ...(reason === undefined ? {} : { reason }) }
      const moved = await ask<FolderMove>('POST', path, { path: { id: name }, body })
      show(output(), moved, () =>
        dryRun ? previewed(moved) : `${good('Moved')} ${kind} ${moved.name} to ${plain(moved.scope)}.`,
      )
    })
}

const previewed = ({ preview, approvals = [], rights }: FolderMove): string => {
  if (!preview) return 'It is there already.'
  const { from, to, inside, governing, guardrails, failing, classification, hidden } = preview
  const given = ({ kind, name, scope, spec }: (typeof governing.gained)[number]) =>
    `${kind} ${name} at ${plain(scope)} ${dim(plain(JSON.stringify(spec)))}`
  const reach = ({ guardrail, effect, enforced }: (typeof guardrails.gained)[number]) =>
    `guardrail ${guardrail} (${effect}${enforced ? '' : ', dry run'})`
  return [
    `From ${plain(from)} to ${plain(to)}, with ${inside.scopes} scopes and ${inside.resources - inside.scopes} other resources in it.`,
    ...governing.gained.map((it) => `${good('gains')}  ${given(it)}`),
    ...guardrails.gained.map((it) => `${good('gains')}  ${reach(it)}`),
    ...governing.lost.map((it) => `${bad('loses')}  ${given(it)}`),
    ...guardrails.lost.map((it) => `${bad('loses')}  ${reach(it)}`),
    ...failing.map(
      ({ kind, name, guardrail, state, message = '' }) => `${warn(state)}  ${kind}/${name}: ${guardrail} ${plain(message)}`,
    ),
    ...(classification.before.level === classification.after.level
      ? []
      : [`${warn('classified')}  ${classification.before.level} → ${classification.after.level}`]),
    ...(rights?.gains ?? []).map(
      ({ principal, action, scope }) => `${good('gains')}  ${principal} may ${action} at ${plain(scope)}`,
    ),
    ...(rights?.loses ?? []).map(
      ({ principal, action, scope }) => `${bad('loses')}  ${principal} may ${action} at ${plain(scope)}`,
    ),
    ...(hidden > 0 ? [dim(`${hidden} more that you may not see.`)] : []),
    ...approvals.map(({ action, quorum }) => `${warn('approval')}  ${action} takes ${quorum} other${quorum === 1 ? '' : 's'}`),
    dim('A dry run: nothing was moved.'),
  ].join('\n')
}

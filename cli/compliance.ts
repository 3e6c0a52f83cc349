// How it stands with what must hold, and putting right what does not.
import { Option, type Command } from 'commander'
import type { ComplianceGet, RemediationGet, RemediationStart } from '#client'
import { addAttestations } from './attestations.ts'
import { addHistory } from './compliance-history.ts'
import { given } from './flags.ts'
import { whole } from './numbers.ts'
import { ago, bold, cell, dim, plain, show, table, type Output } from './output.ts'
import { propose, type Proposing } from './propose.ts'
import { client } from './session.ts'

type Counts = ComplianceGet['resources']
const states = ['compliant', 'non-compliant', 'exempt', 'stale', 'unknown'] as const
const verdictsMax = 200
const perMinuteMax = 600

const row = (counts: Counts): string[] => states.map((state) => String(counts[state]))
const heads = ['COMPLIANT', 'NON-COMPLIANT', 'EXEMPT', 'STALE', 'UNKNOWN']

export const addCompliance = (program: Command, output: () => Output): void => {
  const compliance = program.command('compliance').description('whether what is here is as the guardrails want it')
  compliance
    .command('show', { isDefault: true })
    .description('how it stands: by place and by guardrail; ends with 1 where something is not compliant')
    .option('--scope <path>', 'only at or below this scope')
    .option('--initiative <ref>', 'only what this initiative asks for')
    .action(async (flags: { scope?: string; initiative?: string }) => {
      const standing = await client().complianceGet({ query: given(flags) })
      show(output(), standing, standingText)
      if (standing.resources['non-compliant'] > 0) process.exitCode = 1
    })
  addVerdicts(compliance, output)
  addHistory(compliance, output)
  addAttestations(compliance, output)
  compliance
    .command('sweep')
    .description('judge everything again, or all at or below a scope')
    .option('--scope <path>', 'only at or below this scope')
    .action(async (flags: { scope?: string }) => {
      const asked = await client().complianceSweep({ body: given(flags) })
      show(output(), asked, () => 'It is judged again. `holdfast compliance` shows how far it is.')
    })
}

/** Problems first: what is not compliant, then what nobody knows, then what nobody knows any more. */
const worst = (a: Counts, b: Counts): number =>
  a['non-compliant'] - b['non-compliant'] || a.unknown - b.unknown || a.stale - b.stale

const standingText = ({ scope, resources, scopes, assignments, sweep }: ComplianceGet): string => {
  const guardrails = assignments
    .flatMap((one) => one.guardrails.map((guardrail) => ({ ...guardrail, assignment: one.assignment })))
    .toSorted((a, b) => worst(b.verdicts, a.verdicts))
  return [
    bold(`Resources at ${plain(scope)} and below, by the worst of their verdicts`),
    table(['', ...heads], [['all', ...row(resources)], ...scopes.map((one) => [one.scope, ...row(one.resources)])], ''),
    '',
    table(
      ['GUARDRAIL', 'EFFECT', ...heads, 'ASSIGNMENT'],
      guardrails.map(({ title, effect, enforced, verdicts, assignment }) => [
        title,
        enforced ? effect : `${effect} (dry run)`,
        ...row(verdicts),
        assignment,
      ]),
      'Nothing is assigned here. `holdfast guardrail list` shows what could be.',
    ),
    dim(
      sweep.running
        ? `Everything is being judged again: ${sweep.seen} so far.`
        : sweep.finishedAt === undefined
          ? 'Not everything was judged yet.'
          : `All was judged ${ago(sweep.finishedAt)}.`,
    ),
  ].join('\n')
}

type Asked = { scope?: string; assignment?: string; guardrail?: string; state?: (typeof states)[number]; resource?: string }

const addVerdicts = (compliance: Command, output: () => Output): void => {
  compliance
    .command('verdicts')
    .description(`verdict by verdict, the first ${verdictsMax}`)
    .option('--scope <path>', 'only at or below this scope')
    .option('--assignment <id>', 'only what this assignment says')
    .option('--guardrail <ref>', 'only of this guardrail')
    .addOption(new Option('--state <state>', 'only in this state').choices(states))
    .option('--resource <id>', 'only of this')
    .action(async (flags: Asked) => {
      const { items, next } = await client().complianceVerdicts({ query: { ...given(flags), limit: verdictsMax } })
      show(output(), { items, ...(next ? { next } : {}) }, () =>
        [
          table(
            ['WHAT', 'WHERE', 'GUARDRAIL', 'STATE', 'BECAUSE'],
            items.map(({ resource, guardrail, state, message = '' }) => [
              `${resource.kind}/${resource.name}`,
              resource.scope,
              guardrail,
              state,
              message,
            ]),
            'No verdict that you may see.',
          ),
          ...(next ? [dim('There are more: narrow them by scope, guardrail or state.')] : []),
        ].join('\n'),
      )
    })
}

export const addRemediations = (program: Command, output: () => Output): void => {
  const remediation = program
    .command('remediation')
    .description('put right what guardrails with the effect remediate want otherwise')
  remediation
    .command('list')
    .description('newest first, with how far each is')
    .action(async () => {
      const listed = await client().remediationList()
      show(output(), listed, ({ items, next }) =>
        [
          table(
            ['ID', 'STATE', 'WHERE', 'RIGHT', 'TO COME', 'SET ASIDE', 'STARTED', 'ASSIGNMENT'],
            items.map(({ id, state, scope, progress, startedAt, assignment }) => [
              id,
              state,
              scope,
              String(progress.rewritten),
              String(progress.waiting),
              String(progress.setAside + progress.locked + progress.refused),
              ago(startedAt),
              assignment,
            ]),
            'Nothing was ever put right here.',
          ),
          ...(next ? [dim('There are older ones.')] : []),
        ].join('\n'),
      )
    })
  remediation
    .command('show')
    .description('one, with what became of each thing')
    .argument('<id>')
    .action(async (id: string) => show(output(), await client().remediationGet({ path: { id } }), detailText))
  remediation
    .command('stop')
    .description('when this returns, it changes nothing more')
    .argument('<id>')
    .action(async (id: string) => show(output(), await client().remediationStop({ path: { id } }), detailText))
  addStart(remediation, output)
}

type Part = { scope?: string; guardrail?: string[] }
type Starting = Proposing & Part & { perMinute?: number }

const someOnly = 'only of this guardrail of the assignment; may be said again'
const another = (ref: string, others: string[] = []): string[] => [...others, ref]
/** As the API says it. */
const partly = <T extends Part>({ guardrail, ...flags }: T) => given({ ...flags, guardrails: guardrail })

const addStart = (remediation: Command, output: () => Output): void => {
  remediation
    .command('preview')
    .description('every change it would make; nothing is changed')
    .argument('<assignment>', 'id of what was assigned')
    .option('--scope <path>', 'only at or below this scope')
    .option('--guardrail <ref>', someOnly, another)
    .action(async (assignment: string, flags: Part) => {
      const preview = await client().remediationStart({ body: { assignment, ...partly(flags), dryRun: true } })
      if ('total' in preview) show(output(), preview, previewText)
    })
  remediation
    .command('start')
    .description('put it right, at a rate')
    .argument('<assignment>', 'id of what was assigned')
    .option('--scope <path>', 'only at or below this scope')
    .option('--guardrail <ref>', someOnly, another)
    .option('--per-minute <count>', `at most so many things a minute, up to ${perMinuteMax}`, whole(1, perMinuteMax))
    .option('--reason <text>', 'why; it stays on record')
    .option('--propose', 'ask others to approve it instead of doing it')
    .action(async (assignment: string, { propose: asking, ...flags }: Starting) => {
      const body = { assignment, ...partly(flags) }
      if (asking) return propose(output(), { operationId: 'remediationStart', body }, flags.reason)
      const started = await client().remediationStart({ body })
      if ('id' in started) show(output(), started, detailText)
    })
}

type Preview = Extract<RemediationStart, { total: number }>

const previewText = ({ total, items }: Preview): string =>
  [
    `${total} would be changed${total > items.length ? `; the first ${items.length} are shown` : ''}.`,
    ...items.flatMap(({ resource, outcome, explanation, changes }) => [
      `  ${resource.kind}/${plain(resource.name)} at ${plain(resource.scope)}: ${outcome}${explanation ? `, ${plain(explanation)}` : ''}`,
      ...changes.map(
        ({ path, before, after }) =>
          `    ${plain(path)}: ${plain(cell(before ?? 'not set'))} → ${plain(cell(after ?? 'not set'))}`,
      ),
    ]),
    dim('A preview: nothing was changed.'),
  ].join('\n')

const detailText = ({
  id,
  state,
  stoppedBecause,
  assignment,
  scope,
  perMinute,
  reason,
  progress,
  outcomes,
}: RemediationGet): string =>
  [
    `${bold(id)} ${state}${stoppedBecause ? `: ${plain(stoppedBecause)}` : ''}`,
    `what ${assignment} asks at ${plain(scope)} and below, up to ${perMinute} a minute${reason ? `: ${plain(reason)}` : ''}`,
    `${progress.rewritten} put right, ${progress.waiting} to come, ${progress.setAside} set aside, ${progress.locked} locked, ${progress.refused} refused`,
    ...outcomes.map(
      ({ resource, state: outcome, explanation }) =>
        `  ${resource.kind}/${plain(resource.name)}: ${outcome}${explanation ? `, ${plain(explanation)}` : ''}`,
    ),
  ].join('\n')

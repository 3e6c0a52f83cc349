// Roles there are, rights for a time, and what a change of either would do.
import type { Command } from 'commander'
import { readDocuments } from './documents.ts'
import { ago, bad, dim, good, plain, show, table, warn, type Output } from './output.ts'
import { propose, type Proposing } from './propose.ts'
import { CalledWrongly, client } from './session.ts'

export const addAccess = (program: Command, output: () => Output): void => {
  addRoles(program, output)
  addElevations(program, output)
  program
    .command('what-if')
    .description('who would gain and who would lose by files, or by a deletion; nothing is changed')
    .option('-f, --file <path>', 'a file, a folder, or - for standard input')
    .option('--delete <id...>', 'ids of what would be deleted')
    .action((flags: Proposed) => whatIf(output(), flags))
}

const addRoles = (program: Command, output: () => Output): void => {
  program
    .command('role')
    .description('roles that can be given')
    .command('list')
    .description('those built in, and those made here')
    .action(async () =>
      show(output(), await client().roleCatalog(), ({ items }) =>
        table(
          ['ROLE', 'FROM', 'ACTIONS', 'MAY'],
          items.map(({ name, builtIn, actions, title, description }) => [
            name,
            builtIn ? 'built in' : 'here',
            String(actions.length),
            description || title,
          ]),
          'No roles.',
        ),
      ),
    )
}

type Elevating = Proposing & { for: string }

const addElevations = (program: Command, output: () => Output): void => {
  program
    .command('elevate')
    .description('hold for a time a role you are eligible for')
    .argument('<assignment>', 'its name or id, as `elevation list` shows it')
    .requiredOption('--reason <text>', 'why, for the log and for who approves')
    .requiredOption('--for <time>', 'how long: 30m, 2h, 1h30m')
    .option('--propose', 'ask others to approve it, where that takes others')
    .action(async (assignment: string, flags: Elevating) => {
      const { reason = '' } = flags
      const body = { assignment, seconds: secondsIn(flags.for), reason }
      if (flags.propose) return propose(output(), { operationId: 'elevationActivate', body }, reason)
      show(
        output(),
        await client().elevationActivate({ body }),
        ({ id, role, scope, expiresAt }) =>
          `${good('Elevated')}: ${plain(role)} at ${plain(scope)} until ${expiresAt} (${ago(expiresAt)}). \`holdfast elevation end ${id}\` ends it.`,
      )
    })

  const elevation = program.command('elevation').description('roles held for a time')
  elevation
    .command('list')
    .description('who holds what until when, and what you could activate')
    .action(async () => {
      const page = await client().elevationList({ query: { limit: 200 } })
      show(output(), page, ({ items, eligible }) =>
        [
          table(
            ['ID', 'WHO', 'ROLE', 'AT', 'ENDS', 'WHY'],
            items.map((it) => [it.id, it.principal, it.role, it.scope, ago(it.expiresAt), it.reason.split('\n')[0]!]),
            'Nobody you may see is elevated.',
          ),
          '',
          table(
            ['YOU COULD ACTIVATE', 'ROLE', 'AT', 'FOR AT MOST', 'APPROVALS'],
            eligible.map((it) => [it.name, it.role, it.scope, inWords(it.maxSeconds), String(it.approvals)]),
            'There is nothing you could activate.',
          ),
        ].join('\n'),
      )
    })
  elevation
    .command('end')
    .description('end one at once')
    .argument('<id>')
    .action(async (id: string) => {
      await client().elevationEnd({ path: { id } })
      show(output(), { id }, () => `Ended ${id}.`)
    })
}

const unitSeconds = { d: 86_400, h: 3_600, m: 60, s: 1 }

/** `2h`, `90m`, `1h30m`: the units fall, each at most once. */
export const secondsIn = (time: string): number => {
  const found = /^(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(time)
  if (!found || time === '') throw new Error(`${JSON.stringify(time)} is no time such as 30m, 2h or 1h30m.`)
  return Object.values(unitSeconds).reduce((sum, seconds, i) => sum + seconds * Number(found[i + 1] ?? 0), 0)
}

/** Exactly, as it would be typed. */
export const inWords = (seconds: number): string => {
  let rest = seconds
  const parts = Object.entries(unitSeconds).map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? '' : `${count}${unit}`
  })
  return parts.join('')
}

type Proposed = { file?: string; delete?: string[] }

const whatIf = async (output: Output, { file, delete: deletions = [] }: Proposed): Promise<void> => {
  if (file === undefined && deletions.length === 0) throw new CalledWrongly('Say what would change: -f PATH, or --delete ID.')
  const documents = file === undefined ? [] : await readDocuments(file)
  const effects = await client().policyWhatIf({ body: { documents, deletions } as never }) // the site checks the documents
  show(output, effects, ({ gains, loses, truncated }) =>
    [
      ...gains.map((it) => `${good('gains')}  ${line(it)}`),
      ...loses.map((it) => `${bad('loses')}  ${line(it)}`),
      ...(gains.length + loses.length === 0 ? ['Nobody gains or loses anything.'] : []),
      ...(truncated ? [warn('There is more than is shown.')] : []),
    ].join('\n'),
  )
}

type Effect = { principal: string; action: string; scope: string; conditional: boolean }
const line = ({ principal, action, scope, conditional }: Effect): string =>
  `${principal}  ${action} at ${plain(scope)}${conditional ? dim('  under a condition, or not at once') : ''}`

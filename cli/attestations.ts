// What people vouched for where no program can see: said, listed and taken back.
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { AttestationList } from '#client'
import { secondsIn } from './access.ts'
import { given } from './flags.ts'
import { whole } from './numbers.ts'
import { ago, dim, good, plain, show, table, type Output } from './output.ts'
import { client } from './session.ts'

const pageMax = 200
const states = ['valid', 'ended', 'withdrawn', 'moot'] as const

type Listing = {
  scope?: string
  resource?: string
  guardrail?: string
  assignment?: string
  state?: (typeof states)[number]
  after?: string
  n: number
}
type Attesting = { guardrail?: string; resource?: string; scope?: string; statement: string; for: number }

const duration = (text: string): number => {
  try {
    return secondsIn(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

export const addAttestations = (compliance: Command, output: () => Output): void => {
  compliance
    .command('attest')
    .description('vouch, in your name and for a time, for what a guardrail with the effect manual asks')
    .argument('<assignment>', 'id of what was assigned')
    .option('--guardrail <ref>', 'which of the assignment’s, where there are more')
    .option('--resource <id>', 'of this thing')
    .option('--scope <path>', 'of all at or below this scope')
    .requiredOption('--statement <text>', 'what you have seen; it stays on record')
    .requiredOption('--for <time>', 'how long it holds: 90d, 12h', duration)
    .action(async (assignment: string, { for: seconds, ...flags }: Attesting) => {
      const expiresAt = new Date(Date.now() + seconds * 1000).toISOString()
      const body = { assignment, statement: flags.statement, ...given(flags), expiresAt }
      show(output(), await client().complianceAttest({ body }), ({ id }) => `${good('Attested')}: ${id}, until ${expiresAt}.`)
    })
  const attestations = compliance.command('attestations').description('what people vouched for, and whether it still counts')
  attestations
    .command('list', { isDefault: true })
    .description('newest first')
    .option('--scope <path>', 'only at or below this scope')
    .option('--resource <id>', 'only what reaches this: said of it, or of a place it lies in')
    .option('--guardrail <ref>', 'only for this guardrail')
    .option('--assignment <id>', 'only for this assignment')
    .addOption(new Option('--state <state>', 'only in this state').choices(states))
    .option('-n <count>', `how many, up to ${pageMax}`, whole(1, pageMax), 50)
    .option('--after <id>', 'those before this one: `next` of the page before')
    .action(async ({ n: limit, ...flags }: Listing) =>
      show(output(), await client().attestationList({ query: { ...given(flags), limit } }), listed),
    )
  attestations
    .command('withdraw')
    .description('take one back: from now on it counts for nothing')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why; it stays on record')
    .action(async (id: string, { reason }: { reason: string }) =>
      show(
        output(),
        await client().attestationWithdraw({ path: { id }, body: { reason } }),
        ({ guardrail }) =>
          `${good('Withdrawn')}: ${id}. What ${plain(guardrail)} asks there is unknown again, unless someone else vouches for it.`,
      ),
    )
}

const listed = ({ items, next }: AttestationList): string =>
  [
    table(
      ['ID', 'STATE', 'OF WHAT', 'GUARDRAIL', 'BY', 'SAID', 'ENDS', 'IN THESE WORDS'],
      items.map(({ id, state, resource, scope, guardrail, actor, at, expiresAt, statement, withdrawn }) => [
        id,
        state,
        resource ? `${resource.kind}/${resource.name}${resource.gone ? ' (gone)' : ''}` : `all in ${scope}`,
        guardrail,
        actor,
        ago(at),
        ago(expiresAt),
        `${oneLine(statement)}${withdrawn ? `; withdrawn by ${withdrawn.actor}: ${oneLine(withdrawn.reason)}` : ''}`,
      ]),
      'Nobody vouched for anything there that you may see. `holdfast compliance verdicts --state unknown` shows what waits for it.',
    ),
    ...(next === undefined ? [] : [dim(`There are older ones: --after ${next}`)]),
  ].join('\n')

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

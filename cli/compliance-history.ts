// How compliance came to be what it is: counts over time, and what became what.
import { InvalidArgumentError, type Command } from 'commander'
import { given } from './flags.ts'
import { whole } from './numbers.ts'
import { ago, dim, show, table, type Output } from './output.ts'
import { client } from './session.ts'

const pageMax = 200

/** As the API takes it; a day alone is its first moment, in UTC. */
const moment = (text: string): string => {
  const at = new Date(text)
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(at.getTime())) return at.toISOString()
  throw new InvalidArgumentError('It must be a day or a moment, such as 2027-03-01 or 2027-03-01T08:00:00Z.')
}

type Over = { scope?: string; initiative?: string; assignment?: string; since?: string }
type Became = Omit<Over, 'since'> & { resource?: string; after?: number; n: number }

export const addHistory = (compliance: Command, output: () => Output): void => {
  compliance
    .command('history')
    .description('how many were what at points in time, of things, or of the verdicts of an initiative or assignment')
    .option('--scope <path>', 'only at or below this scope')
    .option('--initiative <ref>', 'verdicts of this initiative')
    .option('--assignment <id>', 'verdicts of this assignment')
    .option('--since <time>', 'from this day or moment on (default: 30 days ago)', moment)
    .action(async (flags: Over) =>
      show(output(), await client().complianceHistory({ query: given(flags) }), ({ items }) =>
        table(
          ['AT', 'COMPLIANT', 'NON-COMPLIANT', 'EXEMPT', 'STALE', 'UNKNOWN'],
          items.map((it) => [
            it.at,
            ...[it.compliant, it['non-compliant'], it.exempt, it.stale, it.unknown].map((count) => String(count)),
          ]),
          'Nothing was counted there yet. It is after each sweep: `holdfast compliance sweep` asks for one.',
        ),
      ),
    )
  compliance
    .command('transitions')
    .description('what became what, when and by whom or why, newest first; also of what is gone')
    .option('--scope <path>', 'only at or below this scope')
    .option('--initiative <ref>', 'only what this initiative asks for')
    .option('--assignment <id>', 'only what this assignment says')
    .option('--resource <id>', 'only of this')
    .option('-n <count>', `how many, up to ${pageMax}`, whole(1, pageMax), 50)
    .option('--after <number>', 'those before this one: `next` of the page before', whole(1, Number.MAX_SAFE_INTEGER))
    .action(async ({ n: limit, ...flags }: Became) =>
      show(output(), await client().complianceTransitions({ query: { ...given(flags), limit } }), ({ items, next }) =>
        [
          table(
            ['WHEN', 'WHAT', 'WHERE', 'GUARDRAIL', 'WAS', 'BECAME', 'BY'],
            items.map(({ at, resource, guardrail, was, became, cause, actor }) => [
              ago(at),
              `${resource.kind}/${resource.name}${resource.gone ? ' (gone)' : ''}`,
              resource.scope,
              guardrail,
              was ?? 'nothing',
              became ?? 'nothing',
              actor === undefined ? cause : `${cause} of ${actor}`,
            ]),
            'Nothing became different that you may see.',
          ),
          ...(next === undefined ? [] : [dim(`There are older ones: --after ${next}`)]),
        ].join('\n'),
      ),
    )
}

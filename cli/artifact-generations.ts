// Generations: signed statements of what names mean, switched and rolled back as one.
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { given } from './flags.ts'
import { whole } from './numbers.ts'
import { ago, bold, dim, good, plain, show, table, type Output } from './output.ts'
import { client } from './session.ts'

const numberMax = 2 ** 31 - 1
type Tag = { path: string; tag: string; digest?: string }

/** `path:tag`, or `path:tag@sha256:…`. */
const tagOf = (text: string, others: Tag[] = []): Tag[] => {
  const match = /^([a-z0-9][a-z0-9/._-]*):([A-Za-z0-9_][A-Za-z0-9._-]*)(?:@(sha(?:256|512):[0-9a-f]+))?$/.exec(text)
  if (!match?.[1] || !match[2]) throw new InvalidArgumentError('It must be PATH:TAG, or PATH:TAG@DIGEST.')
  return [...others, { path: match[1], tag: match[2], ...given({ digest: match[3] }) }]
}

/** By id, or as LINE/NUMBER. */
const idOf = async (which: string): Promise<string> => {
  const [line, number] = which.split('/')
  if (line === undefined || number === undefined || !/^\d{1,9}$/.test(number)) return which
  const { items } = await client().generationList({ query: { line, before: Number(number) + 1 } })
  return items.find((it) => it.number === Number(number))?.id ?? which
}

const switched = (it: { line: string; live: number; was: number | null; moved: number; removed: number }): string =>
  `${good('Live')}: ${it.line}/${it.live}${it.was === null ? '' : `, before it ${it.line}/${it.was}`}; ${it.moved} tags moved, ${it.removed} removed.`

export const addGenerations = (artifact: Command, output: () => Output): void => {
  const generation = artifact.command('generation').description('signed statements of what names mean, switched as one')
  generation
    .command('list', { isDefault: true })
    .description('generations, newest first')
    .option('--line <name>', 'only of this line')
    .action(async (flags: { line?: string }) =>
      show(output(), await client().generationList({ query: given(flags) }), ({ items }) =>
        table(
          ['GENERATION', 'LIVE', 'NAMES', 'MADE', 'BY', 'NOTE'],
          items.map((it) => [
            `${it.line}/${it.number}`,
            it.live ? 'live' : '',
            String(it.tags),
            ago(it.madeAt),
            it.madeBy,
            it.note ?? '',
          ]),
          'There are none. `holdfast artifact generation make LINE PATH:TAG…` makes one.',
        ),
      ),
    )
  generation
    .command('show')
    .description('what a generation states, and what it changed')
    .argument('<generation>', 'LINE/NUMBER, or its id')
    .action(async (which: string) =>
      show(output(), await client().generationGet({ path: { id: await idOf(which) } }), (it) =>
        [
          bold(`${it.line}/${it.number}${it.live ? ', live' : ''}`),
          ...(it.note === null ? [] : [plain(it.note)]),
          table(
            ['NAME', 'WAS', 'BECOMES'],
            it.changed.map(({ path, tag, was, becomes }) => [`${path}:${tag}`, was ?? 'not stated', becomes ?? 'not stated']),
            'It changed nothing that you may see.',
          ),
          '',
          table(
            ['NAME', 'DIGEST'],
            it.stated.map(({ path, tag, digest }) => [`${path}:${tag}`, digest]),
            '',
          ),
          ...(it.tags === it.stated.length
            ? []
            : [dim(`${it.tags - it.stated.length} more are in repositories that you may not read.`)]),
        ].join('\n'),
      ),
    )
  addChanges(generation, output)
}

const addChanges = (generation: Command, output: () => Output): void => {
  generation
    .command('make')
    .description('state what tags mean, as they are now or by digest, and keep all of it')
    .argument('<line>', 'generations of one line follow each other')
    .argument('<tag...>', 'PATH:TAG, or PATH:TAG@DIGEST', tagOf)
    .option('--note <text>', 'what it is for')
    .option('--switch', 'make it live at once')
    .action(async (line: string, tags: Tag[], flags: { note?: string; switch?: boolean }) =>
      show(
        output(),
        await client().generationMake({ body: { line, tags, ...given(flags) } }),
        (it) =>
          `${good('Made')} ${it.line}/${it.number}: ${it.tags} names${it.live ? ', live' : dim(`. Switch to it: holdfast artifact generation switch ${it.line}/${it.number}`)}`,
      ),
    )
  generation
    .command('switch')
    .description('make a generation live: its names mean what it says, all at once')
    .argument('<generation>', 'LINE/NUMBER, or its id')
    .action(async (which: string) =>
      show(output(), await client().generationSwitch({ path: { id: await idOf(which) } }), switched),
    )
  generation
    .command('rollback')
    .description('back to the one that was live before')
    .argument('<line>')
    .option('--to <number>', 'to this one', whole(1, numberMax))
    .action(async (line: string, flags: { to?: number }) =>
      show(output(), await client().generationRollback({ body: { line, ...given(flags) } }), switched),
    )
  generation
    .command('discard')
    .description('discard one that is not live; what only it names may be collected then')
    .argument('<generation>', 'LINE/NUMBER, or its id')
    .action(async (which: string) => {
      await client().generationDiscard({ path: { id: await idOf(which) } })
      show(output(), { discarded: which }, () => `${good('Discarded')} ${plain(which)}`)
    })
}

// Looking into the inventory: search, what needs what, how a thing came to be; and locks.
import type { Command } from 'commander'
import { client } from './session.ts'
import { lines } from './difference.ts'
import { whole } from './numbers.ts'
import { ApiProblem } from '#client'
import { ago, dim, good, plain, show, table, type Output } from './output.ts'
import { ask, pluralOf, type Resource } from './resources.ts'

const one = async (kind: string, name: string): Promise<Resource> =>
  ask<Resource>('GET', `/${await pluralOf(kind)}/{id}`, { path: { id: name } })

export const addInventory = (program: Command, output: () => Output): void => {
  program
    .command('search')
    .description('find resources of any kind by any field')
    .argument('[words...]', 'kind:deployment label.env=prod criticality>=high text')
    .option('--view <view>', 'begin with a saved view, by name or id')
    .option('--sort <field>', 'name, kind, created or updated; a - before it is descending')
    .option('-n, --limit <n>', 'how many, up to 500', whole(1, 500), 50)
    .action((words: string[], flags: { view?: string; sort?: string; limit: number }) => search(output(), words, flags))

  program
    .command('graph')
    .description('what a resource needs, and what needs it')
    .argument('<kind>')
    .argument('<name>', 'name or id')
    .option('--depth <n>', 'steps', whole(0, 16))
    .action(async (kind: string, name: string, { depth }: { depth?: number }) => {
      const start = await one(kind, name)
      const found = await client().resourceGraph({ query: { resource: start.id, ...(depth === undefined ? {} : { depth }) } })
      show(output(), found, () => drawn(found, start.id))
    })

  program
    .command('history')
    .description('every state a resource had, newest first: who, when, why and what')
    .argument('<kind>')
    .argument('<name>', 'name, or the id of what is gone')
    .action((kind: string, name: string) => history(output(), kind, name))

  addLocks(program.command('lock').description('what nobody deletes, or changes, until the lock is taken away'), output)
}

const search = async (
  output: Output,
  words: string[],
  { view, sort, limit }: { view?: string; sort?: string; limit: number },
): Promise<void> => {
  const query = words.join(' ')
  const found = await client().resourceSearch({
    query: {
      limit,
      ...(query === '' ? {} : { query }),
      ...(view === undefined ? {} : { view }),
      ...(sort === undefined ? {} : { sort }),
    },
  })
  show(output, found, ({ items, next }) =>
    [
      table(
        ['KIND', 'NAME', 'SCOPE', 'CRITICALITY', 'CLASSIFICATION', 'CHANGED'],
        items.map((it) => [
          it.kind,
          it.name,
          it.scope,
          it.effectiveCriticality,
          it.effectiveClassification.level,
          ago(it.updatedAt),
        ]),
        'Nothing that you may see.',
      ),
      ...(next === undefined ? [] : [dim(`The first ${items.length}. More with -n.`)]),
    ].join('\n'),
  )
}

type Graph = Awaited<ReturnType<ReturnType<typeof client>['resourceGraph']>>

const drawn = ({ nodes, edges, truncated }: Graph, start: string): string => {
  const named = new Map(nodes.map((node) => [node.id, node]))
  const branch = (id: string, way: 'from' | 'to', depth: number, path: ReadonlySet<string>): string[] =>
    edges
      .filter((edge) => edge[way] === id)
      .flatMap((edge) => {
        const next = edge[way === 'from' ? 'to' : 'from']
        const node = named.get(next)
        if (!node || path.has(next)) return []
        return [
          `${'  '.repeat(depth)}${node.kind}/${node.name} at ${plain(node.scope)} ${dim(`${edge.relation}, ${node.effectiveCriticality}`)}`,
          ...branch(next, way, depth + 1, new Set([...path, next])),
        ]
      })
  const [needs, needed] = [branch(start, 'from', 1, new Set([start])), branch(start, 'to', 1, new Set([start]))]
  return [
    'needs:',
    ...(needs.length > 0 ? needs : [dim('  nothing')]),
    'is needed by:',
    ...(needed.length > 0 ? needed : [dim('  nothing')]),
    ...(truncated ? [dim('There is more than is shown here.')] : []),
  ].join('\n')
}

type Revision = { generation: number; change: string; actor: string; at: string; reason?: string; name: string }

const history = async (output: Output, kind: string, name: string): Promise<void> => {
  const plural = await pluralOf(kind)
  const id = await one(kind, name).then(
    (found) => found.id,
    (error: unknown) => {
      if (error instanceof ApiProblem && error.status === 404) return name // what is gone has an id and no name any more
      throw error
    },
  )
  const found = await ask<{ items: Revision[] }>('GET', `/${plural}/{id}/history`, { path: { id } })
  show(output, found, ({ items }) =>
    items
      .map((revision, i) => {
        const why = revision.reason === undefined ? '' : `: ${plain(revision.reason)}`
        const head = `${revision.generation}  ${revision.change}  ${ago(revision.at)} by ${revision.actor}${why}`
        return [head, ...(revision.change === 'deleted' ? [] : lines(items[i + 1] && said(items[i + 1]!), said(revision)))].join(
          '\n',
        )
      })
      .join('\n'),
  )
}

/** What was stated; who, when and why stand beside it. */
const said = ({ generation: _g, change: _c, actor: _a, at: _t, reason: _r, ...rest }: Revision): object => {
  const { requestId: _, ...stated } = rest as Record<string, unknown>
  return stated
}

type Locking = { scope: string; effect: string; kind?: string; on?: string; note?: string }

const addLocks = (lock: Command, output: () => Output): void => {
  lock
    .command('list')
    .description('every lock you may see')
    .option('--scope <path>', 'only at or below this scope')
    .action(async ({ scope }: { scope?: string }) => {
      const found = await client().lockList({ query: { limit: 200, ...(scope === undefined ? {} : { scope }) } })
      show(output(), found, ({ items }) =>
        table(
          ['NAME', 'SCOPE', 'EFFECT', 'HOLDS', 'NOTE'],
          items.map((it) => [it.name, it.scope, it.spec.effect, it.spec.resource ?? 'all below', it.spec.note ?? '']),
          'No locks.',
        ),
      )
    })
  lock
    .command('add')
    .description('lock a scope with all below it, or one thing')
    .argument('<name>', 'of the lock')
    .option('--scope <path>', 'where it lies, and what it holds when it names no one thing', '/')
    .requiredOption('--effect <effect>', 'cannot-delete or read-only')
    .option('--kind <kind>', 'of the one thing it holds')
    .option('--on <name>', 'name or id of the one thing it holds')
    .option('--note <text>', 'why, for who meets it')
    .action(async (name: string, { scope, effect, kind, on, note }: Locking) => {
      if ((kind === undefined) !== (on === undefined)) throw new Error('One thing is named by both --kind and --on.')
      const held = kind === undefined || on === undefined ? {} : { resource: (await one(kind, on)).id }
      const spec = { effect, ...held, ...(note === undefined ? {} : { note }) }
      const made = await client().lockApply({ body: { scope, name, spec } as never }) // checked by the site
      show(output(), made, () => `${good('Locked')} ${plain(on ?? scope)}: ${effect}.`)
    })
  lock
    .command('remove')
    .description('take a lock away')
    .argument('<name>', 'name or id of the lock')
    .action(async (name: string) => {
      await client().lockDelete({ path: { id: name } })
      show(output(), { deleted: name }, () => `Took the lock ${name} away.`)
    })
}

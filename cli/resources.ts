import { Option, type Command } from 'commander'
import { stringify } from 'yaml'
import { toDocument, type Told } from './documents.ts'
import { request } from '#client'
import { ago, cell, print, show, table, type Output } from './output.ts'
import { CalledWrongly, client, options } from './session.ts'

export type Resource = Told & {
  id: string
  owner: string
  effectiveClassification: { level: string; caveats: readonly string[] }
  effectiveCriticality: string
  status?: Record<string, unknown>
  updatedAt: string
}

/** Plural of a kind, as the site's addresses have it; also takes the plural itself. */
export const pluralOf = async (kind: string): Promise<string> => {
  const { items } = await client().kindList()
  const found = items.find((it) => it.kind === kind || it.plural === kind)
  if (!found) throw new CalledWrongly(`There is no kind ${kind}. The kinds are: ${items.map((it) => it.kind).join(', ')}.`)
  return found.plural
}

export const ask = async <T>(method: string, path: string, given: Parameters<typeof request>[3] = {}): Promise<T> => {
  const reply = await request(options(), method, `/api/v1${path}`, given)
  return (reply.status === 204 ? undefined : await reply.json()) as T // the site's own schema
}

export const listAll = async (plural: string, query: Record<string, unknown> = {}): Promise<Resource[]> => {
  const items: Resource[] = []
  let after: string | undefined
  do {
    const page: { items: Resource[]; next?: string } = await ask('GET', `/${plural}`, { query: { ...query, limit: 200, after } })
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

/** Of the name in exactly that scope; without one the site finds it, and refuses where the name is at two. */
const idOf = async (kind: string, plural: string, name: string, scope: string | undefined): Promise<string> => {
  if (scope === undefined) return name
  const here = (await listAll(plural, { scope })).find((it) => it.scope === scope && (it.name === name || it.id === name))
  if (!here) throw new Error(`There is no ${kind} ${name} at ${scope} that you may see.`)
  return here.id
}

export const addResources = (program: Command, output: () => Output): void => {
  program
    .command('get')
    .description('resources of a kind, or one of them')
    .argument('<kind>')
    .argument('[name]')
    .option('--scope <path>', 'only at or below this scope; with a name, the one at this scope')
    .addOption(
      new Option('-o, --output <form>', 'yaml: as a file for `apply`; json: the same as --json').choices(['json', 'yaml']),
    )
    .action(async (kind: string, name: string | undefined, flags: { scope?: string; output?: string }) => {
      if (kind === 'kinds' || kind === 'roles') return listWords(kind, output())
      const plural = await pluralOf(kind)
      const items =
        name === undefined
          ? await listAll(plural, { scope: flags.scope })
          : [await ask<Resource>('GET', `/${plural}/{id}`, { path: { id: await idOf(kind, plural, name, flags.scope) } })]
      if (flags.output === 'yaml')
        return print(
          items
            .map((it) => stringify(toDocument(it)))
            .join('---\n')
            .trimEnd(),
        )
      show(output(), name === undefined ? { items } : items[0]!, () =>
        name === undefined
          ? table(
              ['NAME', 'SCOPE', 'STATE', 'CHANGED'],
              items.map((it) => [it.name, it.scope, cell(it.status?.['state']), ago(it.updatedAt)]),
              `No ${kind} that you may see.`,
            )
          : stringify(items[0]).trimEnd(),
      )
    })

  program
    .command('delete')
    .description('delete a resource')
    .argument('<kind>')
    .argument('<name>', 'name or id')
    .option('--scope <path>', 'the one at this scope, where the name is at two')
    .option('--reason <text>', 'why, for the history')
    .action(async (kind: string, name: string, flags: { scope?: string; reason?: string }) => {
      const plural = await pluralOf(kind)
      const id = await idOf(kind, plural, name, flags.scope)
      await ask('DELETE', `/${plural}/{id}`, { path: { id }, headers: { 'x-reason': flags.reason } })
      show(output(), { deleted: `${kind}/${name}` }, () => `Deleted ${kind} ${name}.`)
    })
}

const listWords = async (what: 'kinds' | 'roles', output: Output): Promise<void> => {
  if (what === 'kinds')
    return show(output, await client().kindList(), ({ items }) =>
      table(
        ['KIND', 'WHAT IT IS'],
        items.map((it) => [it.kind, it.description]),
        '',
      ),
    )
  show(output, await client().roleCatalog(), ({ items }) =>
    table(
      ['ROLE', 'MAY'],
      items.map((it) => [it.name, it.description]),
      '',
    ),
  )
}

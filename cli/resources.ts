import type { Command } from 'commander'
import { stringify } from 'yaml'
import { readDocuments, toDocument } from './documents.ts'
import { differences, request } from '#client'
import { ago, bad, cell, dim, good, print, show, table, warn, type Output } from './output.ts'
import { client, options } from './session.ts'

type Resource = {
  id: string
  kind: string
  scope: string
  name: string
  labels: Record<string, string>
  spec: Record<string, unknown>
  status?: Record<string, unknown>
  updatedAt: string
}

/** Plural of a kind, as the site's addresses have it; also takes the plural itself. */
const pluralOf = async (kind: string): Promise<string> => {
  const { items } = await client().kindList()
  const found = items.find((it) => it.kind === kind || it.plural === kind)
  if (!found) throw new Error(`There is no kind ${kind}. The kinds are: ${items.map((it) => it.kind).join(', ')}.`)
  return found.plural
}

const ask = async <T>(method: string, path: string, given: Parameters<typeof request>[3] = {}): Promise<T> => {
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

export const addResources = (program: Command, output: () => Output): void => {
  program
    .command('get')
    .description('resources of a kind, or one of them')
    .argument('<kind>')
    .argument('[name]')
    .option('--scope <path>', 'only at or below this scope')
    .option('-o, --output <form>', 'yaml: as a file for `apply`')
    .action(async (kind: string, name: string | undefined, flags: { scope?: string; output?: string }) => {
      if (kind === 'kinds' || kind === 'roles') return listWords(kind, output())
      const plural = await pluralOf(kind)
      const items =
        name === undefined
          ? await listAll(plural, { scope: flags.scope })
          : [await ask<Resource>('GET', `/${plural}/{id}`, { path: { id: name } })]
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
    .command('apply')
    .description('make the site as the files say: all of it or nothing')
    .requiredOption('-f, --file <path>', 'YAML or JSON, a file or a folder; - for standard input')
    .option('--dry-run', 'say what would change and change nothing')
    .action(async (flags: { file: string; dryRun?: boolean }) => {
      const resources = await readDocuments(flags.file)
      const result = await client().resourceApply({ body: { resources, dryRun: flags.dryRun ?? false } as never }) // documents are checked by the site
      const word = { created: good('created'), changed: warn('changed'), unchanged: dim('unchanged'), deleted: warn('deleted') }
      show(output(), result, ({ changes }) =>
        [
          ...changes.map(({ outcome, resource }) => `${word[outcome]}  ${resource.kind}/${resource.name} at ${resource.scope}`),
          ...(flags.dryRun ? [dim('A dry run: nothing was changed.')] : []),
        ].join('\n'),
      )
    })

  program
    .command('diff')
    .description('what `apply` would change; ends with 1 when something would')
    .requiredOption('-f, --file <path>', 'YAML or JSON, a file or a folder; - for standard input')
    .action(async (flags: { file: string }) => {
      const resources = await readDocuments(flags.file)
      const { changes } = await client().resourceApply({ body: { resources, dryRun: true } as never }) // documents are checked by the site
      const found = changes.map(({ outcome, resource, before }) => ({
        outcome,
        name: `${resource.kind}/${resource.name} at ${resource.scope}`,
        fields: differences(before && toDocument(before as Resource), toDocument(resource as Resource)),
      }))
      const different = found.filter(({ outcome }) => outcome !== 'unchanged')
      show(output(), { changes: different }, () =>
        different.length === 0
          ? 'No difference.'
          : different
              .map(({ name, fields }) =>
                [
                  name,
                  ...fields.map(
                    ({ path, from, to }) =>
                      `  ${path}: ${from === undefined ? good(`+ ${to}`) : to === undefined ? bad(`- ${from}`) : `${bad(from)} → ${good(to)}`}`,
                  ),
                ].join('\n'),
              )
              .join('\n'),
      )
      if (different.length > 0) process.exitCode = 1
    })

  program
    .command('delete')
    .description('delete a resource')
    .argument('<kind>')
    .argument('<name>', 'name or id')
    .action(async (kind: string, name: string) => {
      await ask('DELETE', `/${await pluralOf(kind)}/{id}`, { path: { id: name } })
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
  show(output, await client().roleList(), ({ items }) =>
    table(
      ['ROLE', 'MAY'],
      items.map((it) => [it.name, it.description]),
      '',
    ),
  )
}

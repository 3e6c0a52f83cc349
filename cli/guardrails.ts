// Guardrails: what can be assigned, what one would say of what there is, sets from publishers; and what is exempt.
import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { parse, stringify } from 'yaml'
import type { GuardrailTry } from '#client'
import { ago, bad, cell, dim, good, plain, show, table, warn, type Output } from './output.ts'
import { propose, type Proposing } from './propose.ts'
import { ask, listAll, type Resource } from './resources.ts'
import { client } from './session.ts'

const fileBytesMax = 2 * 1024 ** 2

type Listed = { ref: string; what: 'guardrail' | 'initiative'; source: string; effect: string; kinds: string[]; title: string }

export const addGuardrails = (program: Command, output: () => Output): void => {
  const guardrail = program
    .command('guardrail')
    .description('what may be here: guardrails, what they would say, and sets of them')
  guardrail
    .command('list')
    .description('what can be assigned: of the library, of publishers, made here')
    .option('--source <name>', 'builtin, a publisher, or here')
    .action(async (flags: { source?: string }) => {
      const items = (await known()).filter(({ source }) => flags.source === undefined || source === flags.source)
      show(output(), { items }, () =>
        table(
          ['NAME', 'EFFECT', 'ABOUT', 'TITLE'],
          items.map(({ ref, what, effect, kinds, title }) => [
            ref,
            what === 'initiative' ? what : effect,
            kinds.join(' '),
            title,
          ]),
          'Nothing can be assigned.',
        ),
      )
    })
  guardrail
    .command('show')
    .description('one guardrail or initiative, in full')
    .argument('<name>', 'builtin/NAME, PUBLISHER/NAME, or id or name of one made here')
    .action(async (name: string) => {
      const found = await one(name)
      show(output(), found, () => stringify(found).trimEnd())
    })
  addTrial(guardrail, output)
  addImport(guardrail, output)
}

const known = async (): Promise<Listed[]> => {
  const { guardrails, initiatives } = await client().guardrailLibrary()
  const here = await listAll('guardrails')
  const groups = await listAll('initiatives')
  return [
    ...guardrails.map(({ ref, source, definition }) => listed(ref, source, definition)),
    ...here.map(({ id, spec }) => listed(id, 'here', spec)),
    ...initiatives.map(({ ref, source, initiative }) => listed(ref, source, initiative)),
    ...groups.map(({ id, spec }) => listed(id, 'here', spec)),
  ]
}

/** Of an initiative there are members where a guardrail has kinds. */
const listed = (ref: string, source: string, stated: Readonly<Record<string, unknown>>): Listed => ({
  ref,
  what: 'guardrails' in stated ? 'initiative' : 'guardrail',
  source,
  effect: cell(stated['effect']),
  kinds: Array.isArray(stated['kinds']) ? stated['kinds'].map(cell) : [],
  title: cell(stated['title']),
})

const one = async (name: string): Promise<unknown> => {
  if (!name.includes('/'))
    return ask<Resource>('GET', `/${name.startsWith('initiative_') ? 'initiatives' : 'guardrails'}/{id}`, { path: { id: name } })
  const { guardrails, initiatives } = await client().guardrailLibrary()
  const found = [...guardrails, ...initiatives].find(({ ref }) => ref === name)
  if (!found) throw new Error(`There is no ${name}. \`holdfast guardrail list\` shows what there is.`)
  return found
}

type Trying = { file?: string; scope?: string; kind?: string[]; effect?: string; parameter?: string[] }

const addTrial = (guardrail: Command, output: () => Output): void => {
  guardrail
    .command('try')
    .description('what a guardrail would say of what there is; ends with 1 when something does not meet it')
    .argument('[name]', 'builtin/NAME, PUBLISHER/NAME, an id, or guardrail:/scope/name')
    .option('-f, --file <path>', 'a definition, or a file with one guardrail as for `apply`, that is not on the site yet')
    .option('--scope <path>', 'only at or below this scope')
    .option('--kind <kind...>', 'only these kinds')
    .option('--effect <effect>', 'another of its effects')
    .option('--parameter <name=value...>', 'values; JSON, or else a text')
    .action(async (name: string | undefined, flags: Trying) => {
      if ((name === undefined) === (flags.file === undefined)) throw new Error('Name a guardrail, or a file with -f.')
      const given = name === undefined ? { definition: definitionIn(flags.file!) } : { guardrail: name }
      const tried = await client().guardrailTry({ body: { ...given, ...choices(flags) } as never }) // the site checks all of it
      show(output(), tried, () => told(tried))
      if (tried.counts['non-compliant'] + tried.counts.unknown > 0) process.exitCode = 1
    })
}

const definitionIn = (path: string): unknown => {
  const parsed: unknown = parse(textIn(path), { maxAliasCount: 100 })
  return typeof parsed === 'object' && parsed !== null && 'spec' in parsed ? parsed.spec : parsed
}

const textIn = (path: string): string => {
  if (statSync(path).size > fileBytesMax) throw new Error(`${path} is larger than ${fileBytesMax} bytes.`)
  return readFileSync(path, 'utf8')
}

const choices = ({ scope, kind, effect, parameter = [] }: Trying): object => ({
  ...(scope === undefined ? {} : { scope }),
  ...(kind ? { kinds: kind } : {}),
  ...(effect === undefined ? {} : { effect }),
  ...(parameter.length === 0 ? {} : { parameters: Object.fromEntries(parameter.map(parameterOf)) }),
})

const parameterOf = (text: string): [string, unknown] => {
  const at = text.indexOf('=')
  if (at < 1) throw new Error(`${text}: a parameter is NAME=VALUE.`)
  const value = text.slice(at + 1)
  try {
    return [text.slice(0, at), JSON.parse(value)]
  } catch {
    return [text.slice(0, at), value]
  }
}

const told = ({ judged, more, counts, samples, lockOut }: GuardrailTry): string =>
  [
    `${judged} looked at${more ? ', and there is more' : ''}: ${Object.entries(counts)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}.`,
    ...samples.map(
      ({ resource: { kind, name, scope }, state, message = '', changes = [] }) =>
        `  ${bad(state)}  ${kind}/${name} at ${plain(scope)}  ${plain(message)}${changes.map(({ path, value }) => `\n    ${path} → ${plain(cell(value))}`).join('')}`,
    ),
    ...(lockOut ? [`${warn('Enforced now, it would lock everyone out')}: ${plain(lockOut.explanation)}`] : []),
    dim('A trial: nothing was changed.'),
  ].join('\n')

const addImport = (guardrail: Command, output: () => Output): void => {
  guardrail
    .command('import')
    .description('take a signed set from a publisher that is trusted here')
    .argument('<file>', 'the set, as it was given to you')
    .option('--force', 'though it would lock everyone out; takes two owners, so use it with --propose')
    .option('--propose', 'ask others to approve it instead of doing it')
    .option('--reason <text>', 'why, for those who approve')
    .action(async (file: string, { force, ...flags }: Proposing & { force?: boolean }) => {
      const body = JSON.parse(textIn(file)) as Record<string, unknown> // the site checks what it is
      const query = force ? { force: 'true' } : {}
      if (flags.propose) return propose(output(), { operationId: 'guardrailSetImport', query, body }, flags.reason)
      const taken = await client().guardrailSetImport({ body, query: force ? { force: true } : {} })
      show(
        output(),
        taken,
        ({ publisher, version, sequence, guardrails, initiatives }) =>
          `${good('Taken')}: version ${version} of ${publisher} (sequence ${sequence}), ${guardrails.length} guardrails and ${initiatives.length} initiatives.`,
      )
    })
}

export const addExemptions = (program: Command, output: () => Output): void => {
  program
    .command('exemption')
    .description('what guardrails do not reach, until a day')
    .command('list')
    .description('exemptions you may see; the one that ends first, first')
    .option('--scope <path>', 'only at or below this scope')
    .action(async (flags: { scope?: string }) => {
      const items = await listAll('exemptions', { scope: flags.scope })
      const ends = ({ spec }: Resource) => cell(spec['expiresAt'])
      show(output(), { items }, () =>
        table(
          ['NAME', 'SCOPE', 'ENDS', 'CATEGORY', 'OF', 'FROM', 'REASON'],
          items
            .toSorted((a, b) => Date.parse(ends(a)) - Date.parse(ends(b)))
            .map((it) => [
              it.name,
              it.scope,
              Date.parse(ends(it)) <= Date.now() ? `ended ${ago(ends(it))}` : ago(ends(it)),
              cell(it.spec['category']),
              cell(it.spec['resource']) || 'all here and below',
              cell(it.spec['assignment']),
              cell(it.spec['reason']),
            ]),
          'No exemption that you may see.',
        ),
      )
    })
}

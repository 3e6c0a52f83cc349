import { spawnSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { request } from '#client'
import { whole } from './numbers.ts'
import { ago, bad, dim, good, show, table, type Output } from './output.ts'
import { asPerson } from './login.ts'
import { CalledWrongly, client, options } from './session.ts'

/** What was exported before may be evidence: it is not written over unless it is said, and half an export does not bear its name. */
const refuseExisting = (path: string, replace: boolean | undefined): void => {
  if (!existsSync(path)) return
  if (statSync(path).isDirectory()) throw new CalledWrongly(`${path} is a folder. Name a file with -o.`)
  if (!replace) throw new CalledWrongly(`${path} exists, and is left as it is. Name another file with -o, or say --replace.`)
}

/** Refused here, since the site can only say which pattern it does not match. */
const entryName = (text: string): string => {
  if (/^(entry_[0-9a-z]{26}|[0-9]{1,15})$/.test(text)) return text
  throw new InvalidArgumentError('An entry is named by its id (entry_…) or by its place, a number.')
}

/** A username is looked up among the people one may see; what is found nowhere is for the site to judge. */
const idOf = async (who: string): Promise<string> => {
  if (/^(user|group)_/.test(who)) return who
  const { items } = await client().userList({ query: { q: who, limit: 200 } })
  return items.find(({ username }) => username === who)?.id ?? who
}

const exportTo = async (path: string): Promise<void> => {
  const aside = `${path}.part`
  try {
    const reply = await request(options(), 'GET', '/api/v1/audit/export', {})
    await pipeline(Readable.fromWeb(reply.body as never), createWriteStream(aside, { mode: 0o600 })) // a web stream of the same platform
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
}

const rebuild = async (): Promise<number> => {
  const reply = await request(options(), 'POST', '/api/v1/audit/rebuild', {})
  const shown = process.stderr.isTTY
  for await (const line of createInterface({ input: Readable.fromWeb(reply.body as never) })) {
    const { done, of, rebuilt } = JSON.parse(line) as { done?: number; of?: number; rebuilt?: number } // the site's own lines
    if (shown) process.stderr.write(rebuilt === undefined ? `\r  ${done} of ${of} entries` : '\r\u001b[K')
    if (rebuilt !== undefined) return rebuilt
  }
  throw new Error('The site stopped before all was rebuilt. Nothing is lost: the entries are whole. Run it again.')
}

/** By the stand-alone program, which shares no code with the site. */
const verifyFile = (path: string, key: string | undefined): number =>
  spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../verifier/holdfast-verify.mjs'), path, ...(key ? ['--key', key] : [])],
    { stdio: 'inherit' },
  ).status ?? 1

export const addRecords = (program: Command, output: () => Output): void => {
  const log = program.command('log').description('the transparency log')
  log
    .command('list')
    .description('entries, newest first')
    .option('--actor <id>')
    .option('--action <action>', 'exact, or a prefix that ends in a dot')
    .addOption(new Option('--outcome <outcome>', 'how it came out').choices(['done', 'denied', 'failed', 'cancelled']))
    .option('--resource <id>')
    .option('-n, --limit <n>', 'how many, up to 200', whole(1, 200), 20)
    .action(async (flags: { limit: number }) => {
      const page = await client().auditList({ query: flags as never }) // checked by the site
      show(output(), page, ({ items }) =>
        table(
          ['#', 'WHEN', 'WHO', 'ACTION', 'ON', 'OUTCOME'],
          items.map((it) => [
            String(it.index),
            ago(it.at),
            it.actor,
            it.action,
            it.resource.id ?? it.resource.kind,
            it.outcome === 'done' ? 'done' : it.outcome,
          ]),
          'No entry matches.',
        ),
      )
    })
  log
    .command('show')
    .description('one entry')
    .argument('<entry>', 'id or place', entryName)
    .action(async (entry: string) =>
      show(output(), await client().auditGet({ path: { entry } }), (found) => JSON.stringify(found.entry, null, 2)),
    )
  log
    .command('prove')
    .description('save the receipt of an entry')
    .argument('<entry>', 'id or place', entryName)
    .option('-o, --output <file>', 'where to', 'receipt.json')
    .option('--replace', 'also where there is a file already')
    .action(async (entry: string, flags: { output: string; replace?: boolean }) => {
      refuseExisting(flags.output, flags.replace)
      const receipt = await client().receiptGet({ path: { entry } })
      writeFileSync(flags.output, `${JSON.stringify(receipt, null, 2)}\n`)
      show(
        output(),
        receipt,
        () => `${good('Saved')} ${flags.output}. Verify it anywhere: node holdfast-verify.mjs ${flags.output}`,
      )
    })
  log
    .command('export')
    .description('save the whole log')
    .option('-o, --output <file>', 'where to', 'holdfast-log.ndjson')
    .option('--replace', 'also where there is a file already')
    .action(async (flags: { output: string; replace?: boolean }) => {
      refuseExisting(flags.output, flags.replace)
      await exportTo(flags.output)
      show(output(), { file: flags.output }, () => `${good('Saved')} ${flags.output}.`)
    })
  log
    .command('verify')
    .description('verify a receipt or an exported log offline; without a file, the whole log of the site')
    .argument('[file]')
    .option('--key <key>', "the site's verifier key, got by another way")
    .action(async (file: string | undefined, flags: { key?: string }) => {
      if (file !== undefined) return void (process.exitCode = verifyFile(file, flags.key))
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'))
      try {
        await exportTo(join(folder, 'log.ndjson'))
        process.exitCode = verifyFile(join(folder, 'log.ndjson'), flags.key)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  log
    .command('rebuild')
    .description('make the search table anew from the entries, when `verify` finds it wrong')
    .action(async () => {
      const rebuilt = await rebuild()
      show(output(), { rebuilt }, () => `${good('Rebuilt')} the search of ${rebuilt} entries.`)
    })
  log
    .command('checkpoint')
    .description('the latest signed checkpoint; keep one elsewhere and the past is pinned')
    .action(async () => show(output(), await client().auditCheckpoint(), ({ text, publicKey }) => `${text}\nkey ${publicKey}`))

  program
    .command('why')
    .description('why may someone do something, or why not')
    .requiredOption('--action <action>', 'for example model.apply')
    .option('--who <user>', 'username or id of a person, or id of a group (default: you)')
    .option('--scope <path>', 'where', '/')
    .action(async (flags: { action: string; who?: string; scope: string }) => {
      const principal = flags.who === undefined ? {} : { principal: await idOf(flags.who) }
      const said = await client().policyExplain({ body: { action: flags.action, scope: flags.scope, ...principal } })
      show(output(), said, ({ allowed, summary, wouldChange, grants }) =>
        [
          allowed ? good(summary) : bad(summary),
          `${dim('What would change it:')} ${wouldChange}`,
          ...(grants.length > 0
            ? [
                '',
                table(
                  ['ROLE', 'AT', 'THROUGH', 'HOLDS HERE', 'GIVES IT', 'NOW'],
                  grants.map((it) => [
                    it.role ?? `deny ${it.actions?.join(' ')}`,
                    it.path,
                    it.via ?? '',
                    it.applies ? 'yes' : 'no',
                    it.gives ? (it.effect === 'deny' ? 'denies' : 'yes') : 'no',
                    it.inForce && it.met === 'yes' ? 'yes' : 'no',
                  ]),
                  '',
                ),
              ]
            : []),
        ].join('\n'),
      )
    })

  const key = program.command('key').description('API keys of your own')
  key
    .command('create')
    .description('make a key; its secret is shown once')
    .argument('<name>')
    .option('--days <n>', 'valid for, up to 366', whole(1, 366), 90)
    .option('--scope <path>', 'only within this scope')
    .option('--action <action...>', 'only these actions')
    .action(async (name: string, flags: { days: number; scope?: string; action?: string[] }) => {
      const expiresAt = new Date(Date.now() + flags.days * 86_400_000).toISOString()
      process.stderr.write('A key is made by a person, not by a key: sign in once more.\n')
      const made = await asPerson(options().url, (session) =>
        session.keyCreate({
          body: {
            name,
            expiresAt,
            ...(flags.scope ? { scope: flags.scope } : {}),
            ...(flags.action ? { actions: flags.action } : {}),
          },
        }),
      )
      show(output(), made, ({ secret }) => secret) // alone on stdout, so that a redirect makes a file for HOLDFAST_KEY_FILE
      process.stderr.write('Shown this once. Keep it where only you can read it.\n')
    })
  key
    .command('list')
    .description('your keys')
    .action(async () =>
      show(output(), await client().keyList(), ({ items }) =>
        table(
          ['ID', 'NAME', 'STATE', 'EXPIRES'],
          items.map((it) => [it.id, it.name, it.state, ago(it.expiresAt)]),
          'No keys.',
        ),
      ),
    )
  key
    .command('revoke')
    .description('end a key at once')
    .argument('<id>')
    .action(async (id: string) => {
      await client().keyRevoke({ path: { id } })
      show(output(), { revoked: id }, () => `Revoked ${id}.`)
    })
}

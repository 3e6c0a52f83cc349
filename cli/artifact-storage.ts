// How the store stands and what keeps it healthy: what can be freed, what is damaged, who holds how much.
import type { Command } from 'commander'
import type { StorageGet } from '#client'
import { given } from './flags.ts'
import { whole } from './numbers.ts'
import { ago, bad, bytes, dim, good, show, table, warn, type Output } from './output.ts'
import { client } from './session.ts'

const daysMax = 3_650
const countMax = 1_000_000

const reasons: Record<string, string> = {
  'upload-left': 'an upload that nobody went on with for a day',
  'in-no-manifest': 'in a package, and no manifest of it needs it',
  'needed-by-nothing': 'in no package, and nothing else needs it',
  condemned: 'found to be needed by nothing; waits out its grace',
}

export const addStorage = (artifact: Command, output: () => Output): void => {
  const storage = artifact.command('storage').description('what is stored, how it is, and what can be freed')
  storage
    .command('show', { isDefault: true })
    .description('how the store stands; ends with 1 where something is damaged')
    .option('--days <count>', 'verified within so many days (default: twice the days of the scrub)', whole(1, daysMax))
    .action(async (flags: { days?: number }) => {
      const state = await client().storageGet({ query: given(flags) })
      show(output(), state, standing)
      if (state.damaged > 0) process.exitCode = 1
    })
  addCollection(storage, output)
  storage
    .command('retain')
    .description('carry out the retention of a repository; the site does so by itself every hour')
    .argument('<repository>', 'its path')
    .option('--dry-run', 'name what would go, and touch nothing')
    .option('--keep-last <count>', 'with --dry-run: of another retention than is set', whole(1, countMax))
    .option('--keep-days <count>', 'the same', whole(1, countMax))
    .option('--untagged-days <count>', 'the same', whole(1, countMax))
    .action(retain(output))
  storage
    .command('scrub')
    .description('read everything again from now on, at the pace that is set')
    .action(async () =>
      show(
        output(),
        await client().storageScrub(),
        ({ count, bytes: size }) =>
          `${count} files, ${bytes(size)}, are read again. \`holdfast artifact storage\` shows how far it is.`,
      ),
    )
  storage
    .command('damaged')
    .description('stored content that is no longer what its digest says; ends with 1 where there is any')
    .action(async () => {
      const damaged = await client().storageDamaged()
      show(output(), damaged, ({ items, count }) =>
        [
          table(
            ['DIGEST', 'SIZE', 'WHAT', 'FOUND', 'HELD BY'],
            items.map((it) => [
              it.digest,
              bytes(it.sizeBytes),
              it.damage,
              ago(it.damagedAt),
              [...it.places, ...it.holders].join(' '),
            ]),
            'Nothing that was read is damaged.',
          ),
          ...(count === 0 ? [] : [dim(`${count} in all. Push each again from a source you trust, and it is mended.`)]),
        ].join('\n'),
      )
      if (damaged.count > 0) process.exitCode = 1
    })
  storage
    .command('usage')
    .description('what each repository holds, by place and by format, and how much of each quota is used')
    .action(async () =>
      show(output(), await client().storageUsage(), ({ items, scopes, formats, quotas }) =>
        [
          table(
            ['REPOSITORY', 'FORMAT', 'SIZE', 'FILES'],
            items.map((it) => [it.path, it.format, bytes(it.bytes), String(it.objects)]),
            'There are no repositories that you may see.',
          ),
          '',
          table(['PLACE', 'SIZE', 'FILES'], scopes.map(sumRow), ''),
          '',
          table(['FORMAT', 'SIZE', 'FILES'], formats.map(sumRow), ''),
          '',
          table(
            ['QUOTA', 'PLACE', 'USED', 'OF', 'FILES'],
            quotas.map((it) => [
              it.name,
              it.scope,
              bytes(it.bytes),
              bytes(it.bytesMax),
              `${it.objects}${it.objectsMax === null ? '' : ` of ${it.objectsMax}`}`,
            ]),
            'There are no quotas that you may see.',
          ),
        ].join('\n'),
      ),
    )
}

const sumRow = (it: { name: string; bytes: number; objects: number }): string[] => [it.name, bytes(it.bytes), String(it.objects)]

type Retaining = { dryRun?: boolean; keepLast?: number; keepDays?: number; untaggedDays?: number }

const retain =
  (output: () => Output) =>
  async (path: string, { dryRun, ...rule }: Retaining): Promise<void> => {
    if (!dryRun)
      return show(
        output(),
        await client().storageRetentionRun({ body: { path } }),
        ({ tags, manifests }) => `${good('Took')} ${tags} tags and ${manifests} releases without a tag.`,
      )
    const retention = Object.keys(rule).length === 0 ? {} : { retention: rule }
    show(output(), await client().storageRetentionPreview({ body: { path, ...retention } }), ({ items, more }) =>
      [
        table(
          ['WHAT', 'DIGEST', 'SIZE', 'SINCE'],
          items.map((it) => [`${it.path}${it.tag === null ? '' : `:${it.tag}`}`, it.digest, bytes(it.sizeBytes), ago(it.since)]),
          'Nothing would go.',
        ),
        ...(more ? [dim('There is more than this.')] : []),
      ].join('\n'),
    )
  }

const addCollection = (storage: Command, output: () => Output): void => {
  storage
    .command('collect')
    .description('remove what nothing needs and whose grace is over; the site does so by itself every hour')
    .option('--dry-run', 'say what could be freed, why and when, and touch nothing')
    .action(async ({ dryRun }: { dryRun?: boolean }) => {
      if (!dryRun)
        return show(output(), await client().storageCollect(), (it) =>
          [
            `${good('Removed')} ${it.removed} files, ${bytes(it.removedBytes)}; cleared ${it.uploads} uploads.`,
            dim(`${it.condemned} more files were found to be needed by nothing: they go when that is still so in a day.`),
          ].join('\n'),
        )
      show(output(), await client().storageFreeable(), ({ items, sums }) =>
        [
          table(
            ['WHY', 'HOW MANY', 'SIZE'],
            sums.map((it) => [reasons[it.reason] ?? it.reason, String(it.count), bytes(it.bytes)]),
            'Nothing can be freed: everything is needed. Discard releases, or set a retention.',
          ),
          ...(items.length === 0
            ? []
            : [
                '',
                table(
                  ['WHAT', 'SIZE', 'FREE', 'WHY'],
                  items.map((it) => [it.id, bytes(it.sizeBytes), ago(it.freeAt), it.reason]),
                  '',
                ),
              ]),
        ].join('\n'),
      )
    })
}

const standing = (it: StorageGet): string =>
  [
    `${it.blobs} files, ${bytes(it.bytes)}${it.condemnedBytes > 0 ? `, of which ${bytes(it.condemnedBytes)} are needed by nothing` : ''}`,
    it.damaged > 0
      ? `${bad(`${it.damaged} damaged`)}: holdfast artifact storage damaged`
      : `${good('None is damaged')} of those that were read`,
    `${(it.verifiedShare * 100).toFixed(1)} % of the bytes were brought or read again within ${it.days} days${it.late ? `; ${warn('late')}` : ''}`,
    it.scrub.percent === 0
      ? warn('Nothing is read again: HOLDFAST_SCRUB_PERCENT is 0')
      : dim(`Each is read again every ${it.scrub.everyDays} days, at ${it.scrub.percent} % of the disk’s speed`),
    it.lastCollection === null
      ? dim('Nothing was collected yet')
      : dim(
          `Collected ${ago(it.lastCollection.endedAt)}: ${it.lastCollection.removed} files, ${bytes(it.lastCollection.removedBytes)}`,
        ),
  ].join('\n')

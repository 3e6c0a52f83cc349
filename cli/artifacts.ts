// What repositories hold: listed, looked into, discarded; and the lines that point each client here.
import type { Command } from 'commander'
import { artifactLines, type ArtifactGet, type ArtifactList, type ArtifactTags } from '#client'
import { whole } from './numbers.ts'
import { ago, bytes, dim, good, plain, show, table, type Output } from './output.ts'
import { parseName } from './registry.ts'
import { client, options } from './session.ts'

const rowsMax = 10_000
const pageRows = 500

/** Page by page, up to so many. */
const upTo = async <T>(
  most: number,
  page: (after: string | undefined) => Promise<{ items: T[]; next?: string }>,
): Promise<T[]> => {
  const items: T[] = []
  let after: string | undefined
  do {
    const found = await page(after)
    items.push(...found.items)
    after = found.next
  } while (after !== undefined && items.length < most)
  return items.slice(0, most)
}

export const addArtifacts = (artifact: Command, output: () => Output): void => {
  const counted = (command: Command) => command.option('-n, --limit <count>', 'at most so many', whole(1, rowsMax), 1_000)
  artifact
    .command('repositories')
    .description('repositories that you may see: what each holds, and what you may do there')
    .action(async () =>
      show(output(), await client().artifactRepositories(), ({ items }) =>
        table(
          ['REPOSITORY', 'FORMAT', 'PACKAGES', 'SIZE', 'PUSHED', 'YOU MAY'],
          items.map((it) => [
            it.path,
            it.format,
            String(it.packages),
            bytes(it.sizeBytes),
            it.pushedAt === null ? 'never' : ago(it.pushedAt),
            Object.entries(it.may)
              .filter(([, may]) => may)
              .map(([verb]) => verb)
              .join(' ') || 'look',
          ]),
          'No repositories yet. `holdfast artifact push FILE PATH:TAG` makes the one it names, where you may make one.',
        ),
      ),
    )
  counted(
    artifact.command('list').description('packages; with a path, those of that repository').argument('[path]', 'of a repository'),
  ).action(async (path: string | undefined, { limit }: { limit: number }) => {
    const repository = path === undefined ? undefined : await repositoryAt(path)
    const query = repository === undefined ? {} : { repository }
    const items = await upTo<ArtifactList['items'][number]>(limit, (after) =>
      client().artifactList({ query: { ...query, limit: pageRows, ...(after === undefined ? {} : { after }) } }),
    )
    show(output(), { items }, () =>
      table(
        ['PACKAGE', 'FORMAT', 'LATEST', 'TAGS', 'SIZE', 'PULLS', 'PUSHED'],
        items.map((it) => [
          it.path,
          it.format,
          it.latestTag ?? '',
          String(it.tags),
          bytes(it.sizeBytes),
          String(it.pulls),
          it.pushedAt === null ? '' : ago(it.pushedAt),
        ]),
        'Nothing was pushed yet. `holdfast artifact push FILE PATH:TAG` pushes a file.',
      ),
    )
  })
  counted(artifact.command('tags').description('tags of a package, newest first').argument('<path>')).action(
    async (path: string, { limit }: { limit: number }) => {
      const items = await upTo<ArtifactTags['items'][number]>(limit, (after) =>
        client().artifactTags({ query: { path, limit: pageRows, ...(after === undefined ? {} : { after }) } }),
      )
      show(output(), { items }, () =>
        table(
          ['TAG', 'TYPE', 'SIZE', 'SET', 'PULLS', 'DIGEST'],
          items.map((it) => [
            it.name,
            it.artifactType ?? it.mediaType,
            bytes(it.sizeBytes),
            ago(it.setAt),
            String(it.pulls),
            it.digest,
          ]),
          'No tags.',
        ),
      )
    },
  )
  artifact
    .command('show')
    .description('one release: its files, what refers to it, who pulls it')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .action(async (name: string) => show(output(), await client().artifactGet({ query: parseName(name) }), described))
  artifact
    .command('referrers')
    .description('what refers to a release: signatures, bills of materials, whatever names it as its subject')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .action(async (name: string) => {
      const { referrers: items } = await client().artifactGet({ query: parseName(name) })
      show(output(), { items }, () => referrersTable(items))
    })
  artifact
    .command('discard')
    .description('discard a tag; by digest, a release with all its tags')
    .argument('<name>', 'PATH:TAG or PATH@sha256:…')
    .action(async (name: string) => {
      const { path, reference } = named(name)
      await client().artifactDiscard({ query: { path, reference } })
      show(output(), { path, reference }, () =>
        reference.includes(':')
          ? `${good('Discarded')} ${name}. What nothing else needs is collected after a day.`
          : `${good('Discarded')} the tag ${name}. The release stays under its digest and its other tags.`,
      )
    })
  artifact
    .command('login-lines')
    .description('the lines that point docker, oras, hf, pip, npm, apt and curl at a repository')
    .argument('[path]', 'of the repository; without one, for every format with a name made up')
    .action((path: string | undefined) => loginLines(output(), path))
}

/** A tag that is not said is not guessed at where something goes for good. */
const named = (name: string): ReturnType<typeof parseName> => {
  if (!/[:@]/.test(name)) throw new Error(`Say which release: ${name}:TAG or ${name}@sha256:….`)
  return parseName(name)
}

const repositoryAt = async (path: string): Promise<string> => {
  const { items } = await client().artifactRepositories()
  const found = items.find((it) => it.path === path.replace(/^\/|\/$/g, ''))
  if (!found)
    throw new Error(`There is no repository ${plain(path)} that you may see. \`holdfast artifact repositories\` lists them.`)
  return found.id
}

const referrersTable = (items: ArtifactGet['referrers']): string =>
  table(
    ['TYPE', 'SIZE', 'DIGEST'],
    items.map((it) => [it.artifactType ?? it.mediaType, bytes(it.sizeBytes), it.digest]),
    'Nothing refers to it.',
  )

const described = (it: ArtifactGet): string =>
  [
    `${it.path}@${it.digest}`,
    `${it.artifactType ?? it.mediaType}, ${bytes(it.sizeBytes)}, pushed ${ago(it.pushedAt)} by ${it.pushedBy}, pulled ${it.pulls} times`,
    ...(it.tags.length > 0 ? [`tags: ${it.tags.join(' ')}`] : []),
    ...Object.entries(it.annotations).map(([key, value]) => dim(plain(`${key}: ${String(value)}`))),
    '',
    table(
      ['FILE', 'SIZE', 'DIGEST'],
      it.files.map((file) => [file.path === '' ? `(${file.role})` : file.path, bytes(file.sizeBytes), file.digest]),
      'It holds no files.',
    ),
    ...(it.filesMore ? [dim('There are more files than are listed.')] : []),
    ...(it.referrers.length > 0 ? ['', referrersTable(it.referrers)] : []),
  ].join('\n')

const formats = ['oci', 'pypi', 'npm', 'apt', 'files']

const loginLines = async (output: Output, path: string | undefined): Promise<void> => {
  const { url } = options()
  const [{ user }, { items }] = await Promise.all([client().sessionGet(), client().artifactRepositories()])
  const found = items.find((it) => it.path === path)
  const lines = (found ? [found.format] : formats).flatMap((format) =>
    artifactLines({ url, path: path ?? format, format, username: user.username }),
  )
  show(output, { items: lines }, () =>
    lines.map(({ client: program, about, code }) => `${dim(`# ${program}: ${about}`)}\n${code}`).join('\n\n'),
  )
}

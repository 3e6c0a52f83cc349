// What apt reads of a suite: lists of packages and a signed list of those. Each generation is a release of its own, made in the transaction of the change
// it tells of, and tagged in one step: who is in the midst of reading the last one still finds all of it, by the digests it was promised.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import {
  discardVersion,
  findVersion,
  holdPackage,
  nameVersion,
  publish,
  pushBlob,
  versionsOf,
  type Place,
  type ReleaseFile,
  type Version,
} from '#artifacts'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { openPgpKey, type PgpKey } from './openpgp.ts'
import { packageIn } from './package-place.ts'

export const debType = 'application/vnd.holdfast.apt.deb.v1'
const suiteType = 'application/vnd.holdfast.apt.suite.v1'
export const stanzaMark = 'vnd.holdfast.apt.control'
export const architectureMark = 'vnd.holdfast.apt.architecture'

/** No package is called that: their names begin with a letter or a digit. */
export const suitePlace = (repository: Place, suite: string): Place => packageIn(repository, `.suites/${suite}`)

const current = 'current'
const former = 'until-'
/** From when a generation is replaced; longer than any client takes to read one. */
const formerMsMax = 24 * 3_600_000

/** Listed also while nothing is there for them, so that apt finds what it asks for first. */
const architecturesAlways = ['amd64', 'arm64']

/** One key a site, derived: a restored home has it again. Its moment is part of what it is, and before any signature. */
export const keyOf = (site: Site): PgpKey => {
  const seed = site.secrets.hmac('apt-signing', site.id)
  return openPgpKey(seed, { userId: `Holdfast site ${site.id} (package indexes)`, createdAt: new Date('2020-01-01T00:00:00Z') })
}

type Listed = { readonly component: string; readonly architecture: string; readonly entry: string }

/** Before anything else of a change to the suite: who waits for it must hold nothing that its holder may still need. */
export const holdSuite = (tx: Context, repository: Place, suite: string): Promise<void> =>
  holdPackage(tx, suitePlace(repository, suite))

/** Within the transaction of a change to the suite, after it. */
export const writeSuite = async (tx: Context, repository: Place, suite: string): Promise<void> => {
  const place = suitePlace(repository, suite)
  const listed = (await versionsOf(tx, repository, { everywhere: true, artifactType: debType })).flatMap((version) =>
    listedIn(version, suite),
  )
  const lists: ReleaseFile[] = []
  for (const { path, content } of listsOf(listed)) lists.push(await pushed(tx, place, path, content))
  const at = tx.now()
  const release = releaseOf({ suite, at, listed, lists })
  const key = keyOf(tx.site)
  const signed = [
    await pushed(tx, place, 'Release', Buffer.from(release)),
    await pushed(tx, place, 'Release.gpg', Buffer.from(key.detached(Buffer.from(release), at))),
    await pushed(tx, place, 'InRelease', Buffer.from(key.clearsigned(release, at))),
  ]
  const before = await findVersion(tx, place, current)
  await publish(tx, place, {
    tag: current,
    artifactType: suiteType,
    config: { mediaType: suiteType.replace('.v1', '.config.v1+json'), content: { name: suite, version: at.toISOString() } },
    files: [...signed, ...lists],
  })
  if (before) await nameVersion(tx, place, before, `${former}${at.toISOString()}`)
  await dropFormer(tx, place, at)
}

const dropFormer = async (tx: Context, place: Place, at: Date): Promise<void> => {
  const generations = await versionsOf(tx, place, { artifactType: suiteType })
  const now = generations.find(({ version }) => version === current)
  const old = generations.filter(
    ({ version }) => version.startsWith(former) && at.getTime() - Date.parse(version.slice(former.length)) > formerMsMax,
  )
  for (const digest of new Set(old.map((one) => one.digest)))
    if (digest !== now?.digest)
      await discardVersion(
        tx,
        place,
        old.find((one) => one.digest === digest)!,
      )
}

const listedIn = ({ files }: Version, suite: string): Listed[] =>
  files.flatMap(({ path, digest, sizeBytes, annotations = {} }) => {
    const [, at, component] = path.split('/')
    if (at !== suite || component === undefined) return []
    const own = `Filename: ${path}\nSize: ${sizeBytes}\nSHA256: ${digest.slice('sha256:'.length)}\n`
    return [{ component, architecture: annotations[architectureMark] ?? '', entry: `${annotations[stanzaMark]}\n${own}` }]
  })

/** What is for every architecture stands in the list of each. */
const listsOf = (listed: readonly Listed[]): { path: string; content: Buffer }[] =>
  componentsOf(listed).flatMap((component) =>
    architecturesOf(listed).flatMap((architecture) => {
      const entries = listed
        .filter((one) => one.component === component && [architecture, 'all'].includes(one.architecture))
        .map(({ entry }) => entry)
      const content = Buffer.from(entries.toSorted().join('\n'))
      const path = `${component}/binary-${architecture}/Packages`
      return [
        { path, content },
        { path: `${path}.gz`, content: gzipSync(content) },
      ]
    }),
  )

const componentsOf = (listed: readonly Listed[]): string[] =>
  [...new Set(['main', ...listed.map(({ component }) => component)])].toSorted()
const architecturesOf = (listed: readonly Listed[]): string[] =>
  [...new Set([...architecturesAlways, ...listed.map(({ architecture }) => architecture)])]
    .filter((one) => one !== 'all')
    .toSorted()

const pushed = async (tx: Context, place: Place, path: string, content: Buffer): Promise<ReleaseFile> => ({
  ...(await pushBlob(tx, place, Readable.from([content]), `sha256:${createHash('sha256').update(content).digest('hex')}`)),
  path,
})

type About = { suite: string; at: Date; listed: readonly Listed[]; lists: readonly ReleaseFile[] }

const releaseOf = ({ suite, at, listed, lists }: About): string =>
  [
    'Origin: Holdfast',
    'Label: Holdfast',
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${at.toUTCString().replace('GMT', 'UTC')}`,
    'Acquire-By-Hash: yes',
    `Architectures: ${architecturesOf(listed).join(' ')}`,
    `Components: ${componentsOf(listed).join(' ')}`,
    'SHA256:',
    ...lists.map(({ path, digest, sizeBytes }) => ` ${digest.slice('sha256:'.length)} ${sizeBytes} ${path}`),
    '',
  ].join('\n')

export const currentOf = (ctx: Context, repository: Place, suite: string): Promise<Version | undefined> =>
  findVersion(ctx, suitePlace(repository, suite), current)

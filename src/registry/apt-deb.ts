// A Debian package as its control file tells of it (deb-control(5)). The file is read in a child: it comes from anywhere.
import { blobPath } from '#platform/blobs.ts'
import { startChild } from '#platform/child.ts'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'
import type { Blob } from '#artifacts'

const readMsMax = 20_000
const readMemoryMbMax = 384

export type Deb = {
  readonly package: string
  readonly version: string
  readonly architecture: string
  /** As it goes into an index, without what the index says itself. */
  readonly stanza: string
}

const unusable = (what: string) => invalid(`The file cannot be used as a Debian package: ${what}.`)

export const readDeb = async (ctx: Context, { digest }: Blob): Promise<Deb> => {
  const child = startChild({
    module: new URL('./apt-deb-child.ts', import.meta.url),
    name: 'deb reader',
    network: 'none',
    memoryMbMax: readMemoryMbMax,
    log: ctx.log,
  })
  const heard = new Promise<{ control?: unknown; fault?: unknown }>(
    (resolve) => child.onMessage((message) => resolve(message as { control?: unknown; fault?: unknown })), // checked below
  )
  const timer = setTimeout(() => child.kill(), readMsMax)
  child.send(blobPath(ctx.site.blobs, digest))
  const answer = await Promise.race([
    heard,
    child.exited.then((): { control?: unknown; fault: unknown } => ({ fault: 'reading it crashed, or took too much' })),
  ])
  clearTimeout(timer)
  child.kill()
  if (typeof answer.control === 'string') return debOf(answer.control)
  throw unusable(typeof answer.fault === 'string' ? answer.fault : 'it makes no sense')
}

/** What an index says of a file itself: from a control file it would be believed instead. */
const ofTheIndex = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512'])

const forms: Record<string, RegExp> = {
  Package: /^[a-z0-9][a-z0-9+.-]{1,99}$/,
  Version: /^(?:\d{1,9}:)?\d[A-Za-z0-9.+~:-]{0,99}$/,
  Architecture: /^[a-z0-9][a-z0-9-]{0,39}$/,
}

/** Fields by name, each once; a line that begins with a space goes on with the one before. */
export const debOf = (control: string): Deb => {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of control.replace(/\n+$/, '').split('\n')) {
    if (/[^\P{C}\t]/u.test(line)) throw unusable('its control file holds control characters')
    const named = /^([!-9;-~]+):(?:[ \t](.*))?$/.exec(line)
    if (named && !line.startsWith('#') && !line.startsWith('-')) {
      last = named[1]!
      if ([...fields.keys()].some((name) => name.toLowerCase() === last!.toLowerCase()))
        throw unusable(`its control file says ${last} twice`)
      fields.set(last, line)
    } else if (/^[ \t]+\S/.test(line) && last !== undefined) fields.set(last, `${fields.get(last)}\n${line}`)
    else throw unusable(`its control file has a line that is none: ${JSON.stringify(line.slice(0, 80))}`)
  }
  const [name, version, architecture] = Object.entries(forms).map(([field, form]) => {
    const value =
      fields
        .get(field)
        ?.slice(field.length + 1)
        .trim() ?? ''
    if (!form.test(value)) throw unusable(`its ${field} is ${JSON.stringify(value.slice(0, 100))}`)
    return value
  }) as [string, string, string]
  const stanza = [...fields].filter(([field]) => !ofTheIndex.has(field.toLowerCase())).map(([, lines]) => lines)
  return { package: name, version, architecture, stanza: stanza.join('\n') }
}

/** As Debian names files: without the epoch. */
export const fileNameOf = ({ package: name, version, architecture }: Deb): string =>
  `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`

// Settings: environment in, one frozen object out, all faults told together. `process.env` is read here and nowhere else in src/.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'

export type Config = {
  readonly home: string
  readonly assets: string
  readonly host: string
  readonly port: number
  /** Where people reach the site; decides passkey RP id, cookie security and allowed Host names. */
  readonly publicUrl: URL
  readonly databaseUrl: string | undefined
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** True when the site serves TLS: given certificates, or any address but loopback. */
  readonly secure: boolean
  readonly siteName: string
  readonly logLevel: string
  readonly engineThreads: number | undefined
  /** Hosts outside loopback to which a deployment may forward. Empty by default: nothing leaves. */
  readonly allowHosts: readonly string[]
  readonly limits: { readonly bodyBytesMax: number; readonly uploadBytesMax: number }
  /** How stored content is read again: at a share of the disk's speed, each file when it was last read so long ago. */
  readonly scrub: { readonly percent: number; readonly everyDays: number }
}

type Parse<T> = (text: string) => T
type Setting = { name: string; meaning: string; default: string; parse: Parse<unknown> }

/** Relative paths start here, wherever one stands: the site of a folder is the same from everywhere. */
const root = join(import.meta.dirname, '../..')

const text: Parse<string> = (value) => {
  if (value.trim() === '') throw new Error('is empty: give a text, or leave it out')
  return value
}
/** Empty would be the project's own folder, and the database would come to lie among its files. */
const folder: Parse<string> = (value) => {
  if (value.trim() === '') throw new Error('is empty: name a folder, or leave it out')
  return resolve(root, value)
}
const integer =
  (min: number, max: number): Parse<number> =>
  (value) => {
    if (!/^\d{1,15}$/.test(value) || Number(value) < min || Number(value) > max)
      throw new Error(`must be a whole number from ${min} to ${max}`)
    return Number(value)
  }
const oneOf =
  (...choices: string[]): Parse<string> =>
  (value) => {
    if (!choices.includes(value)) throw new Error(`must be one of ${choices.join(', ')}`)
    return value
  }
const url =
  (...protocols: string[]): Parse<string> =>
  (value) => {
    const parsed = URL.parse(value)
    if (!parsed || !protocols.includes(parsed.protocol))
      throw new Error(`must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    return value
  }
const optional =
  <T>(parse: Parse<T>): Parse<T | undefined> =>
  (value) =>
    value === '' ? undefined : parse(value)
const hostList: Parse<string[]> = (value) => {
  const hosts = value
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
  const wrong = hosts.find((host) => !/^[a-z0-9.:-]{1,253}$/i.test(host))
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is not a host name or address`)
  return hosts
}
/** A name would have to be looked up before anything listens, and this site looks up none. */
const address: Parse<string> = (value) => {
  if (value !== 'localhost' && isIP(value) === 0)
    throw new Error('must be an IP address or localhost; a name that people use goes into HOLDFAST_PUBLIC_URL')
  return value
}
const readable: Parse<string> = (path) => {
  try {
    return readFileSync(resolve(root, path), 'utf8')
  } catch {
    throw new Error(`cannot read the file ${path}`)
  }
}

const gib = 1024 ** 3

export const settings = {
  home: {
    name: 'HOLDFAST_HOME',
    meaning: 'Folder that holds everything the site must not lose',
    default: '.holdfast',
    parse: folder,
  },
  assets: {
    name: 'HOLDFAST_ASSETS_DIR',
    meaning: 'Folder of unpacked PostgreSQL and default model',
    default: '.cache/assets',
    parse: folder,
  },
  host: {
    name: 'HOLDFAST_HOST',
    meaning: 'Address to listen on; any but loopback requires TLS',
    default: '127.0.0.1',
    parse: address,
  },
  port: { name: 'HOLDFAST_PORT', meaning: 'TCP port; 0 takes a free one', default: '4600', parse: integer(0, 65_535) },
  publicUrl: {
    name: 'HOLDFAST_PUBLIC_URL',
    meaning: 'Address people use, if not the one listened on',
    default: '',
    parse: optional(url('http:', 'https:')),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    meaning: 'A PostgreSQL ≥ 16 with pgvector to use in place of the embedded one',
    default: '',
    parse: optional(url('postgres:', 'postgresql:')),
  },
  databaseUrlFile: {
    name: 'DATABASE_URL_FILE',
    meaning: 'The same, read from a file (keeps the password out of the environment)',
    default: '',
    parse: optional(readable),
  },
  tlsCert: { name: 'HOLDFAST_TLS_CERT', meaning: 'PEM file of the certificate chain', default: '', parse: optional(readable) },
  tlsKey: { name: 'HOLDFAST_TLS_KEY', meaning: 'PEM file of its private key', default: '', parse: optional(readable) },
  siteName: { name: 'HOLDFAST_SITE_NAME', meaning: 'Name of this site as people see it', default: 'holdfast', parse: text },
  logLevel: {
    name: 'HOLDFAST_LOG_LEVEL',
    meaning: 'debug, info, warn, error or silent',
    default: 'warn',
    parse: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
  engineThreads: {
    name: 'HOLDFAST_ENGINE_THREADS',
    meaning: 'CPU threads of one engine; by default cores minus one',
    default: '',
    parse: optional(integer(1, 1024)),
  },
  allowHosts: {
    name: 'HOLDFAST_ALLOW_HOSTS',
    meaning: 'Hosts, separated by commas, that deployments may forward to besides loopback',
    default: '',
    parse: hostList,
  },
  bodyBytesMax: {
    name: 'HOLDFAST_BODY_BYTES_MAX',
    meaning: 'Largest JSON body, in bytes',
    default: String(4 * 1024 ** 2),
    parse: integer(1024, gib),
  },
  uploadBytesMax: {
    name: 'HOLDFAST_UPLOAD_BYTES_MAX',
    meaning: 'Largest uploaded file, in bytes',
    default: String(256 * gib),
    parse: integer(1024, 2 ** 46),
  },
  scrubPercent: {
    name: 'HOLDFAST_SCRUB_PERCENT',
    meaning: "Percent of the disk's speed that may be spent on reading stored content again; 0 turns it off",
    default: '10',
    parse: integer(0, 100),
  },
  scrubDays: {
    name: 'HOLDFAST_SCRUB_DAYS',
    meaning: 'Days after which stored content is read again',
    default: '14',
    parse: integer(1, 3_650),
  },
} satisfies Record<string, Setting>

type Settings = { [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['parse']> }

/** All that is wrong with the settings, at once. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`The settings are not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))

export const parseConfig = (env: Record<string, string | undefined> = process.env): Config => {
  const faults: string[] = []
  const read = Object.fromEntries(
    Object.entries<Setting>(settings).map(([key, setting]) => {
      try {
        return [key, setting.parse(env[setting.name] ?? setting.default)]
      } catch (error) {
        faults.push(`${setting.name} ${error instanceof Error ? error.message : 'is wrong'}`)
        return [key, undefined]
      }
    }),
  ) as Settings // each entry is what its own setting's parse returned; faults throw below before use
  const known = new Set<string>([
    'HOLDFAST_ASSETS',
    'HOLDFAST_URL',
    'HOLDFAST_KEY_FILE',
    'HOLDFAST_CONFIG_DIR',
    ...Object.values(settings).map(({ name }) => name),
  ])
  for (const name of Object.keys(env))
    if (name.startsWith('HOLDFAST_') && !name.startsWith('HOLDFAST_TEST_') && !known.has(name))
      faults.push(`${name} is not a setting: see the list with \`holdfast config\``)
  if ((read.tlsCert === undefined) !== (read.tlsKey === undefined))
    faults.push('HOLDFAST_TLS_CERT and HOLDFAST_TLS_KEY go together: give both or neither')
  if (read.databaseUrl !== undefined && read.databaseUrlFile !== undefined)
    faults.push('give DATABASE_URL or DATABASE_URL_FILE, not both')
  if (faults.length > 0) throw new ConfigFault(faults)
  return freeze(read)
}

const freeze = (read: Settings): Config => {
  const secure = read.tlsCert !== undefined || !isLoopback(read.host)
  // WebAuthn knows `localhost` as a secure context and no IP address as an RP id, so loopback is spoken of by that name.
  const name = isLoopback(read.host) ? 'localhost' : read.host === '0.0.0.0' || read.host === '::' ? 'localhost' : read.host
  return Object.freeze({
    home: read.home,
    assets: read.assets,
    host: read.host,
    port: read.port,
    publicUrl: new URL(read.publicUrl ?? `${secure ? 'https' : 'http'}://${isIP(name) === 6 ? `[${name}]` : name}:${read.port}`),
    databaseUrl: (read.databaseUrl ?? read.databaseUrlFile)?.trim(),
    tls: read.tlsCert !== undefined && read.tlsKey !== undefined ? { cert: read.tlsCert, key: read.tlsKey } : undefined,
    secure,
    siteName: read.siteName,
    logLevel: read.logLevel,
    engineThreads: read.engineThreads,
    allowHosts: read.allowHosts,
    limits: { bodyBytesMax: read.bodyBytesMax, uploadBytesMax: read.uploadBytesMax },
    scrub: { percent: read.scrubPercent, everyDays: read.scrubDays },
  })
}

export const assetPath = (config: Config, name: string): string => join(config.assets, name)

/** Asked before the settings are known to be usable: does the operator want to see where something happened? */
export const wantsDetail = (): boolean => process.env['HOLDFAST_LOG_LEVEL'] === 'debug'

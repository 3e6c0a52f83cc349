// Settings: environment in, one frozen object out, all faults told together. `process.env` is read here and nowhere else in src/.
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { S3Settings } from './s3-call.ts'
import {
  accessKey,
  address,
  bucketName,
  folder,
  hostKeys,
  hostList,
  integer,
  oneOf,
  optional,
  readable,
  text,
  url,
  type Parse,
} from './setting-parse.ts'

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
  /** Whether repositories may fetch from the upstreams they name, and what is shown to each host there. */
  readonly upstreams: { readonly connected: boolean; readonly keys: ReadonlyMap<string, string> }
  /** Where new content goes, and the bucket, if there is one. */
  readonly store: { readonly keepIn: 'files' | 'bucket'; readonly s3: S3Settings | undefined }
  /** How stored content is read again: at a share of the disk's speed, each file when it was last read so long ago. */
  readonly scrub: { readonly percent: number; readonly everyDays: number }
}

type Setting = { name: string; meaning: string; default: string; parse: Parse<unknown> }

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
  connected: {
    name: 'HOLDFAST_CONNECTED',
    meaning: 'yes, where repositories may fetch from the upstreams they name; no, where nothing is ever fetched',
    default: 'no',
    parse: oneOf('yes', 'no'),
  },
  upstreamKeys: {
    name: 'HOLDFAST_UPSTREAM_KEYS_FILE',
    meaning: 'File of what is shown to upstreams: a line `host name:password` for each',
    default: '',
    parse: optional(hostKeys),
  },
  store: {
    name: 'HOLDFAST_STORE',
    meaning: 'Where new content goes: files, or s3; what lies in the other place is moved over',
    default: 'files',
    parse: oneOf('files', 's3'),
  },
  s3Endpoint: {
    name: 'HOLDFAST_S3_ENDPOINT',
    meaning: 'Address of an S3-compatible server, on loopback or a host of HOLDFAST_ALLOW_HOSTS',
    default: '',
    parse: optional(url('http:', 'https:')),
  },
  s3Bucket: { name: 'HOLDFAST_S3_BUCKET', meaning: "The site's own bucket there", default: '', parse: optional(bucketName) },
  s3Region: { name: 'HOLDFAST_S3_REGION', meaning: 'Its region, as it is signed for', default: 'us-east-1', parse: text },
  s3Key: {
    name: 'HOLDFAST_S3_KEY_FILE',
    meaning: 'File of the key: its id and its secret',
    default: '',
    parse: optional(accessKey),
  },
  s3CacheBytes: {
    name: 'HOLDFAST_S3_CACHE_BYTES',
    meaning: 'What of the bucket may lie here as files, for engines, in bytes',
    default: String(64 * gib),
    parse: integer(1024, 2 ** 46),
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
  faults.push(...s3Faults(read))
  if (faults.length > 0) throw new ConfigFault(faults)
  return freeze(read)
}

const s3Faults = ({ s3Endpoint, s3Bucket, s3Key, store, allowHosts }: Settings): string[] => {
  const given = [s3Endpoint, s3Bucket, s3Key].filter((value) => value !== undefined).length
  const host = s3Endpoint === undefined ? 'localhost' : new URL(s3Endpoint).hostname
  return [
    ...(given === 1 || given === 2 ? ['HOLDFAST_S3_ENDPOINT, HOLDFAST_S3_BUCKET and HOLDFAST_S3_KEY_FILE go together'] : []),
    ...(store === 's3' && given === 0 ? ['HOLDFAST_STORE is s3, and HOLDFAST_S3_ENDPOINT does not say where that is'] : []),
    ...(isLoopback(host) || allowHosts?.includes(host)
      ? []
      : [`HOLDFAST_S3_ENDPOINT is at ${host}, which is not on loopback and not in HOLDFAST_ALLOW_HOSTS`]),
  ]
}

const s3Of = ({ s3Endpoint, s3Bucket, s3Key, s3Region, s3CacheBytes }: Settings): S3Settings | undefined =>
  s3Endpoint === undefined || s3Bucket === undefined || s3Key === undefined
    ? undefined
    : { endpoint: new URL(s3Endpoint), bucket: s3Bucket, region: s3Region, key: s3Key, cacheBytesMax: s3CacheBytes }

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
    upstreams: { connected: read.connected === 'yes', keys: read.upstreamKeys ?? new Map() },
    store: { keepIn: read.store === 's3' ? ('bucket' as const) : ('files' as const), s3: s3Of(read) },
  })
}

export const assetPath = (config: Config, name: string): string => join(config.assets, name)

/** Asked before the settings are known to be usable: does the operator want to see where something happened? */
export const wantsDetail = (): boolean => process.env['HOLDFAST_LOG_LEVEL'] === 'debug'

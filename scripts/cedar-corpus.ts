// `node scripts/cedar-corpus.ts FOLDER [CASES]`: Cedar's published integration corpus, asked of the evaluator this site runs, in the way this site asks it.
// FOLDER is the unpacked corpus-tests.tar.gz of cedar-policy/cedar-integration-tests. It is not committed: 31,000 files that are others' to keep.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
  type CedarValueJson,
  type Entities,
  type EntityUidJson,
} from '@cedar-policy/cedar-wasm/nodejs'

type Request = {
  principal: EntityUidJson
  action: EntityUidJson
  resource: EntityUidJson
  context: Record<string, CedarValueJson>
  validateRequest?: boolean
  decision: 'allow' | 'deny'
  reason: string[]
}
type Case = { policies: string; entities: string; schema: string; shouldValidate: boolean; requests: Request[] }
type Tally = { requests: number; same: number; refused: number; different: string[]; invalid: number; wronglyValid: string[] }

class Rounded extends Error {}

/** Our border refuses integers that JavaScript would round (platform/json.ts), so they never reach the evaluator: such cases are counted apart. */
const read = <T>(path: string): T =>
  JSON.parse(readFileSync(path, 'utf8'), (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Rounded()
    return value
  }) as T // the corpus' own form

const setName = 'corpus'

const ask = (request: Request, entities: Entities) =>
  statefulIsAuthorized({
    principal: request.principal,
    action: request.action,
    resource: request.resource,
    context: request.context,
    validateRequest: request.validateRequest ?? false,
    preparsedSchemaName: setName,
    preparsedPolicySetId: setName,
    entities,
  })

const isSame = (answer: ReturnType<typeof ask>, { decision, reason }: Request): boolean => {
  // A request that cannot be evaluated is refused by us, as the corpus wants it refused.
  if (answer.type === 'failure') return decision === 'deny'
  const given = answer.response
  return given.decision === decision && [...given.diagnostics.reason].sort().join() === [...reason].sort().join()
}

const runCase = (folder: string, file: string, tally: Tally): void => {
  const given = read<Case>(join(folder, file))
  const at = (path: string) => join(folder, basename(path))
  const schema = readFileSync(at(given.schema), 'utf8')
  const policies = { staticPolicies: readFileSync(at(given.policies), 'utf8') }
  const checked = validate({ validationSettings: { mode: 'strict' }, schema, policies })
  // As in src/policy/cedar.ts: a warning is a fault.
  const valid =
    checked.type === 'success' &&
    checked.validationErrors.length + checked.validationWarnings.length + checked.otherWarnings.length === 0
  if (!valid) tally.invalid++
  if (valid && !given.shouldValidate) tally.wronglyValid.push(file)
  const entities = read<Entities>(at(given.entities))
  if (preparseSchema(setName, schema).type === 'failure' || preparsePolicySet(setName, policies).type === 'failure')
    return void tally.different.push(`${file}: not parsed`)
  for (const [i, request] of given.requests.entries()) {
    tally.requests++
    if (isSame(ask(request, entities), request)) tally.same++
    else tally.different.push(`${file} request ${i}`)
  }
}

const main = (folder: string, casesMax: number): void => {
  const files = readdirSync(folder)
    .filter((name) => /^[0-9a-f]{40}\.json$/.test(name))
    .sort()
    .slice(0, casesMax)
  const tally: Tally = { requests: 0, same: 0, refused: 0, different: [], invalid: 0, wronglyValid: [] }
  for (const file of files)
    try {
      runCase(folder, file, tally)
    } catch (error) {
      if (!(error instanceof Rounded)) throw error
      tally.refused++
    }
  const { requests, same, refused, different, invalid, wronglyValid } = tally
  process.stdout.write(
    `${files.length} cases, ${refused} refused at our border, ${invalid} not valid (a warning counts), ${wronglyValid.length} valid that should not be.\n` +
      `${requests} requests, ${same} answered as Cedar's corpus expects, ${different.length} not.\n`,
  )
  for (const line of [...different, ...wronglyValid.map((file) => `${file}: should not be valid`)].slice(0, 20))
    process.stdout.write(`  ${line}\n`)
  process.exit(different.length + wronglyValid.length === 0 && requests > 0 ? 0 : 1)
}

const [folder, casesMax = 'Infinity'] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('Say where the corpus is: node scripts/cedar-corpus.ts FOLDER [CASES]\n')
  process.exit(2)
}
main(folder, Number(casesMax))

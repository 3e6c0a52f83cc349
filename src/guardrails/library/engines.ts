// Where answers are computed, and how much of the machine that may take.
import { corrected, inCategory, watched, type Entry } from './entry.ts'

const engine = inCategory('engines')
const remote = { field: 'spec.engine', default: 'llama', notEquals: 'llama' } as const
const loopback = [
  'http://127.0.0.1:*',
  'http://127.0.0.1/*',
  'http://localhost:*',
  'http://localhost/*',
  'http://[::1]:*',
  'http://[::1]/*',
]

const engines: readonly Entry[] = [
  engine('engine-local', {
    title: 'No remote engine',
    description: 'Answers are computed by the engine on this machine, and prompts go nowhere else.',
    kinds: ['deployment'],
    require: { field: 'spec.engine', default: 'llama', equals: 'llama' },
    message: 'Deployment {name} forwards to another server ({spec.baseUrl}); here models run on this machine.',
    bites: { spec: { engine: 'openai', baseUrl: 'http://10.0.0.7:8000/v1' } },
    passes: { spec: { model: 'm' } },
  }),
  engine('engine-hosts-allowed', {
    title: 'Remote engines are on allowed hosts',
    description: 'Servers of one’s own, by the pattern of their address.',
    kinds: ['deployment'],
    parameters: { addresses: { type: 'strings', title: 'Patterns of allowed addresses' } },
    when: remote,
    require: { field: 'spec.baseUrl', like: { param: 'addresses' } },
    message: 'Deployment {name} forwards to {spec.baseUrl}; allowed are {param.addresses}.',
    values: { addresses: ['https://gpu-*.ministry.internal/*'] },
    bites: { spec: { engine: 'openai', baseUrl: 'https://elsewhere.example/v1' } },
    passes: { spec: { engine: 'openai', baseUrl: 'https://gpu-3.ministry.internal/v1' } },
  }),
  engine('engine-loopback', {
    title: 'Remote engines are on this machine',
    description: 'Another server may compute answers, so long as it runs on this machine.',
    kinds: ['deployment'],
    when: remote,
    require: { field: 'spec.baseUrl', like: loopback },
    message: 'Deployment {name} forwards to {spec.baseUrl}, which is not this machine.',
    bites: { spec: { engine: 'openai', baseUrl: 'http://127.0.0.1.elsewhere.example/v1' } },
    passes: { spec: { engine: 'openai', baseUrl: 'http://127.0.0.1:8000/v1' } },
  }),
  engine('engine-encrypted', {
    title: 'Prompts do not cross the network in the clear',
    description: 'What is forwarded off this machine goes over TLS.',
    kinds: ['deployment'],
    when: { all: [remote, { not: { field: 'spec.baseUrl', like: loopback } }] },
    require: { field: 'spec.baseUrl', like: 'https://*' },
    message: 'Deployment {name} forwards to {spec.baseUrl} without TLS.',
    bites: { spec: { engine: 'openai', baseUrl: 'http://gpu-3.ministry.internal/v1' } },
    passes: { spec: { engine: 'openai', baseUrl: 'https://gpu-3.ministry.internal/v1' } },
  }),
]

const limit = inCategory('limits')
const most = (title: string, value: number) => ({ type: 'integer' as const, title, default: value, minimum: 0 })

const limits: readonly Entry[] = [
  limit('deployment-memory-limited', {
    title: 'Deployments say how much memory they may take, and not too much',
    description: 'Without a limit one model can push the others off the machine.',
    kinds: ['deployment'],
    parameters: { megabytes: most('Most memory in MB', 65_536) },
    require: {
      all: [
        { field: 'spec.memoryMbMax', exists: true },
        { field: 'spec.memoryMbMax', lte: { param: 'megabytes' } },
      ],
    },
    message: 'Deployment {name} may take {spec.memoryMbMax} MB; it must say at most {param.megabytes} in spec.memoryMbMax.',
    bites: { spec: { memoryMbMax: 524_288 } },
    passes: { spec: { memoryMbMax: 8_192 } },
  }),
  limit('deployment-memory-set', {
    title: 'Deployments get a memory limit',
    description: 'Sets a limit where none was given.',
    kinds: ['deployment'],
    effects: corrected,
    parameters: { megabytes: most('Memory in MB', 16_384) },
    require: { field: 'spec.memoryMbMax', exists: true },
    modify: [{ path: 'spec.memoryMbMax', value: { param: 'megabytes' } }],
    message: 'Deployment {name} has no memory limit.',
    bites: { spec: { model: 'm' } },
    passes: { spec: { memoryMbMax: 4_096 } },
  }),
  limit('deployment-threads-limited', {
    title: 'Deployments leave processors to others',
    description: 'A deployment says how many threads it uses, and not too many.',
    kinds: ['deployment'],
    parameters: { threads: most('Most threads', 16) },
    require: {
      all: [
        { field: 'spec.threads', exists: true },
        { field: 'spec.threads', lte: { param: 'threads' } },
      ],
    },
    message: 'Deployment {name} uses {spec.threads} threads; it must say at most {param.threads} in spec.threads.',
    bites: { spec: {} },
    passes: { spec: { threads: 8 } },
  }),
  limit('deployment-parallel-limited', {
    title: 'Deployments do not answer too many at once',
    description: 'Each answer at once takes memory for its context.',
    kinds: ['deployment'],
    parameters: { parallel: most('Most answers at once', 8) },
    require: { field: 'spec.parallel', default: 2, lte: { param: 'parallel' } },
    message: 'Deployment {name} answers {spec.parallel} at once, more than {param.parallel}.',
    bites: { spec: { parallel: 64 } },
    passes: { spec: {} },
  }),
  limit('deployment-context-limited', {
    title: 'Contexts are not too long',
    description: 'Memory grows with the context, for every answer at once.',
    kinds: ['deployment'],
    parameters: { tokens: most('Longest context in tokens', 32_768) },
    require: { field: 'spec.contextTokens', default: 2_048, lte: { param: 'tokens' } },
    message: 'Deployment {name} has a context of {spec.contextTokens} tokens, more than {param.tokens}.',
    bites: { spec: { contextTokens: 1_048_576 } },
    passes: { spec: { contextTokens: 8_192 } },
  }),
  limit('deployment-answer-limited', {
    title: 'Answers are not too long unasked',
    description: 'What a caller gets who names no limit.',
    kinds: ['deployment'],
    parameters: { tokens: most('Longest answer in tokens', 2_048) },
    require: { field: 'spec.maxTokensDefault', default: 512, lte: { param: 'tokens' } },
    message: 'Deployment {name} answers with up to {spec.maxTokensDefault} tokens, more than {param.tokens}.',
    bites: { spec: { maxTokensDefault: 100_000 } },
    passes: { spec: {} },
  }),
  limit('deployment-queue-limited', {
    title: 'Queues are short',
    description: 'Who would wait too long is told so at once.',
    kinds: ['deployment'],
    parameters: { calls: most('Most calls that wait', 64) },
    require: { field: 'spec.queueMax', default: 16, lte: { param: 'calls' } },
    message: 'Deployment {name} lets {spec.queueMax} calls wait, more than {param.calls}.',
    bites: { spec: { queueMax: 1_000 } },
    passes: { spec: {} },
  }),
  limit('project-accelerators-limited', {
    title: 'Projects share the accelerators',
    description: 'All deployments of a project together, counted with this one.',
    kinds: ['deployment'],
    parameters: { accelerators: most('Most accelerators of a project', 2) },
    require: { field: 'facts.project.accelerators', lte: { param: 'accelerators' } },
    message: 'The project would use {facts.project.accelerators} accelerators, more than {param.accelerators}.',
    bites: { facts: { project: { accelerators: 3 } } },
    passes: { facts: { project: { accelerators: 2 } } },
  }),
  limit('project-deployments-limited', {
    title: 'Projects have a few deployments',
    description: 'Counted with this one.',
    kinds: ['deployment'],
    parameters: { deployments: most('Most deployments of a project', 10) },
    require: { field: 'facts.project.deployments', lte: { param: 'deployments' } },
    message: 'The project would have {facts.project.deployments} deployments, more than {param.deployments}.',
    bites: { facts: { project: { deployments: 11 } } },
    passes: { facts: { project: { deployments: 1 } } },
  }),
  limit('project-tokens-limited', {
    title: 'Projects keep to their tokens a day',
    description: 'Shows projects that used more in the last day.',
    kinds: ['project'],
    effects: watched,
    parameters: { tokens: most('Most tokens a day', 5_000_000) },
    require: { field: 'facts.tokensLastDay', lte: { param: 'tokens' } },
    message: 'Project {name} used {facts.tokensLastDay} tokens in a day, more than {param.tokens}.',
    bites: { facts: { tokensLastDay: 6_000_000 } },
    passes: { facts: { tokensLastDay: 0 } },
  }),
]

export const enginesAndLimits: readonly Entry[] = [...engines, ...limits]

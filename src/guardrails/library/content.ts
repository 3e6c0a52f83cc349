// What is kept of what people ask, for how long, and who may not know of it.
import { corrected, inCategory, watched, type Entry } from './entry.ts'

const content = inCategory('content')
const recording = { field: 'spec.recordContent', default: 'none' } as const

const kept: readonly Entry[] = [
  content('content-not-recorded', {
    title: 'Prompts and answers are not kept',
    description: 'The log holds that a call was made and its HMACs, never its words.',
    kinds: ['deployment'],
    require: { ...recording, equals: 'none' },
    message: 'Deployment {name} keeps what is said (recordContent: {spec.recordContent}).',
    bites: { spec: { recordContent: 'sealed' } },
    passes: { spec: {} },
  }),
  content('content-recorded-sealed', {
    title: 'Prompts and answers are kept, sealed',
    description: 'For places where what was said has to be produced later.',
    kinds: ['deployment'],
    require: { ...recording, equals: 'sealed' },
    message: 'Deployment {name} must keep what is said: set spec.recordContent to sealed.',
    bites: { spec: {} },
    passes: { spec: { recordContent: 'sealed' } },
  }),
  content('content-not-recorded-above', {
    title: 'What is classified is not kept',
    description: 'From a rank on, words are not written down a second time.',
    kinds: ['deployment'],
    parameters: { rank: { type: 'integer', title: 'From this rank on', default: 2, minimum: 0 } },
    when: { field: 'classification.rank', gte: { param: 'rank' } },
    require: { ...recording, equals: 'none' },
    message: 'Deployment {name} is of rank {classification.rank} and keeps what is said.',
    bites: { rank: 3, spec: { recordContent: 'sealed' } },
    passes: { rank: 3, spec: { recordContent: 'none' } },
  }),
  content('content-recording-set', {
    title: 'What is kept is decided here',
    description: 'Sets recordContent, whatever was asked for.',
    kinds: ['deployment'],
    effects: corrected,
    parameters: { mode: { type: 'string', title: 'none or sealed', default: 'none', enum: ['none', 'sealed'] } },
    require: { ...recording, equals: { param: 'mode' } },
    modify: [{ path: 'spec.recordContent', value: { param: 'mode' } }],
    message: 'Deployment {name} has recordContent {spec.recordContent}, not {param.mode}.',
    bites: { spec: { recordContent: 'sealed' } },
    passes: { spec: { recordContent: 'none' } },
  }),
  content('retention-minimum', {
    title: 'Records are kept long enough',
    description: 'Shows where records would be gone before they may be.',
    kinds: ['project', 'site'],
    effects: watched,
    parameters: { days: { type: 'integer', title: 'Fewest days', default: 365, minimum: 1 } },
    require: { field: 'facts.retentionDays', gte: { param: 'days' } },
    message: '{name} keeps records for {facts.retentionDays} days, fewer than {param.days}.',
    bites: { facts: { retentionDays: 30 } },
    passes: { facts: { retentionDays: 3_650 } },
  }),
  content('retention-stated', {
    title: 'Projects say how long they are kept',
    description: 'The label retention, with one of a few words that everyone here understands.',
    kinds: ['project'],
    parameters: { periods: { type: 'strings', title: 'Allowed periods', default: ['1y', '3y', '10y', '30y', 'forever'] } },
    require: { field: 'labels.retention', in: { param: 'periods' } },
    message: 'Project {name} has the label retention: {labels.retention}; it must be one of {param.periods}.',
    bites: { labels: { retention: 'a while' } },
    passes: { labels: { retention: '10y' } },
  }),
]

const protection = inCategory('data-protection')

const classified: readonly Entry[] = [
  protection('classification-minimum', {
    title: 'Things are classified here',
    description: 'Nothing is of a lower rank than the place demands.',
    kinds: ['*'],
    parameters: { rank: { type: 'integer', title: 'Lowest rank', default: 1, minimum: 0 } },
    require: { field: 'classification.rank', gte: { param: 'rank' } },
    message: '{kind} {name} is of rank {classification.rank}; here at least {param.rank} is needed.',
    bites: { rank: 0 },
    passes: { rank: 2 },
  }),
  protection('classification-maximum', {
    title: 'Nothing too secret is kept here',
    description: 'For places that are not built for it.',
    kinds: ['*'],
    parameters: { rank: { type: 'integer', title: 'Highest rank', default: 2, minimum: 0 } },
    require: { field: 'classification.rank', lte: { param: 'rank' } },
    message: '{kind} {name} is of rank {classification.rank}; here at most {param.rank} is kept.',
    bites: { rank: 3 },
    passes: { rank: 2 },
  }),
  protection('caveats-allowed', {
    title: 'Only caveats that are handled here',
    description: 'A caveat that nobody here is cleared for locks things away from everyone.',
    kinds: ['*'],
    parameters: { caveats: { type: 'strings', title: 'Caveats that may be used' } },
    require: { field: 'classification.caveats', subsetOf: { param: 'caveats' } },
    message: '{kind} {name} has the caveats {classification.caveats}; allowed are {param.caveats}.',
    values: { caveats: ['med', 'hr'] },
    bites: { caveats: ['med', 'nuclear'] },
    passes: { caveats: ['med'] },
  }),
  protection('classification-not-lowered', {
    title: 'Classifications are not lowered',
    description: 'Not even by those who may lower them elsewhere.',
    kinds: ['*'],
    when: { field: 'before', exists: true },
    require: {
      all: [
        { field: 'classification.rank', gte: { field: 'before.classification.rank' } },
        { field: 'classification.caveats', containsAll: { field: 'before.classification.caveats' } },
      ],
    },
    message:
      '{kind} {name} was of rank {before.classification.rank} with {before.classification.caveats}, and is not to be lowered.',
    before: { rank: 2, caveats: ['med'] },
    bites: { rank: 2 },
    passes: { rank: 3, caveats: ['med', 'hr'] },
  }),
]

export const contentAndProtection: readonly Entry[] = [...kept, ...classified]

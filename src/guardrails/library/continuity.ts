// What must go on working goes on working: criticality, replicas, backups, and that they were tried.
import { attested, corrected, inCategory, watched, type Entry } from './entry.ts'

const guardrail = inCategory('continuity')
const levels = { type: 'strings' as const, title: 'From which criticality on', default: ['high', 'mission'] }
const critical = { field: 'facts.effectiveCriticality', in: { param: 'levels' } } as const
const days = (title: string, value: number) => ({ type: 'integer' as const, title, default: value, minimum: 0 })

const ofResources: readonly Entry[] = [
  guardrail('criticality-stated', {
    title: 'It is said how critical things are',
    description: 'Without it, nobody knows what to bring back first.',
    kinds: ['deployment', 'model', 'project'],
    require: { field: 'criticality', exists: true },
    message: '{kind} {name} does not say how critical it is.',
    bites: {},
    passes: { criticality: 'low' },
  }),
  guardrail('production-criticality-set', {
    title: 'What is in production is not of low criticality',
    description: 'Sets a criticality where production gave none.',
    kinds: ['deployment', 'model', 'project'],
    effects: corrected,
    parameters: {
      criticality: { type: 'string', title: 'Criticality', default: 'medium', enum: ['low', 'medium', 'high', 'mission'] },
    },
    when: { field: 'labels.environment', equals: 'production' },
    require: { field: 'criticality', exists: true },
    modify: [{ path: 'criticality', value: { param: 'criticality' } }],
    message: '{kind} {name} is in production and does not say how critical it is.',
    bites: { labels: { environment: 'production' } },
    passes: { labels: { environment: 'production' }, criticality: 'high' },
  }),
  guardrail('critical-second-replica', {
    title: 'What is critical runs twice',
    description: 'One engine that crashes must not silence what others depend on.',
    kinds: ['deployment'],
    effect: 'audit',
    parameters: { levels, replicas: { type: 'integer', title: 'Fewest replicas', default: 2, minimum: 1 } },
    when: critical,
    require: { field: 'facts.replicas', gte: { param: 'replicas' } },
    message:
      'Deployment {name} is of criticality {facts.effectiveCriticality} and has {facts.replicas} replicas, fewer than {param.replicas}.',
    bites: { facts: { effectiveCriticality: 'mission', replicas: 1 } },
    passes: { facts: { effectiveCriticality: 'mission', replicas: 2 } },
  }),
  guardrail('critical-backed-up', {
    title: 'What is critical has a backup',
    description: 'One that is not too old.',
    kinds: ['deployment', 'model', 'project'],
    effects: watched,
    parameters: { levels, days: days('Oldest backup in days', 1) },
    when: critical,
    require: {
      all: [
        { field: 'facts.backupAgeDays', exists: true },
        { field: 'facts.backupAgeDays', lte: { param: 'days' } },
      ],
    },
    message:
      '{kind} {name} is of criticality {facts.effectiveCriticality}; its last backup is {facts.backupAgeDays} days old, more than {param.days}.',
    bites: { facts: { effectiveCriticality: 'high', backupAgeDays: null } },
    passes: { facts: { effectiveCriticality: 'high', backupAgeDays: 0 } },
  }),
  guardrail('critical-locked', {
    title: 'What is critical cannot be deleted by accident',
    description: 'It has a lock, on itself or above.',
    kinds: ['deployment', 'model', 'project', 'folder'],
    effects: watched,
    parameters: { levels },
    when: critical,
    require: { field: 'facts.locked', equals: true },
    message: '{kind} {name} is of criticality {facts.effectiveCriticality} and has no lock.',
    bites: { facts: { effectiveCriticality: 'mission', locked: false } },
    passes: { facts: { effectiveCriticality: 'mission', locked: true } },
  }),
]

const at = (field: string) => ({ all: [{ field, exists: true }, { not: { field, olderThanDays: { param: 'days' } } }] }) as const

const ofSite: readonly Entry[] = [
  guardrail('backup-recent', {
    title: 'The site was backed up lately',
    description: 'The age of the last backup that was completed.',
    kinds: ['site'],
    effects: watched,
    parameters: { days: days('Oldest backup in days', 1) },
    require: at('facts.backupAt'),
    message: 'The last backup was made at {facts.backupAt}, more than {param.days} days ago.',
    bites: { facts: { backupAt: null } },
    passes: { facts: { backupAt: '2027-01-15T03:00:00Z' } },
  }),
  guardrail('backup-restored', {
    title: 'A backup was restored lately',
    description: 'A backup that was never restored is a hope.',
    kinds: ['site'],
    effects: watched,
    parameters: { days: days('Longest time between drills in days', 90) },
    require: at('facts.restoredAt'),
    message: 'The last restore was tried at {facts.restoredAt}, more than {param.days} days ago.',
    bites: { facts: { restoredAt: '2026-01-01T00:00:00Z' } },
    passes: { facts: { restoredAt: '2027-01-01T00:00:00Z' } },
  }),
  guardrail('backup-encrypted', {
    title: 'Backups are encrypted',
    description: 'A medium that is lost tells nothing.',
    kinds: ['backup'],
    effects: watched,
    require: { field: 'facts.encrypted', equals: true },
    message: 'Backup {name} is not encrypted.',
    bites: { facts: { encrypted: false } },
    passes: { facts: { encrypted: true } },
  }),
  guardrail('backup-elsewhere', {
    title: 'A copy is kept elsewhere',
    description: 'A person attests that a copy lies in another building.',
    kinds: ['site'],
    effects: attested,
    message: 'It is to be attested that a copy of the backups lies in another building.',
    bites: {},
    passes: { kind: 'project' },
  }),
  guardrail('break-glass-tried', {
    title: 'Emergency access was tried',
    description: 'A person attests that the sealed accounts open, and that using one is noticed.',
    kinds: ['site'],
    effects: attested,
    message: 'It is to be attested that emergency access was tried.',
    bites: {},
    passes: { kind: 'project' },
  }),
]

export const continuity: readonly Entry[] = [...ofResources, ...ofSite]

// Built-in guardrails that belong together, so that a site can begin with one assignment, as a dry run.
import type { Initiative } from '../schema.ts'

const named = (...names: string[]): Initiative['guardrails'] => names.map((name) => ({ guardrail: `builtin/${name}` }))
const version = '1.0.0'

export const initiatives: Readonly<Record<string, Initiative>> = {
  baseline: {
    title: 'Where everyone begins',
    description:
      'What every site should be able to say of itself. Begin with this as a dry run, look at what it says, then enforce it.',
    category: 'baseline',
    version,
    guardrails: named(
      'model-licence-stated',
      'model-source-stated',
      'model-format-allowed',
      'engine-local',
      'deployment-memory-set',
      'deployment-parallel-limited',
      'deployment-context-limited',
      'content-not-recorded',
      'owner-is-person',
      'owner-active',
      'second-factor',
      'privileged-passkey',
      'owners-enough',
      'key-expires',
      'backup-recent',
      'certificate-days-left',
      'advisories-recent',
    ),
  },
  'ai-serving': {
    title: 'Models that may answer',
    description: 'Only approved and signed models, under agreed terms, on this machine, within limits.',
    category: 'models',
    version,
    parameters: {
      licences: {
        type: 'strings',
        title: 'Allowed licences (SPDX, lower case)',
        default: ['apache-2.0', 'mit', 'bsd-3-clause', 'cc-by-4.0'],
      },
      accelerators: { type: 'integer', title: 'Most accelerators of a project', default: 2, minimum: 0 },
      tokensPerDay: { type: 'integer', title: 'Most tokens of a project a day', default: 5_000_000, minimum: 0 },
    },
    guardrails: [
      ...named('deployment-model-approved', 'deployment-model-signed', 'deployment-format-allowed', 'engine-local'),
      { guardrail: 'builtin/model-licence-allowed', parameters: { licences: { param: 'licences' } } },
      { guardrail: 'builtin/deployment-licence-allowed', parameters: { licences: { param: 'licences' } } },
      { guardrail: 'builtin/project-accelerators-limited', parameters: { accelerators: { param: 'accelerators' } } },
      { guardrail: 'builtin/project-tokens-limited', parameters: { tokens: { param: 'tokensPerDay' } } },
      ...named(
        'deployment-memory-limited',
        'deployment-answer-limited',
        'deployment-queue-limited',
        'project-deployments-limited',
      ),
    ],
  },
  'secrets-and-keys': {
    title: 'Keys, factors and certificates',
    description: 'What opens doors is limited, ends, and is looked at.',
    category: 'keys',
    version,
    parameters: { keyDays: { type: 'integer', title: 'Oldest key in days', default: 180, minimum: 1 } },
    guardrails: [
      { guardrail: 'builtin/key-age', parameters: { days: { param: 'keyDays' } } },
      ...named('key-expires', 'key-used', 'key-limited-to-place', 'key-limited-to-actions'),
      ...named('second-factor', 'privileged-passkey', 'recovery-codes-left', 'person-active'),
      ...named('role-expires', 'privileged-role-when-needed', 'owners-enough', 'exemption-short'),
      ...named('certificate-days-left', 'certificate-life', 'site-encrypted', 'signing-key-age', 'break-glass-tried'),
    ],
  },
  continuity: {
    title: 'What must go on working',
    description: 'Criticality is stated, what is critical runs twice and has a backup, and backups were restored.',
    category: 'continuity',
    version,
    guardrails: named(
      'criticality-stated',
      'critical-second-replica',
      'critical-backed-up',
      'critical-locked',
      'backup-recent',
      'backup-restored',
      'backup-encrypted',
      'backup-elsewhere',
    ),
  },
  'data-protection': {
    title: 'What is kept, and how secret it is',
    description: 'Prompts are not kept unless that is wanted, records long enough, and classifications are not lowered.',
    category: 'data-protection',
    version,
    parameters: { retentionDays: { type: 'integer', title: 'Fewest days that records are kept', default: 365, minimum: 1 } },
    guardrails: [
      ...named(
        'content-not-recorded-above',
        'retention-stated',
        'classification-not-lowered',
        'engine-encrypted',
        'no-outside-hosts',
      ),
      { guardrail: 'builtin/retention-minimum', parameters: { days: { param: 'retentionDays' } } },
    ],
  },
  'ownership-and-labels': {
    title: 'Whose it is and what it is for',
    description: 'Owners, contacts and labels, so that everything can be asked about.',
    category: 'ownership',
    version,
    parameters: { labels: { type: 'strings', title: 'Required labels', default: ['cost-centre'] } },
    guardrails: [
      { guardrail: 'builtin/labels-required', parameters: { labels: { param: 'labels' } } },
      ...named('environment-stated', 'contact-stated', 'owner-is-person', 'owner-active'),
    ],
  },
}

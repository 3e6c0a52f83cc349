// Who may come in, with what proof, for how long; and the keys that are given to programs.
import { inCategory, watched, type Entry } from './entry.ts'

const access = inCategory('access')
const days = (title: string, value: number) => ({ type: 'integer' as const, title, default: value, minimum: 0 })
const privileged = { type: 'strings' as const, title: 'Privileged roles', default: ['owner', 'security-officer', 'operator'] }

const people: readonly Entry[] = [
  access('role-expires', {
    title: 'Roles are given for a time',
    description: 'What is given for ever is forgotten for ever.',
    kinds: ['role-assignment'],
    parameters: { days: days('Longest time in days', 365) },
    require: {
      all: [
        { field: 'spec.expiresAt', exists: true },
        { field: 'spec.expiresAt', withinDays: { param: 'days' } },
      ],
    },
    message: 'The role {spec.role} is given until {spec.expiresAt}; it must end within {param.days} days.',
    bites: { spec: { role: 'operator' } },
    passes: { spec: { role: 'operator', expiresAt: '2027-06-01T00:00:00Z' } },
  }),
  access('role-by-group', {
    title: 'Roles are given to groups',
    description: 'Who joins and who leaves is decided in one place.',
    kinds: ['role-assignment'],
    require: { field: 'spec.principal', like: 'group_*' },
    message: 'The role {spec.role} is given to {spec.principal}, who is not a group.',
    bites: { spec: { role: 'member', principal: 'user_00000000000000000000000000' } },
    passes: { spec: { role: 'member', principal: 'group_00000000000000000000000000' } },
  }),
  access('privileged-role-when-needed', {
    title: 'Privileged roles are taken when needed',
    description: 'They are given as eligible, and taken up for minutes with a reason.',
    kinds: ['role-assignment'],
    effect: 'audit',
    parameters: { roles: privileged },
    when: { field: 'spec.role', in: { param: 'roles' } },
    require: { field: 'spec.eligible', exists: true },
    message: 'The role {spec.role} stands all the time; give it as eligible instead.',
    bites: { spec: { role: 'owner' } },
    passes: { spec: { role: 'owner', eligible: { minutesMax: 60 } } },
  }),
  access('second-factor', {
    title: 'People have a second factor',
    description: 'A passkey or a code generator, beside or instead of the password.',
    kinds: ['person'],
    effects: watched,
    require: { each: 'facts.factors', some: { field: 'item', in: ['passkey', 'totp'] } },
    message: '{name} signs in with {facts.factors}.',
    bites: { facts: { factors: ['password'] } },
    passes: { facts: { factors: ['password', 'totp'] } },
  }),
  access('passkey', {
    title: 'People have a passkey',
    description: 'What cannot be phished.',
    kinds: ['person'],
    effects: watched,
    require: { field: 'facts.factors', contains: 'passkey' },
    message: '{name} signs in with {facts.factors}, without a passkey.',
    bites: { facts: { factors: ['password', 'totp'] } },
    passes: { facts: { factors: ['passkey'] } },
  }),
  access('privileged-passkey', {
    title: 'Who is privileged has a passkey',
    description: 'Those who could change the rules themselves.',
    kinds: ['person'],
    effects: watched,
    parameters: { roles: privileged },
    when: { each: 'facts.roles', some: { field: 'item', in: { param: 'roles' } } },
    require: { field: 'facts.factors', contains: 'passkey' },
    message: '{name} holds {facts.roles} and signs in with {facts.factors}, without a passkey.',
    bites: { facts: { roles: ['owner'], factors: ['password'] } },
    passes: { facts: { roles: ['owner'], factors: ['passkey'] } },
  }),
  access('person-active', {
    title: 'People who do not come are not let in',
    description: 'Shows who has not signed in for long and is not disabled.',
    kinds: ['person'],
    effects: watched,
    parameters: { days: days('Longest absence in days', 90) },
    when: { field: 'facts.state', equals: 'active' },
    require: {
      all: [
        { field: 'facts.lastSignInAt', exists: true },
        { not: { field: 'facts.lastSignInAt', olderThanDays: { param: 'days' } } },
      ],
    },
    message: '{name} last signed in at {facts.lastSignInAt}, more than {param.days} days ago.',
    bites: { facts: { state: 'active', lastSignInAt: '2026-01-01T00:00:00Z' } },
    passes: { facts: { state: 'active', lastSignInAt: '2027-01-10T08:00:00Z' } },
  }),
  access('recovery-codes-left', {
    title: 'People can recover',
    description: 'Who has no recovery codes left needs an administrator when a device is lost.',
    kinds: ['person'],
    effects: watched,
    parameters: { codes: { type: 'integer', title: 'Fewest codes', default: 3, minimum: 1 } },
    require: { field: 'facts.recoveryCodesLeft', gte: { param: 'codes' } },
    message: '{name} has {facts.recoveryCodesLeft} recovery codes left, fewer than {param.codes}.',
    bites: { facts: { recoveryCodesLeft: 0 } },
    passes: { facts: { recoveryCodesLeft: 8 } },
  }),
  access('owners-enough', {
    title: 'There is more than one owner, and not many',
    description: 'One can be ill; of many nobody knows what they do.',
    kinds: ['site'],
    effects: watched,
    parameters: {
      fewest: { type: 'integer', title: 'Fewest owners', default: 2, minimum: 1 },
      most: { type: 'integer', title: 'Most owners', default: 5, minimum: 1 },
    },
    require: {
      all: [
        { field: 'facts.owners', gte: { param: 'fewest' } },
        { field: 'facts.owners', lte: { param: 'most' } },
      ],
    },
    message: 'There are {facts.owners} owners; there should be {param.fewest} to {param.most}.',
    bites: { facts: { owners: 1 } },
    passes: { facts: { owners: 3 } },
  }),
  access('exemption-short', {
    title: 'Exemptions are short',
    description: 'Shows exemptions that end later than need be.',
    kinds: ['exemption'],
    effects: watched,
    parameters: { days: days('Longest exemption in days', 90) },
    require: { field: 'spec.expiresAt', withinDays: { param: 'days' } },
    message: 'Exemption {name} ends at {spec.expiresAt}, more than {param.days} days from now.',
    bites: { spec: { expiresAt: '2027-12-31T00:00:00Z' } },
    passes: { spec: { expiresAt: '2027-02-01T00:00:00Z' } },
  }),
]

const key = inCategory('keys')

const keys: readonly Entry[] = [
  key('key-age', {
    title: 'API keys are not old',
    description: 'A key that is changed now and then is one that can be changed in a hurry.',
    kinds: ['api-key'],
    effects: watched,
    parameters: { days: days('Oldest key in days', 180) },
    require: { not: { field: 'facts.createdAt', olderThanDays: { param: 'days' } } },
    message: 'Key {name} was made at {facts.createdAt}, more than {param.days} days ago.',
    bites: { facts: { createdAt: '2026-01-01T00:00:00Z' } },
    passes: { facts: { createdAt: '2027-01-01T00:00:00Z' } },
  }),
  key('key-expires', {
    title: 'API keys end',
    description: 'And not too far away.',
    kinds: ['api-key'],
    effects: watched,
    parameters: { days: days('Longest time to live in days', 365) },
    require: {
      all: [
        { field: 'facts.expiresAt', exists: true },
        { field: 'facts.expiresAt', withinDays: { param: 'days' } },
      ],
    },
    message: 'Key {name} ends at {facts.expiresAt}; it must end within {param.days} days.',
    bites: { facts: { expiresAt: null } },
    passes: { facts: { expiresAt: '2027-06-01T00:00:00Z' } },
  }),
  key('key-used', {
    title: 'API keys are used',
    description: 'One that nobody uses can only be misused.',
    kinds: ['api-key'],
    effects: watched,
    parameters: { days: days('Longest rest in days', 90) },
    require: {
      all: [
        { field: 'facts.lastUsedAt', exists: true },
        { not: { field: 'facts.lastUsedAt', olderThanDays: { param: 'days' } } },
      ],
    },
    message: 'Key {name} was last used at {facts.lastUsedAt}, not within {param.days} days.',
    bites: { facts: { lastUsedAt: null } },
    passes: { facts: { lastUsedAt: '2027-01-14T00:00:00Z' } },
  }),
  key('key-limited-to-place', {
    title: 'API keys are limited to a place',
    description: 'A program works in one project, and its key works there alone.',
    kinds: ['api-key'],
    effects: watched,
    require: { field: 'facts.scope', exists: true },
    message: 'Key {name} works everywhere that {owner} does.',
    bites: { facts: { scope: null } },
    passes: { facts: { scope: '/research' } },
  }),
  key('key-limited-to-actions', {
    title: 'API keys are limited to some actions',
    description: 'A program that asks models needs no right to delete them.',
    kinds: ['api-key'],
    effects: watched,
    require: { field: 'facts.actions', exists: true },
    message: 'Key {name} may do all that {owner} may.',
    bites: { facts: { actions: null } },
    passes: { facts: { actions: ['deployment.invoke'] } },
  }),
]

export const accessAndKeys: readonly Entry[] = [...people, ...keys]

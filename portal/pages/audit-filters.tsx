import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { peopleShort, roles as rolesQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import css from './audit.module.css'

type Narrow = {
  actor?: string
  action?: string
  outcome?: string
  kind?: string
  resource?: string
  from?: string
  to?: string
  q?: string
}
const outcomes = ['done', 'denied', 'failed', 'cancelled']
const typingMs = 300

/** The address holds the filter, so that a finding can be sent as a link. */
export function AuditFilters() {
  const { actor, action, outcome, kind, resource, from, to, q } = useSearch({ strict: false })
  const now: Narrow = { actor, action, outcome, kind, resource, from, to, q }
  const navigate = useNavigate()
  const { data: people } = useQuery({ ...peopleShort, enabled: useMay()('user.read') })
  const { data: roles } = useQuery(rolesQuery)
  const set = (change: Narrow) => navigate({ to: '/audit', search: { ...now, ...change }, replace: true })
  const type = useDebouncedCallback((name: 'q' | 'resource', text: string) => set({ [name]: text.trim() || undefined }), typingMs)
  const actions = [...new Set([...(roles?.actions ?? []), ...(action ? [action] : [])])].sort()
  const kinds = [...new Set([...actions.map((each) => each.split('.')[0] ?? each), ...(kind ? [kind] : [])])].sort()
  const who = [
    ...(people?.items ?? []).map(({ id, displayName }) => ({ value: id, label: displayName })),
    { value: 'system', label: 'The site itself' },
    { value: 'anonymous', label: 'Not signed in' },
  ]
  if (actor && !who.some(({ value }) => value === actor)) who.push({ value: actor, label: actor })
  const narrowed = Object.values(now).some((value) => value !== undefined)
  return (
    <search className={css.filters} aria-label="Filter">
      <TextInput
        size="xs"
        label="Search"
        placeholder="Act, id, request"
        defaultValue={q}
        onChange={(event) => type('q', event.target.value)}
      />
      <Select
        size="xs"
        label="Who"
        placeholder="Anyone"
        data={who}
        value={actor ?? null}
        onChange={(next) => set({ actor: next ?? undefined })}
        searchable
        clearable
      />
      <Select
        size="xs"
        label="Act"
        placeholder="Any"
        data={actions}
        value={action ?? null}
        onChange={(next) => set({ action: next ?? undefined })}
        searchable
        clearable
      />
      <Select
        size="xs"
        label="Outcome"
        placeholder="Any"
        data={outcomes}
        value={outcome ?? null}
        onChange={(next) => set({ outcome: next ?? undefined })}
        clearable
      />
      <Select
        size="xs"
        label="Kind"
        placeholder="Any"
        data={kinds}
        value={kind ?? null}
        onChange={(next) => set({ kind: next ?? undefined })}
        searchable
        clearable
      />
      <TextInput
        size="xs"
        label="Resource id"
        defaultValue={resource}
        onChange={(event) => type('resource', event.target.value)}
      />
      <TextInput
        size="xs"
        type="date"
        label="From"
        value={from ?? ''}
        onChange={(event) => set({ from: event.target.value || undefined })}
      />
      <TextInput
        size="xs"
        type="date"
        label="To"
        value={to ?? ''}
        onChange={(event) => set({ to: event.target.value || undefined })}
      />
      {narrowed && (
        <Button size="xs" variant="subtle" color="gray" onClick={() => navigate({ to: '/audit', search: {} })}>
          Clear
        </Button>
      )}
    </search>
  )
}

// One form for all that can be said of someone's rights: a role, a role for a time when activated, or acts denied.
import { Button, Group, MultiSelect, NumberInput, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { assignment, denial, type Bounds } from '../api/assignment.ts'
import { put } from '../api/client.ts'
import { roles as rolesQuery } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import { ConditionForm } from './condition-form.tsx'
import { Fault, tell } from './failure.tsx'
import { GainsAndLosses } from './gains-and-losses.tsx'
import { PrincipalPicker } from './principal-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'

const ways = [
  { value: 'allow', label: 'Grant' },
  { value: 'eligible', label: 'Make eligible' },
  { value: 'deny', label: 'Deny' },
]
const hourSeconds = 3600

export function Grant({ onDone }: { onDone: () => void }) {
  const { data: roles } = useSuspenseQuery(rolesQuery)
  const may = useMayPerhaps()
  const [way, setWay] = useState('allow')
  const [principal, setPrincipal] = useState<string>()
  const [role, setRole] = useState<string | null>(null)
  const [actions, setActions] = useState<string[]>([])
  const [scope, setScope] = useState('/')
  const [bounds, setBounds] = useState<Bounds>({})
  const [hours, setHours] = useState(1)
  const [approvals, setApprovals] = useState(0)
  const [preview, setPreview] = useState(false)
  const queries = useQueryClient()
  const eligible = { maxSeconds: Math.round(hours * hourSeconds), ...(approvals > 0 ? { approvals } : {}) }
  const document =
    way === 'deny'
      ? denial(principal ?? '', actions, scope, bounds)
      : assignment(principal ?? '', role ?? '', scope, { ...bounds, ...(way === 'eligible' ? { eligible } : {}) })
  const complete = principal !== undefined && (way === 'deny' ? actions.length > 0 : role !== null)
  const grant = useMutation({
    mutationFn: () => put('/role-assignments', document),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell(way === 'deny' ? 'The acts are denied' : way === 'eligible' ? 'The role can be activated' : 'The role is granted')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    grant.mutate()
  }
  return (
    <form onSubmit={submit} onChange={() => setPreview(false)}>
      <Stack gap="sm">
        <SegmentedControl aria-label="What to do" value={way} onChange={setWay} data={ways} fullWidth />
        <PrincipalPicker label="Person or group" value={principal ?? null} onPick={setPrincipal} />
        {way === 'deny' ? (
          <MultiSelect
            label="Acts"
            description="Denied whatever roles are held. A noun with .* is all of its acts, * is everything."
            data={choicesOf(roles.actions)}
            value={actions}
            onChange={setActions}
            searchable
          />
        ) : (
          <Select
            label="Role"
            description={roles.items.find(({ name }) => name === role)?.description}
            data={roles.items.map(({ name, title }) => ({ value: name, label: title }))}
            value={role}
            onChange={setRole}
            allowDeselect={false}
            searchable
          />
        )}
        <ScopePicker label="Where" value={scope} onChange={setScope} />
        {way === 'eligible' && (
          <Group grow align="flex-start">
            <NumberInput
              label="At most for (hours)"
              value={hours}
              onChange={(next) => setHours(Number(next))}
              min={0.25}
              max={24}
              step={0.25}
            />
            <NumberInput
              label="Approvals by others"
              value={approvals}
              onChange={(next) => setApprovals(Number(next))}
              min={0}
              max={5}
            />
          </Group>
        )}
        <ConditionForm onChange={(condition) => setBounds((now) => ({ ...now, condition }))} />
        <Group grow align="flex-start">
          <TextInput
            label="Ends (optional)"
            type="datetime-local"
            onChange={({ target }) => setBounds((now) => ({ ...now, expiresAt: endingAt(target.value) }))}
          />
          <TextInput
            label="Reason (optional)"
            maxLength={500}
            onChange={({ target }) => setBounds((now) => ({ ...now, reason: target.value || undefined }))}
          />
        </Group>
        {preview && <GainsAndLosses change={{ documents: [{ kind: 'role-assignment', ...document }] }} />}
        <Fault error={grant.error} />
        <Group justify="flex-end" gap="xs">
          {may('policy.explain') && way !== 'eligible' && (
            <Button variant="default" disabled={!complete || preview} onClick={() => setPreview(true)}>
              Who gains, who loses?
            </Button>
          )}
          <Button type="submit" loading={grant.isPending} disabled={!complete} color={way === 'deny' ? 'red' : 'sea'}>
            {ways.find(({ value }) => value === way)?.label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const endingAt = (local: string): string | undefined => (local ? new Date(local).toISOString() : undefined)

/** Every act, each noun as a whole, and everything. */
const choicesOf = (actions: readonly string[]): string[] => {
  const nouns = [...new Set(actions.map((action) => action.split('.')[0] ?? action))]
  return ['*', ...nouns.flatMap((noun) => [`${noun}.*`, ...actions.filter((action) => action.startsWith(`${noun}.`))])]
}

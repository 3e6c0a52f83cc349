// How what is here is classified, and who is cleared for how much of it.
import { ActionIcon, Button, Group, Modal, MultiSelect, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconLockAccess, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent, type ReactNode } from 'react'
import { put, remove } from '../api/client.ts'
import { clearances as clearancesQuery, scheme as schemeQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Clearance, Scheme } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import css from './labels.module.css'
import { PrincipalPicker, usePrincipalNames } from './principal-picker.tsx'

export function LabelsPage() {
  const may = useMay()
  const [clearing, setClearing] = useDisclosure(false)
  return (
    <Page
      title="Labels and clearances"
      lead="A label says how sensitive something is. It holds for everything below it, and only who is cleared for it sees it at all."
      actions={
        may('clearance.apply') && (
          <Button leftSection={<IconPlus size={16} />} onClick={setClearing.open}>
            Clear someone
          </Button>
        )
      }
    >
      <SchemePanel />
      {may('clearance.read') && <Clearances />}
      <Modal opened={clearing} onClose={setClearing.close} title="Clear someone">
        <Clear onDone={setClearing.close} />
      </Modal>
    </Page>
  )
}

function SchemePanel() {
  const { data: scheme } = useSuspenseQuery(schemeQuery)
  const may = useMay()
  const [editing, setEditing] = useDisclosure(false)
  return (
    <Panel
      title="The scheme of this site"
      actions={
        may('classification-scheme.apply') && (
          <Button variant="default" size="compact-sm" onClick={setEditing.open}>
            Change
          </Button>
        )
      }
    >
      <ol className={css.ladder} aria-label="Levels, lowest first">
        {scheme.levels.map(({ name, title, rank }) => (
          <li key={name}>
            <b>{title}</b>
            <span>
              {name} · rank {rank}
            </span>
          </li>
        ))}
      </ol>
      <p className={css.caveats}>
        {scheme.caveats.length === 0
          ? 'No caveats: whoever is cleared for a level sees all of it.'
          : 'Caveats, each needed besides the level: '}
        {scheme.caveats.map(({ name, title }) => (
          <Tag key={name} tone="accent">
            {title}
          </Tag>
        ))}
      </p>
      <Modal opened={editing} onClose={setEditing.close} title="Change the scheme" size="lg">
        <EditScheme scheme={scheme} onDone={setEditing.close} />
      </Modal>
    </Panel>
  )
}

function EditScheme({ scheme, onDone }: { scheme: Scheme; onDone: () => void }) {
  const [levels, setLevels] = useState(scheme.levels)
  const [caveats, setCaveats] = useState(scheme.caveats)
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => put('/classification-schemes', { scope: '/', name: scheme.name, spec: { levels, caveats } }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('The scheme is changed')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <b>Levels</b>
        {levels.map((level, at) => (
          <Row key={at} of={level} what="level" onChange={(next) => setLevels(levels.with(at, { ...level, ...next }))}>
            <NumberInput
              aria-label="Rank"
              w={100}
              min={0}
              max={999}
              value={level.rank}
              onChange={(rank) => setLevels(levels.with(at, { ...level, rank: Number(rank) }))}
            />
            <Take what={level.title} onTake={() => setLevels(levels.toSpliced(at, 1))} />
          </Row>
        ))}
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => setLevels([...levels, { name: '', title: '', rank: Math.min(1000, (levels.at(-1)?.rank ?? 0) + 100) }])}
        >
          Add a level
        </Button>
        <b>Caveats</b>
        {caveats.map((caveat, at) => (
          <Row key={at} of={caveat} what="caveat" onChange={(next) => setCaveats(caveats.with(at, { ...caveat, ...next }))}>
            <Take what={caveat.title} onTake={() => setCaveats(caveats.toSpliced(at, 1))} />
          </Row>
        ))}
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => setCaveats([...caveats, { name: '', title: '' }])}
        >
          Add a caveat
        </Button>
        <Fault error={save.error} />
        <Button type="submit" loading={save.isPending} style={{ alignSelf: 'flex-end' }}>
          Save
        </Button>
      </Stack>
    </form>
  )
}

type Named = { name: string; title: string }
type RowProps = { of: Named; what: string; onChange: (next: Partial<Named>) => void; children: ReactNode }

function Row({ of, what, onChange, children }: RowProps) {
  return (
    <Group gap="xs" wrap="nowrap">
      <TextInput
        aria-label={`Title of the ${what}`}
        placeholder="Title"
        value={of.title}
        onChange={({ target }) => onChange({ title: target.value })}
        style={{ flex: 1 }}
        required
      />
      <TextInput
        aria-label={`Name of the ${what}`}
        placeholder="name"
        value={of.name}
        onChange={({ target }) => onChange({ name: target.value })}
        style={{ flex: 1 }}
        required
      />
      {children}
    </Group>
  )
}

const Take = ({ what, onTake }: { what: string; onTake: () => void }) => (
  <ActionIcon variant="subtle" onClick={onTake} aria-label={`Remove ${what || 'this row'}`}>
    <IconTrash size={16} />
  </ActionIcon>
)

function Clearances() {
  const { data } = useQuery(clearancesQuery)
  const { data: scheme } = useSuspenseQuery(schemeQuery)
  const nameOf = usePrincipalNames()
  const may = useMay()
  const [chosen, setChosen] = useState<Clearance>()
  const queries = useQueryClient()
  const take = useMutation({
    mutationFn: (id: string) => remove(`/clearances/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  const titleOf = (level: string) =>
    level === '*' ? 'Every level' : (scheme.levels.find(({ name }) => name === level)?.title ?? level)
  return (
    <Panel title="Who is cleared for what" flush>
      <Table
        label="Clearances"
        rows={data?.items ?? []}
        rowKey={({ id }) => id}
        columns={{
          Who: ({ spec }) => <b style={{ fontWeight: 550 }}>{nameOf(spec.principal)}</b>,
          'Up to': ({ spec }) => titleOf(spec.level),
          Caveats: ({ spec }) => (spec.caveats ?? []).map((caveat) => <Tag key={caveat}>{caveat === '*' ? 'all' : caveat}</Tag>),
          Since: ({ updatedAt }) => <Time at={updatedAt} />,
        }}
        end={(clearance) =>
          may('clearance.delete') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(clearance)}>
              Withdraw
            </Button>
          )
        }
        empty={
          <Empty icon={<IconLockAccess size={20} />} title="Nobody has a clearance of their own">
            Without one, a person sees what is labelled with the lowest level and no caveat.
          </Empty>
        }
      />
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title="Withdraw this clearance?"
        act="Withdraw"
        busy={take.isPending}
        onConfirm={() => chosen && take.mutate(chosen.id)}
      >
        {chosen && `${nameOf(chosen.spec.principal)} no longer sees what is labelled, from the next request on.`}
      </Confirm>
    </Panel>
  )
}

function Clear({ onDone }: { onDone: () => void }) {
  const { data: scheme } = useSuspenseQuery(schemeQuery)
  const [principal, setPrincipal] = useState<string>()
  const [level, setLevel] = useState<string | null>(scheme.levels[0]?.name ?? null)
  const [caveats, setCaveats] = useState<string[]>([])
  const queries = useQueryClient()
  const clear = useMutation({
    mutationFn: () =>
      put('/clearances', { scope: '/', name: (principal ?? '').replaceAll('_', '-'), spec: { principal, level, caveats } }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('The clearance is given')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    clear.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <PrincipalPicker label="Person" value={principal ?? null} onlyPeople onPick={setPrincipal} />
        <Select
          label="Up to"
          data={[
            ...scheme.levels.map(({ name, title }) => ({ value: name, label: title })),
            { value: '*', label: 'Every level there is and will be' },
          ]}
          value={level}
          onChange={setLevel}
          allowDeselect={false}
        />
        <MultiSelect
          label="Caveats"
          description="Only what carries no other caveat is seen."
          data={[
            { value: '*', label: 'All there are and will be' },
            ...scheme.caveats.map(({ name, title }) => ({ value: name, label: title })),
          ]}
          value={caveats}
          onChange={setCaveats}
        />
        <Fault error={clear.error} />
        <Button type="submit" loading={clear.isPending} disabled={!principal || !level} style={{ alignSelf: 'flex-end' }}>
          Clear
        </Button>
      </Stack>
    </form>
  )
}

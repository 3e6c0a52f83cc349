// Everything that can be put to work, found by what it is about.
import { Button, Group, Modal, Select, TextInput } from '@mantine/core'
import { IconSearch, IconShield } from '@tabler/icons-react'
import { useState } from 'react'
import { useAssignables, type Assignable } from '../api/guardrails.ts'
import { useMayPerhaps } from '../api/session.ts'
import { counted } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { AssignGuardrail } from './guardrail-assign.tsx'
import { effectTones } from './guardrail-effects.ts'
import { Fault } from './failure.tsx'
import css from './guardrails.module.css'

export function GuardrailLibrary({ initiatives = false }: { initiatives?: boolean }) {
  const { all, pending, error } = useAssignables()
  const [text, setText] = useState('')
  const [category, setCategory] = useState<string | null>(null)
  const [chosen, setChosen] = useState<Assignable>()
  if (error) return <Fault error={error} />
  const offered = all.filter((one) => one.initiative === initiatives)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = offered
    .filter((one) => category === null || one.category === category)
    .filter((one) => words.every((word) => `${one.title} ${one.description} ${one.ref}`.toLowerCase().includes(word)))
  return (
    <>
      <Group gap="xs" mb="md">
        <TextInput
          aria-label={initiatives ? 'Search the initiatives' : 'Search the library'}
          placeholder={`Search ${counted(offered.length, initiatives ? 'initiative' : 'guardrail')}`}
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={({ target }) => setText(target.value)}
          style={{ flex: 1, minWidth: 220 }}
        />
        <Select
          aria-label="Category"
          placeholder="Every category"
          data={[...new Set(offered.map((one) => one.category))].sort()}
          value={category}
          onChange={setCategory}
          clearable
        />
      </Group>
      <ul className={css.cards} aria-label={initiatives ? 'Initiatives' : 'Guardrails'}>
        {found.map((one) => (
          <Card key={one.ref} of={one} all={all} onAssign={setChosen} />
        ))}
      </ul>
      {found.length === 0 && !pending && (
        <Panel>
          <Empty icon={<IconShield size={20} />} title={offered.length === 0 ? 'None yet' : 'Nothing matches'}>
            {offered.length === 0 ? 'Take a set from a publisher, or write one.' : 'Take a word away, or choose every category.'}
          </Empty>
        </Panel>
      )}
      <Modal
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={chosen ? `Put to work: ${chosen.title}` : ''}
        size="lg"
      >
        {chosen && <AssignGuardrail of={chosen} onDone={() => setChosen(undefined)} />}
      </Modal>
    </>
  )
}

type CardProps = { of: Assignable; all: readonly Assignable[]; onAssign: (one: Assignable) => void }

function Card({ of, all, onAssign }: CardProps) {
  const may = useMayPerhaps()
  const titleOf = (ref: string) => all.find((one) => one.ref === ref)?.title ?? ref
  return (
    <li className={css.card}>
      <div className={css.cardHead}>
        <h3>{of.title}</h3>
        <Tag>{of.category}</Tag>
      </div>
      <p>{of.description}</p>
      {of.initiative && (
        <details className={css.members}>
          <summary>{counted(of.members.length, 'guardrail')}</summary>
          <ul>
            {of.members.map((ref) => (
              <li key={ref}>{titleOf(ref)}</li>
            ))}
          </ul>
        </details>
      )}
      <div className={css.cardFoot}>
        <span className={css.ref}>
          {of.ref} · {of.version}
        </span>
        {of.effects.map((effect) => (
          <Tag key={effect} tone={effect === of.effect ? (effectTones[effect] ?? 'plain') : 'plain'}>
            {effect}
          </Tag>
        ))}
        {may('guardrail-assignment.apply') && (
          <Button size="compact-sm" variant="default" onClick={() => onAssign(of)} aria-label={`Assign ${of.title}`}>
            Assign
          </Button>
        )}
      </div>
    </li>
  )
}

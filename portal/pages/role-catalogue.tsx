// What each role allows: those every site has, and those made here.
import { Button, Checkbox, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put, remove } from '../api/client.ts'
import { roles as rolesQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Role } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { counted } from '../ui/format.ts'
import { Panel } from '../ui/page.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import css from './roles.module.css'

export function Catalogue() {
  const { data } = useSuspenseQuery(rolesQuery)
  const may = useMay()
  const [making, setMaking] = useDisclosure(false)
  return (
    <>
      {may('role.apply') && (
        <Group justify="flex-end" mb="sm">
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={setMaking.open}>
            Make a role
          </Button>
        </Group>
      )}
      <div className={css.roles}>
        {data.items.map((role) => (
          <RoleCard key={role.name} role={role} />
        ))}
      </div>
      <Modal opened={making} onClose={setMaking.close} title="Make a role" size="xl">
        <MakeRole onDone={setMaking.close} />
      </Modal>
    </>
  )
}

const byNoun = (actions: readonly string[]) => Map.groupBy(new Set(actions), (action) => action.split('.')[0] ?? action)
const verbOf = (action: string) => action.split('.')[1] ?? action
const nounWords = (noun: string) => noun.replaceAll('-', ' ')

function RoleCard({ role }: { role: Role }) {
  const may = useMay()
  return (
    <Panel
      title={role.title}
      note={counted(new Set(role.actions).size, 'action')}
      actions={!role.builtIn && may('role.delete') && <Delete name={role.name} title={role.title} />}
    >
      <Text size="sm" c="dimmed" mb="sm">
        {role.description}
      </Text>
      <dl className={css.actions}>
        {[...byNoun(role.actions)].flatMap(([noun, actions]) => [
          <dt key={noun}>{nounWords(noun)}</dt>,
          <dd key={`${noun}.`}>{actions.map(verbOf).join(', ')}</dd>,
        ])}
      </dl>
    </Panel>
  )
}

function Delete({ name, title }: { name: string; title: string }) {
  const [opened, setOpened] = useDisclosure(false)
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: () => remove(`/custom-roles/${name}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: setOpened.close,
  })
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={setOpened.open}>
        Delete
      </Button>
      <Confirm
        opened={opened}
        onClose={setOpened.close}
        title={`Delete the role ${title}?`}
        act="Delete"
        busy={forget.isPending}
        onConfirm={() => forget.mutate()}
      >
        Only a role that nobody holds can be deleted.
      </Confirm>
    </>
  )
}

const namePattern = '[a-z][a-z0-9\\-]{0,62}'

function MakeRole({ onDone }: { onDone: () => void }) {
  const { data } = useSuspenseQuery(rolesQuery)
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const [description, setDescription] = useState('')
  const [actions, setActions] = useState<readonly string[]>([])
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () => put('/custom-roles', { scope: '/', name, spec: { title, description, actions } }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('The role is made')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group grow align="flex-start">
          <TextInput
            label="Title"
            value={title}
            onChange={({ target }) => setTitle(target.value)}
            maxLength={120}
            required
            data-autofocus
          />
          <TextInput
            label="Name"
            description="Lowercase letters, digits and dashes"
            value={name}
            onChange={({ target }) => setName(target.value)}
            pattern={namePattern}
            required
          />
        </Group>
        <Textarea
          label="What it is for"
          value={description}
          onChange={({ target }) => setDescription(target.value)}
          maxLength={500}
          autosize
          required
        />
        <Acts all={data.actions} chosen={actions} onChange={setActions} />
        <Text size="sm" c="dimmed">
          A role can hold no act that you do not hold yourself.
        </Text>
        <Fault error={make.error} />
        <Button type="submit" loading={make.isPending} disabled={actions.length === 0} style={{ alignSelf: 'flex-end' }}>
          Make the role{actions.length > 0 && ` of ${counted(actions.length, 'act')}`}
        </Button>
      </Stack>
    </form>
  )
}

type ActsProps = { all: readonly string[]; chosen: readonly string[]; onChange: (chosen: readonly string[]) => void }

function Acts({ all, chosen, onChange }: ActsProps) {
  const toggle = (actions: readonly string[], on: boolean) =>
    onChange(on ? [...new Set([...chosen, ...actions])] : chosen.filter((action) => !actions.includes(action)))
  return (
    <div className={css.choices} role="group" aria-label="Acts">
      {[...byNoun(all)].map(([noun, actions]) => (
        <fieldset key={noun} className={css.choice}>
          <legend>
            <Checkbox
              label={nounWords(noun)}
              checked={actions.every((action) => chosen.includes(action))}
              indeterminate={
                actions.some((action) => chosen.includes(action)) && !actions.every((action) => chosen.includes(action))
              }
              onChange={({ target }) => toggle(actions, target.checked)}
            />
          </legend>
          {actions.map((action) => (
            <Checkbox
              key={action}
              size="xs"
              label={verbOf(action)}
              aria-label={action}
              checked={chosen.includes(action)}
              onChange={({ target }) => toggle([action], target.checked)}
            />
          ))}
        </fieldset>
      ))}
    </div>
  )
}

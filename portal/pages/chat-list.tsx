import { ActionIcon, Button, Menu, Modal, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDots, IconPencil, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { patch, remove } from '../api/client.ts'
import { conversations } from '../api/queries.ts'
import type { Conversation } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Fault, tellFailure } from './failure.tsx'
import css from './chat.module.css'

const searchPauseMs = 250

export function Conversations({ active }: { active: string | undefined }) {
  const [text, setText] = useState('')
  const [q] = useDebouncedValue(text, searchPauseMs)
  const { data } = useQuery({ ...conversations(q.trim()), placeholderData: (old) => old })
  const items = data?.items ?? []
  return (
    <>
      <div className={css.listHead}>
        <Button component={Link} to="/chat" variant="default" leftSection={<IconPlus size={16} />} justify="flex-start">
          New conversation
        </Button>
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder="Search"
          aria-label="Search conversations"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <ul className={css.items}>
        {items.length === 0 && data && (
          <li className={css.age}>{q ? 'Nothing found' : 'Your conversations appear here. Only you can read them.'}</li>
        )}
        {items.map((item, at) => (
          <Item
            key={item.id}
            item={item}
            active={item.id === active}
            age={ageOf(item) === ageOf(items[at - 1]) ? undefined : ageOf(item)}
          />
        ))}
      </ul>
    </>
  )
}

const dayMs = 86_400_000
const ageOf = (item: Conversation | undefined): string | undefined => {
  if (!item) return undefined
  const days = Math.floor((new Date().setHours(24, 0, 0, 0) - Date.parse(item.updatedAt)) / dayMs)
  return days <= 0 ? 'Today' : days === 1 ? 'Yesterday' : days < 7 ? 'Last seven days' : days < 30 ? 'Last thirty days' : 'Older'
}

function Item({ item, active, age }: { item: Conversation; active: boolean; age: string | undefined }) {
  const [act, setAct] = useState<'rename' | 'delete'>()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const forget = useMutation({
    mutationFn: () => remove(`/conversations/${item.id}`),
    onSuccess: async () => {
      setAct(undefined)
      await queries.invalidateQueries({ queryKey: ['conversations', 'list'] })
      if (active) await navigate({ to: '/chat/{-$id}', params: { id: undefined } })
    },
    onError: tellFailure,
  })
  return (
    <>
      {age && <li className={css.age}>{age}</li>}
      <li className={css.item} {...(active ? { 'data-active': true } : {})}>
        <Link to="/chat/{-$id}" params={{ id: item.id }} title={item.title} aria-current={active ? 'page' : undefined}>
          {item.title || 'Untitled'}
        </Link>
        <Menu position="bottom-end" width={150}>
          <Menu.Target>
            <ActionIcon size={26} mr={4} aria-label={`Actions for ${item.title}`}>
              <IconDots size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setAct('rename')}>
              Rename
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setAct('delete')}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Modal opened={act === 'rename'} onClose={() => setAct(undefined)} title="Rename conversation">
          <Rename item={item} onDone={() => setAct(undefined)} />
        </Modal>
        <Confirm
          opened={act === 'delete'}
          onClose={() => setAct(undefined)}
          title="Delete this conversation?"
          act="Delete"
          busy={forget.isPending}
          onConfirm={() => forget.mutate()}
        >
          Its messages are erased. The log keeps that questions were asked and answered, not what they said.
        </Confirm>
      </li>
    </>
  )
}

function Rename({ item, onDone }: { item: Conversation; onDone: () => void }) {
  const [title, setTitle] = useState(item.title)
  const queries = useQueryClient()
  const rename = useMutation({
    mutationFn: () => patch(`/conversations/${item.id}`, { title: title.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['conversations'] })
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    rename.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Title"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={80}
          required
          data-autofocus
        />
        <Fault error={rename.error} />
        <Button type="submit" loading={rename.isPending} style={{ alignSelf: 'flex-end' }}>
          Rename
        </Button>
      </Stack>
    </form>
  )
}

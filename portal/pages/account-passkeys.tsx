import { Button, Modal, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFingerprint, IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post, remove } from '../api/client.ts'
import { createPasskey, passkeyDismissed, passkeyHindrance } from '../api/passkeys.ts'
import { passkeys } from '../api/queries.ts'
import type { Passkey } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Notice } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'

export function Passkeys() {
  const { data } = useSuspenseQuery(passkeys)
  const [adding, setAdding] = useDisclosure(false)
  const [chosen, setChosen] = useState<Passkey>()
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: (id: string) => remove(`/me/passkeys/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['passkeys'] }),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  return (
    <Panel
      title="Passkeys"
      flush
      actions={
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={setAdding.open}>
          Add passkey
        </Button>
      }
    >
      <Table
        label="Passkeys"
        rows={data.items}
        rowKey={({ id }) => id}
        columns={{
          Name: ({ name }) => name,
          Kept: ({ synced }) => (synced ? 'synced by its maker' : 'on one device'),
          Added: ({ createdAt }) => <Time at={createdAt} />,
          'Last used': ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} /> : 'never'),
        }}
        end={(passkey) => (
          <Button variant="default" size="compact-sm" onClick={() => setChosen(passkey)} aria-label={`Remove ${passkey.name}`}>
            Remove
          </Button>
        )}
        empty={
          <Empty icon={<IconFingerprint size={20} />} title="No passkeys">
            A passkey cannot be guessed, phished or forgotten. Add one to sign in with a touch.
          </Empty>
        }
      />
      <Modal opened={adding} onClose={setAdding.close} title="Add a passkey">
        <Add onDone={setAdding.close} />
      </Modal>
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={`Remove ${chosen?.name}?`}
        act="Remove"
        busy={forget.isPending}
        onConfirm={() => chosen && forget.mutate(chosen.id)}
      >
        You can no longer sign in with it. Remove it from your device as well.
      </Confirm>
    </Panel>
  )
}

function Add({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const queries = useQueryClient()
  const hindrance = passkeyHindrance()
  const add = useMutation({
    mutationFn: async () =>
      post('/me/passkeys', { name: name.trim(), response: await createPasskey('/me/passkeys/options', {}) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['passkeys'] })
      tell('The passkey is added')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="So that you know it again."
          placeholder="Work laptop"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          data-autofocus
        />
        {hindrance && <Notice tone="warn">{hindrance}</Notice>}
        {passkeyDismissed(add.error) ? <Notice role="status">No passkey was made.</Notice> : <Fault error={add.error} />}
        <Button type="submit" loading={add.isPending} disabled={hindrance !== undefined} style={{ alignSelf: 'flex-end' }}>
          Continue
        </Button>
      </Stack>
    </form>
  )
}

import { Button } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { remove } from '../api/client.ts'
import type { Key } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Empty } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { tellFailure } from './failure.tsx'

const tones = { active: 'good', expired: 'warn', revoked: 'plain' } as const
const words = { active: 'Active', expired: 'Expired', revoked: 'Revoked' }

export function KeyTable({ keys, action }: { keys: Key[]; action?: ReactNode }) {
  const [chosen, setChosen] = useState<Key>()
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: (id: string) => remove(`/keys/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  return (
    <>
      <Table
        label="API keys"
        rows={keys}
        rowKey={({ id }) => id}
        columns={{
          Name: ({ name, hint }) => (
            <span>
              <b style={{ fontWeight: 550 }}>{name}</b> <code style={{ color: 'var(--hf-muted)' }}>{hint}</code>
            </span>
          ),
          May: ({ actions }) => actions?.join(', ') ?? 'all that its owner may',
          Where: ({ scope }) => scope ?? 'everywhere',
          State: ({ state }) => <State tone={tones[state]}>{words[state]}</State>,
          Expires: ({ expiresAt }) => <Time at={expiresAt} />,
          'Last used': ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} /> : 'never'),
        }}
        end={(key) =>
          key.state === 'active' && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(key)}>
              Revoke
            </Button>
          )
        }
        empty={
          <Empty icon={<IconKey size={20} />} title="No keys" action={action}>
            A key lets a program act with your rights, or with fewer.
          </Empty>
        }
      />
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={`Revoke ${chosen?.name}?`}
        act="Revoke"
        busy={revoke.isPending}
        onConfirm={() => chosen && revoke.mutate(chosen.id)}
      >
        Programs that use it are refused from their next request on. This cannot be undone.
      </Confirm>
    </>
  )
}

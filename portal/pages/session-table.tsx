import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { remove } from '../api/client.ts'
import type { SessionItem } from '../api/types.ts'
import { Empty } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { tellFailure } from './failure.tsx'

export function SessionTable({ sessions }: { sessions: SessionItem[] }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: (id: string) => remove(`/sessions/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
    onError: tellFailure,
  })
  return (
    <Table
      label="Sessions"
      rows={sessions}
      rowKey={({ id }) => id}
      columns={{
        Where: ({ userAgent, current }) => (
          <span>
            {deviceOf(userAgent)} {current && <Tag tone="accent">this one</Tag>}
          </span>
        ),
        Address: ({ address }) => address,
        'Signed in': ({ createdAt }) => <Time at={createdAt} />,
        'Last seen': ({ lastSeenAt }) => <Time at={lastSeenAt} />,
        By: ({ factors }) => factors.join(' and '),
      }}
      end={(session) =>
        !session.current && (
          <Button
            variant="default"
            size="compact-sm"
            loading={end.isPending && end.variables === session.id}
            onClick={() => end.mutate(session.id)}
          >
            Sign out
          </Button>
        )
      }
      empty={<Empty title="No open sessions" />}
    />
  )
}

const deviceOf = (agent: string): string => {
  const browser = /Edg|Firefox|Chrome|Safari|curl|node/i.exec(agent)?.[0]?.replace('Edg', 'Edge')
  const system = /Android|iPhone|iPad|Windows|Macintosh|Linux/.exec(agent)?.[0]?.replace('Macintosh', 'Mac')
  return [browser ?? (agent.slice(0, 40) || 'Unknown'), system].filter(Boolean).join(' on ')
}

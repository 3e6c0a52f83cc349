// What became of each thing a remediation came to.
import { Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { remediation } from '../api/queries.ts'
import { Empty } from '../ui/page.tsx'
import { Tag, type Tone } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault } from './failure.tsx'

const tones: Record<string, Tone> = { rewritten: 'good', locked: 'warn', refused: 'bad', 'set-aside': 'warn' }

export function RemediationOutcomes({ id }: { id: string }) {
  const { data, error } = useQuery(remediation(id))
  if (error) return <Fault error={error} />
  if (!data) return <Loader size="sm" aria-label="Loading" />
  return (
    <Table
      label="Outcomes"
      rows={data.outcomes}
      rowKey={({ resource }) => resource.id}
      columns={{
        What: ({ resource }) => (
          <Link to="/inventory/$kind/$id" params={{ kind: resource.kind, id: resource.id }} search={{ tab: 'history' }}>
            {resource.name}
          </Link>
        ),
        Kind: ({ resource }) => resource.kind,
        Outcome: ({ state }) => <Tag tone={tones[state] ?? 'plain'}>{state}</Tag>,
        Because: ({ explanation }) => explanation ?? '',
        When: ({ at }) => <Time at={at} />,
      }}
      empty={<Empty title="It has come to nothing yet" />}
    />
  )
}

import { Button, Group, Loader, Select } from '@mantine/core'
import { IconClipboardCheck, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { post } from '../api/client.ts'
import { useAssignables } from '../api/guardrails.ts'
import { compliance, complianceHistory } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Compliance } from '../api/types.ts'
import { count, counted, decimal } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Parts } from '../ui/parts.tsx'
import { Notice, Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { colours, partsOf, shareCompliant, states, totalOf } from './compliance-state.tsx'
import css from './compliance.module.css'
import { useAssignmentTitles } from './exemptions.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { ScopePicker } from './scope-picker.tsx'

const Trend = lazy(() => import('../ui/trend.tsx'))

export function ComplianceDashboard() {
  const { scope = '/', initiative } = useSearch({ strict: false })
  const navigate = useNavigate()
  const asked = { ...(scope === '/' ? {} : { scope }), ...(initiative ? { initiative } : {}) }
  const { data, error } = useQuery(compliance(asked))
  const { all } = useAssignables()
  const look = (next: { scope?: string; initiative?: string | undefined }) =>
    navigate({
      to: '/compliance',
      search: (now: Record<string, string | undefined>) => ({ ...now, ...next }),
      replace: true,
    })
  if (error) return <Fault error={error} />
  if (!data) return <Loader size="sm" aria-label="Counting" />
  return (
    <div className={css.stack}>
      <Group gap="sm" align="flex-end">
        <ScopePicker label="Where" value={scope} onChange={(path) => look({ scope: path === '/' ? '' : path })} />
        <Select
          label="Initiative"
          placeholder="Everything assigned"
          data={[...new Set(data.initiatives.map((one) => one.initiative))].map((ref) => ({
            value: ref,
            label: all.find((one) => one.ref === ref)?.title ?? ref,
          }))}
          value={initiative ?? null}
          onChange={(ref) => look({ initiative: ref ?? undefined })}
          clearable
        />
        <Sweep of={data.sweep} />
      </Group>
      {totalOf(data.resources) === 0 ? <NothingYet /> : <Standing of={data} asked={asked} />}
    </div>
  )
}

function NothingYet() {
  return (
    <Panel>
      <Empty
        icon={<IconClipboardCheck size={20} />}
        title="Nothing is judged here yet"
        action={
          <Button component={Link} to="/guardrails?tab=initiatives" variant="default">
            Choose what must hold
          </Button>
        }
      >
        Assign an initiative as a dry run: within moments this page says how far the site is from it.
      </Empty>
    </Panel>
  )
}

function Standing({ of, asked }: { of: Compliance; asked: object }) {
  const share = shareCompliant(of.resources)
  return (
    <>
      <div className={css.top}>
        <Panel title="Resources, by the worst of their verdicts">
          <p className={css.share}>
            <b>{share === undefined ? '–' : `${decimal(Math.floor(share * 1000) / 10)} %`}</b> of{' '}
            {counted(totalOf(of.resources), 'resource')} compliant
          </p>
          <Parts label="Resources" parts={partsOf(of.resources)} />
          {of.oldestAt && (
            <p className={css.note}>
              No verdict that counts is older than <Time at={of.oldestAt} />.
            </p>
          )}
        </Panel>
        <OverTime asked={asked} />
      </div>
      <ByPlace of={of} />
      <ByGuardrail of={of} />
    </>
  )
}

function OverTime({ asked }: { asked: object }) {
  const { data } = useQuery(complianceHistory(asked))
  return (
    <Panel title="Over the last 30 days">
      {!data || data.items.length === 0 ? (
        <Empty title="No points yet">One is kept every few minutes while there is something to judge.</Empty>
      ) : (
        <Suspense fallback={<div style={{ height: 220 }} />}>
          <Trend points={data.items} series={states.map((name) => ({ name, color: colours[name] }))} />
        </Suspense>
      )}
    </Panel>
  )
}

function ByPlace({ of }: { of: Compliance }) {
  if (of.scopes.every(({ scope }) => scope === of.scope)) return null
  return (
    <Panel title="By place" flush>
      <Table
        label="By place"
        rows={of.scopes}
        rowKey={({ scopeId }) => scopeId}
        columns={{
          Where: ({ scope }) => (
            <Link to="/compliance" search={{ scope }}>
              {scope === of.scope && scope === '/' ? 'The organisation itself' : scope}
            </Link>
          ),
          Standing: ({ scope, resources }) => (
            <div className={css.bar}>
              <Parts label={scope} parts={partsOf(resources)} legend={false} />
            </div>
          ),
          'Not compliant': ({ resources }) => count(resources['non-compliant']),
          Of: ({ resources }) => count(totalOf(resources)),
        }}
        empty={null}
      />
    </Panel>
  )
}

function ByGuardrail({ of }: { of: Compliance }) {
  const titleOf = useAssignmentTitles()
  const rows = of.assignments
    .flatMap(({ assignment, guardrails }) => guardrails.map((each) => ({ assignment, ...each })))
    .sort((a, b) => b.verdicts['non-compliant'] - a.verdicts['non-compliant'])
  return (
    <Panel title="By guardrail" note={counted(rows.length, 'guardrail')} flush>
      <Table
        label="By guardrail"
        rows={rows}
        rowKey={({ assignment, guardrail }) => `${assignment} ${guardrail}`}
        columns={{
          Guardrail: ({ assignment, guardrail, title }) => (
            <Link to="/compliance" search={{ tab: 'verdicts', assignment, guardrail }}>
              {title}
            </Link>
          ),
          'Assigned as': ({ assignment }) => titleOf(assignment),
          Effect: ({ effect, enforced }) => (
            <>
              {effect} {!enforced && <Tag tone="warn">dry run</Tag>}
            </>
          ),
          Standing: ({ title, verdicts }) => (
            <div className={css.bar}>
              <Parts label={title} parts={partsOf(verdicts)} legend={false} />
            </div>
          ),
          'Not compliant': ({ verdicts }) => count(verdicts['non-compliant']),
          Of: ({ verdicts }) => count(totalOf(verdicts)),
        }}
        empty={<Empty title="Nothing is assigned here" />}
      />
    </Panel>
  )
}

function Sweep({ of }: { of: Compliance['sweep'] }) {
  const may = useMay()
  const queries = useQueryClient()
  const sweep = useMutation({
    mutationFn: () => post('/compliance/sweep', {}),
    onSuccess: () => {
      tell('Everything is judged again')
      return queries.invalidateQueries({ queryKey: ['compliance'] })
    },
    onError: tellFailure,
  })
  return (
    <Group gap="sm" style={{ marginLeft: 'auto' }}>
      {of.running ? (
        <Notice role="status">{counted(of.seen, 'thing')} judged in this round</Notice>
      ) : (
        of.finishedAt && (
          <span className={css.note}>
            All judged <Time at={of.finishedAt} />
          </span>
        )
      )}
      {may('compliance.sweep') && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={sweep.isPending}
          disabled={of.running}
          onClick={() => sweep.mutate()}
        >
          Judge all again
        </Button>
      )}
    </Group>
  )
}

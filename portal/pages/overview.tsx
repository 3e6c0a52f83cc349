// What runs, how it is, what expires.
import { Skeleton } from '@mantine/core'
import { IconCalendarCheck, IconChartBar, IconCpu } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { overview } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Overview } from '../api/types.ts'
import { bytes, count, counted } from '../ui/format.ts'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { State, Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { DeploymentState } from './deployment-state.tsx'
import css from './overview.module.css'

const UsageChart = lazy(() => import('../ui/chart.tsx'))
const tones = { ok: 'good', warn: 'warn', fail: 'bad' } as const
const words = { ok: 'Well', warn: 'Needs a look', fail: 'Broken' }
const soonMs = 14 * 86_400_000

export function OverviewPage() {
  const { data } = useSuspenseQuery(overview)
  const worst = (['fail', 'warn', 'ok'] as const).find((state) => data.checks.some((check) => check.state === state)) ?? 'ok'
  const faults = data.checks.filter(({ state }) => state !== 'ok').length
  return (
    <Page
      title="Overview"
      lead={
        <>
          {data.site.name} runs Holdfast {data.site.version}, started <Time at={data.site.startedAt} />.
        </>
      }
      actions={
        <Tag tone={tones[worst]}>
          {worst === 'ok' ? 'All is well' : `${counted(faults, 'check')} ${faults === 1 ? 'needs' : 'need'} a look`}
        </Tag>
      }
    >
      <Counts counts={data.counts} />
      <div className={css.two}>
        <div className={css.column}>
          <Running deployments={data.deployments} />
          <Usage usage={data.usage} />
          <Expiring expires={data.expires} now={data.site.now} />
        </div>
        <div className={css.column}>
          <Checks checks={data.checks} />
          <Log log={data.log} />
          <Storage storage={data.storage} />
        </div>
      </div>
    </Page>
  )
}

const tiles = [
  { key: 'deployments', label: 'Deployments', to: '/deployments', needs: 'deployment.read' },
  { key: 'models', label: 'Models', to: '/models', needs: 'model.read' },
  { key: 'people', label: 'People', to: '/people', needs: 'user.read' },
  { key: 'groups', label: 'Groups', to: '/groups', needs: 'group.read' },
  { key: 'projects', label: 'Projects', to: '/scopes', needs: 'project.read' },
  { key: 'keys', label: 'API keys', to: '/keys', needs: 'key.read' },
] as const

function Counts({ counts }: { counts: Overview['counts'] }) {
  const may = useMayPerhaps()
  return (
    <nav className={css.tiles} aria-label="Counts">
      {tiles
        .filter(({ needs }) => may(needs))
        .map(({ key, label, to }) => (
          <Link key={key} to={to} className={css.tile}>
            <span className={css.value}>{count(counts[key])}</span>
            <span className={css.label}>{label}</span>
          </Link>
        ))}
    </nav>
  )
}

function Running({ deployments }: { deployments: Overview['deployments'] }) {
  return (
    <Panel title="What runs" flush>
      <Table
        label="Deployments"
        rows={deployments}
        rowKey={({ id }) => id}
        columns={{
          Deployment: ({ name, scope }) => (
            <>
              <Link to="/deployments" style={{ fontWeight: 550 }}>
                {name}
              </Link>
              {scope !== '/' && <span className={css.detail}> {scope}</span>}
            </>
          ),
          Model: ({ model }) => model,
          State: ({ state, message }) => <DeploymentState state={state} message={message} />,
          Load: ({ running, waiting }) => `${count(running)} running, ${count(waiting)} waiting`,
        }}
        empty={
          <Empty
            icon={<IconCpu size={20} />}
            title="Nothing runs yet"
            action={<Link to="/deployments">Create a deployment</Link>}
          >
            A deployment puts a model to work, here and for every OpenAI client.
          </Empty>
        }
      />
    </Panel>
  )
}

function Usage({ usage }: { usage: Overview['usage'] }) {
  const calls = usage.reduce((sum, hour) => sum + hour.calls, 0)
  const tokens = usage.reduce((sum, hour) => sum + hour.promptTokens + hour.completionTokens, 0)
  return (
    <Panel title="Use in the last 24 hours" note={calls > 0 && `${counted(calls, 'call')}, ${counted(tokens, 'token')}`}>
      {calls === 0 ? (
        <Empty icon={<IconChartBar size={20} />} title="No calls yet" action={<Link to="/chat/{-$id}">Ask something</Link>}>
          Each call is counted from its record in the log.
        </Empty>
      ) : (
        <Suspense fallback={<Skeleton h={200} />}>
          <UsageChart hours={usage} />
        </Suspense>
      )}
    </Panel>
  )
}

function Expiring({ expires, now }: { expires: Overview['expires']; now: string }) {
  return (
    <Panel title="What expires" note="within 90 days" flush>
      <Table
        label="What expires"
        rows={expires}
        rowKey={({ id, kind }) => `${kind}${id}`}
        columns={{
          What: ({ what }) => what,
          When: ({ at }) => <Time at={at} />,
          '': ({ at }) => Date.parse(at) - Date.parse(now) < soonMs && <Tag tone="warn">soon</Tag>,
        }}
        empty={<Empty icon={<IconCalendarCheck size={20} />} title="Nothing expires soon" />}
      />
    </Panel>
  )
}

function Checks({ checks }: { checks: Overview['checks'] }) {
  return (
    <Panel title="How it is" flush>
      <ul className={css.checks}>
        {checks.map(({ name, state, detail }) => (
          <li key={name}>
            <State tone={tones[state]}>{name}</State>
            <span className={css.detail}>
              {state !== 'ok' && <b>{words[state]}: </b>}
              {detail}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Log({ log }: { log: Overview['log'] }) {
  const may = useMayPerhaps()
  return (
    <Panel title="Audit log" actions={may('audit.read') && <Link to="/audit">Open</Link>}>
      <Facts
        of={{ Entries: count(log.size), 'Signed checkpoint': log.checkpointAt ? <Time at={log.checkpointAt} /> : 'none yet' }}
      />
    </Panel>
  )
}

const fullShare = 0.9

function Storage({ storage }: { storage: Overview['storage'] }) {
  const share = storage.diskTotalBytes === 0 ? 0 : 1 - storage.diskFreeBytes / storage.diskTotalBytes
  return (
    <Panel title="Storage">
      <Facts
        of={{
          Models: bytes(storage.blobsBytes),
          Database: bytes(storage.databaseBytes),
          'Free on disk': bytes(storage.diskFreeBytes),
        }}
      />
      <div className={css.barTrack} role="img" aria-label={`${Math.round(share * 100)} % of the disk is used`}>
        <div
          className={css.bar}
          data-tone={share > fullShare ? 'warn' : undefined}
          style={{ width: `${Math.round(share * 100)}%` }}
        />
      </div>
      <span className={css.detail}>
        {Math.round(share * 100)} % of {bytes(storage.diskTotalBytes)} used
      </span>
    </Panel>
  )
}

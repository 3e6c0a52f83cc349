// One resource of any kind: what it is, what it is wanted to be, how it came to be so, and what leans on it.
import { Tabs } from '@mantine/core'
import { IconHistory, IconTopologyStar3 } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { graph as graphQuery, resource as resourceQuery, revisions } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { AnyResource, Revision } from '../api/types.ts'
import { Mono } from '../ui/copy.tsx'
import { Difference } from '../ui/difference.tsx'
import { Graph } from '../ui/graph.tsx'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Notice, Tag } from '../ui/state.tsx'
import { Time } from '../ui/time.tsx'
import { Attestations } from './attestations.tsx'
import { Classification, Criticality } from './classification.tsx'
import { Transitions } from './compliance-transitions.tsx'
import { Verdicts } from './compliance-verdicts.tsx'
import { Fault } from './failure.tsx'
import css from './inventory.module.css'
import { usePrincipalNames } from './principal-picker.tsx'

const tabs = ['state', 'verdicts', 'history', 'graph'] as const

export function ResourcePage() {
  const { kind, id } = useParams({ from: '/inside/inventory/$kind/$id' })
  const { tab } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMayPerhaps()
  const { data } = useSuspenseQuery(resourceQuery(id))
  const shown = tabs.find((each) => each === tab) ?? 'state'
  if (!data)
    return (
      <Page title="Not there any more" back={{ to: '/inventory', label: 'Inventory' }}>
        <Panel title="What it was">
          <History kind={kind} id={id} />
        </Panel>
        {may('compliance.read') && <Transitions of={{ resource: id }} title="What became of its verdicts" />}
      </Page>
    )
  return (
    <Page title={data.name} lead={`A ${data.kind} at ${data.scope}`} back={{ to: '/inventory', label: 'Inventory' }}>
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({ to: '/inventory/$kind/$id', params: { kind, id }, search: { tab: next ?? undefined }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="state">What it is</Tabs.Tab>
          {may('compliance.read') && <Tabs.Tab value="verdicts">Verdicts</Tabs.Tab>}
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="graph">What depends on what</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="state">
          <Present of={data} />
        </Tabs.Panel>
        <Tabs.Panel value="verdicts">
          <div className={css.stack}>
            <Verdicts of={{ resource: id }} />
            <Attestations of={{ resource: id }} title="What people vouched for" />
            <Transitions of={{ resource: id }} title="What became what" />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <Panel title="Every state it had, newest first">
            <History kind={kind} id={id} />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="graph">
          <Dependencies id={id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Present({ of }: { of: AnyResource }) {
  const nameOf = usePrincipalNames()
  return (
    <div className={css.two}>
      <Panel title="About it">
        <Facts
          of={{
            Kind: of.kind,
            Where: of.scope,
            Id: <Mono>{of.id}</Mono>,
            Owner: nameOf(of.owner),
            Classification: <Classification of={of.effectiveClassification} />,
            Criticality: (
              <>
                <Criticality of={of.effectiveCriticality} />
                {of.criticality !== of.effectiveCriticality && of.effectiveCriticality !== 'low' && ' from what depends on it'}
              </>
            ),
            Labels: Object.entries(of.labels).map(([key, value]) => <Tag key={key}>{`${key}=${String(value)}`}</Tag>),
            Generation: String(of.generation),
            Created: <Time at={of.createdAt} />,
            Changed: <Time at={of.updatedAt} />,
          }}
        />
      </Panel>
      <Panel title="What is wanted">
        <Json of={of.spec} />
      </Panel>
      {of.status && (
        <Panel title="What is">
          <Json of={of.status} />
        </Panel>
      )}
    </div>
  )
}

const Json = ({ of }: { of: unknown }) => (
  <pre className={css.json} tabIndex={0}>
    {JSON.stringify(of, null, 2)}
  </pre>
)

const told = ({ name, labels, classification, criticality, dependsOn, spec }: Revision) => ({
  name,
  labels,
  classification,
  criticality,
  dependsOn,
  spec,
})

function History({ kind, id }: { kind: string; id: string }) {
  const { data, error } = useQuery(revisions(kind, id))
  const nameOf = usePrincipalNames()
  if (error) return <Fault error={error} />
  if (!data) return <div style={{ height: 160 }} />
  if (data.items.length === 0) return <Empty icon={<IconHistory size={20} />} title="No history" />
  return (
    <div>
      {data.items.map((revision, i) => {
        const before = data.items[i + 1]
        return (
          <article key={revision.generation} className={css.state}>
            <div className={css.who}>
              <b>{revision.change}</b>
              <span>by {nameOf(revision.actor)}</span>
              <Time at={revision.at} />
              <Tag>generation {revision.generation}</Tag>
            </div>
            {revision.reason && <p className={css.why}>{revision.reason}</p>}
            {revision.change !== 'deleted' && (
              <Difference before={before && told(before)} after={told(revision)} empty="It was moved, or set again as it was." />
            )}
          </article>
        )
      })}
    </div>
  )
}

function Dependencies({ id }: { id: string }) {
  const { data, error } = useQuery(graphQuery(id))
  if (error) return <Fault error={error} />
  if (!data) return <div style={{ height: 240 }} />
  if (data.nodes.length < 2)
    return (
      <Panel>
        <Empty icon={<IconTopologyStar3 size={20} />} title="Nothing depends on it, and it depends on nothing">
          Say what it needs with <code>dependsOn</code> in its file; a deployment names its model by itself.
        </Empty>
      </Panel>
    )
  return (
    <Panel title="What depends on what" note="left: what needs it; right: what it needs">
      <Graph
        label="Dependencies"
        centre={id}
        nodes={data.nodes.map((node) => ({
          id: node.id,
          title: node.name,
          note: `${node.effectiveCriticality} ${node.kind} at ${node.scope}`,
          tone: node.effectiveCriticality === 'mission' ? 'bad' : node.effectiveCriticality === 'high' ? 'warn' : 'plain',
          kind: node.kind,
        }))}
        edges={data.edges}
        link={(node, content) => (
          <Link
            to="/inventory/$kind/$id"
            params={{ kind: data.nodes.find((each) => each.id === node.id)?.kind ?? 'any', id: node.id }}
            search={{ tab: 'graph' }}
          >
            {content}
          </Link>
        )}
      />
      {data.truncated && <Notice tone="warn">There is more than fits here: the picture stops at its limit.</Notice>}
    </Panel>
  )
}

// What became compliant and what no longer is, newest first; also of what is gone.
import { Button, Group } from '@mantine/core'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useAssignables } from '../api/guardrails.ts'
import { complianceTransitions } from '../api/queries.ts'
import type { ComplianceTransition } from '../api/types.ts'
import { More } from '../ui/more.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { ComplianceState, states } from './compliance-state.tsx'
import css from './compliance.module.css'
import { Fault } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'

export function TransitionsTab() {
  const { scope = '/', initiative, assignment } = useSearch({ strict: false })
  const navigate = useNavigate()
  const look = (next: Record<string, string | undefined>) =>
    navigate({
      to: '/compliance',
      search: (now: Record<string, string | undefined>) => ({ ...now, tab: 'changes', ...next }),
      replace: true,
    })
  return (
    <div className={css.stack}>
      <Group gap="sm" align="flex-end">
        <ScopePicker label="Where" value={scope} onChange={(path) => look({ scope: path === '/' ? undefined : path })} />
        {(initiative || assignment) && (
          <Button variant="default" onClick={() => look({ initiative: undefined, assignment: undefined })}>
            {[initiative, assignment].filter(Boolean).join(' · ')} ✕
          </Button>
        )}
      </Group>
      <Transitions of={{ ...(scope === '/' ? {} : { scope }), initiative, assignment }} />
    </div>
  )
}

type Asked = {
  scope?: string | undefined
  initiative?: string | undefined
  assignment?: string | undefined
  resource?: string | undefined
}

export function Transitions({ of, title }: { of: Asked; title?: string }) {
  const list = useInfiniteQuery(complianceTransitions(of))
  const nameOf = usePrincipalNames()
  const titleOf = useGuardrailTitles()
  const one = of.resource !== undefined
  if (list.error) return <Fault error={list.error} />
  return (
    <Panel flush {...(title === undefined ? {} : { title })}>
      <Table
        label="What became what"
        rows={list.data?.pages.flatMap(({ items }) => items) ?? []}
        rowKey={({ seq }) => String(seq)}
        columns={{
          ...(one ? {} : { What: (moved: ComplianceTransition) => <What of={moved} /> }),
          Guardrail: ({ guardrail }) => titleOf(guardrail),
          Became: ({ was, became }) => (
            <span className={css.standing}>
              <Verdict of={was} /> <span aria-label="became">→</span> <Verdict of={became} />
            </span>
          ),
          By: ({ cause, actor }) => (actor === undefined ? causes[cause] : `${causes[cause]} of ${nameOf(actor)}`),
          When: ({ at }) => <Time at={at} />,
        }}
        empty={
          list.isPending ? (
            <div style={{ height: 180 }} />
          ) : (
            <Empty icon={<IconArrowsExchange size={20} />} title="Nothing became different">
              The first verdict on a thing is where its history begins. What changes from then on is told here, with who changed
              it.
            </Empty>
          )
        }
      />
      <More query={list} />
    </Panel>
  )
}

const causes: Record<string, string> = {
  change: 'a change',
  guardrails: 'a change of guardrails',
  attestation: 'an attestation',
  observed: 'what was observed',
}

function What({ of: { resource } }: { of: ComplianceTransition }) {
  return (
    <span>
      <Link to="/inventory/$kind/$id" params={{ kind: resource.kind, id: resource.id }}>
        {resource.name}
      </Link>{' '}
      <span className={css.note}>
        {resource.kind} in {resource.scope}
      </span>{' '}
      {resource.gone && <Tag tone="warn">gone</Tag>}
    </span>
  )
}

function Verdict({ of }: { of: string | undefined }) {
  const state = states.find((each) => each === of)
  return state ? <ComplianceState of={state} /> : <span className={css.note}>no verdict</span>
}

const useGuardrailTitles = (): ((ref: string) => string) => {
  const { all } = useAssignables()
  return (ref) => all.find((one) => one.ref === ref)?.title ?? ref
}

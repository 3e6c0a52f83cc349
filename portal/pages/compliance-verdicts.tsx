// Verdict by verdict: what does not hold of which thing, why, and what could be done about it.
import { Button, Group, Modal, Select } from '@mantine/core'
import { IconClipboardCheck } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { complianceVerdicts } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { ComplianceVerdict } from '../api/types.ts'
import { Countdown } from '../ui/countdown.tsx'
import { More } from '../ui/more.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Attest } from './attest-form.tsx'
import { ComplianceState, states } from './compliance-state.tsx'
import css from './compliance.module.css'
import { useAssignmentTitles } from './exemptions.tsx'
import { Fault } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

const every = 'all'

export function ComplianceVerdicts() {
  const { scope, assignment, guardrail, state: wanted } = useSearch({ strict: false })
  // What is wrong comes first; all there is, when asked for.
  const state = wanted ?? (guardrail || assignment ? undefined : 'non-compliant')
  const navigate = useNavigate()
  const titleOf = useAssignmentTitles()
  const look = (next: Record<string, string | undefined>) =>
    navigate({
      to: '/compliance',
      search: (now: Record<string, string | undefined>) => ({ ...now, tab: 'verdicts', ...next }),
      replace: true,
    })
  return (
    <>
      <Group gap="xs" mb="md">
        <Select
          aria-label="State"
          data={[{ value: every, label: 'Every state' }, ...states.map((each) => ({ value: each, label: each }))]}
          value={state ?? every}
          onChange={(next) => next && look({ state: next })}
          allowDeselect={false}
        />
        {(assignment || guardrail || scope) && (
          <Button variant="default" onClick={() => look({ assignment: undefined, guardrail: undefined, scope: undefined })}>
            {[assignment && titleOf(assignment), guardrail, scope].filter(Boolean).join(' · ')} ✕
          </Button>
        )}
      </Group>
      <Verdicts of={{ scope, assignment, guardrail, state: state === every ? undefined : state }} />
    </>
  )
}

type Asked = {
  scope?: string | undefined
  assignment?: string | undefined
  guardrail?: string | undefined
  state?: string | undefined
  resource?: string | undefined
}

export function Verdicts({ of }: { of: Asked }) {
  const list = useInfiniteQuery(complianceVerdicts(of))
  const may = useMayPerhaps()
  const [chosen, setChosen] = useState<ComplianceVerdict>()
  if (list.error) return <Fault error={list.error} />
  const one = of.resource !== undefined
  return (
    <Panel flush>
      <Table
        label="Verdicts"
        rows={list.data?.pages.flatMap(({ items }) => items) ?? []}
        rowKey={({ resource, assignment, guardrail }) => `${resource.id} ${assignment} ${guardrail}`}
        columns={{
          ...(one ? {} : { What: (verdict: ComplianceVerdict) => <What of={verdict} /> }),
          Guardrail: ({ title, effect, enforced }) => (
            <>
              {title} <Tag>{effect}</Tag> {!enforced && <Tag tone="warn">dry run</Tag>}
            </>
          ),
          State: (verdict) => <Standing of={verdict} />,
          Because: (verdict) => <Because of={verdict} />,
          Judged: ({ judgedAt }) => <Time at={judgedAt} />,
        }}
        end={(verdict) =>
          verdict.effect === 'manual' &&
          may('compliance.attest') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(verdict)}>
              Attest
            </Button>
          )
        }
        empty={
          list.isPending ? (
            <div style={{ height: 180 }} />
          ) : (
            <Empty icon={<IconClipboardCheck size={20} />} title="No verdicts">
              {one ? 'Nothing that is assigned is about this.' : 'Nothing is in this state.'}
            </Empty>
          )
        }
      />
      <More query={list} />
      <Modal opened={chosen !== undefined} onClose={() => setChosen(undefined)} title={chosen?.title ?? ''}>
        {chosen && <Attest of={chosen} onDone={() => setChosen(undefined)} />}
      </Modal>
    </Panel>
  )
}

function What({ of: { resource } }: { of: ComplianceVerdict }) {
  return (
    <>
      <Link to="/inventory/$kind/$id" params={{ kind: resource.kind, id: resource.id }}>
        {resource.name}
      </Link>{' '}
      <span className={css.note}>
        {resource.kind} in {resource.scope}
      </span>
    </>
  )
}

function Standing({ of: { state, was, until } }: { of: ComplianceVerdict }) {
  return (
    <span className={css.standing}>
      <ComplianceState of={state} />
      {was && <span className={css.note}>was {was}</span>}
      {until && <Countdown until={until} />}
    </span>
  )
}

const staleWords: Record<NonNullable<ComplianceVerdict['stale']>, string> = {
  'never-judged': 'It was never judged.',
  'guardrails-changed': 'Guardrails changed since.',
  changed: 'It changed since.',
  'too-old': 'It was judged too long ago.',
}

function Because({ of: { message, stale, attestation } }: { of: ComplianceVerdict }) {
  const nameOf = usePrincipalNames()
  const told = [
    stale && staleWords[stale],
    message,
    attestation && `${nameOf(attestation.actor)}: “${attestation.statement}”`,
  ].filter(Boolean)
  return <>{told.length > 0 ? told.join(' ') : <span className={css.note}>it holds</span>}</>
}

// Asks policy about someone else's decision without making it: why may this person do that there, or why not, and what would change it.
import { Button, Select, Stack } from '@mantine/core'
import { IconHelpCircle } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { post } from '../api/client.ts'
import { roles as rolesQuery } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import type { Explanation } from '../api/types.ts'
import { Empty, Facts, Panel } from '../ui/page.tsx'
import { Mono } from '../ui/copy.tsx'
import { digestShort } from '../ui/format.ts'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { conditionWords } from './condition-words.ts'
import { Fault } from './failure.tsx'
import { PrincipalPicker, usePrincipalNames } from './principal-picker.tsx'
import css from './roles.module.css'
import { ScopePicker } from './scope-picker.tsx'

export function Why() {
  const { person, action = 'deployment.invoke', scope = '/' } = useSearch({ strict: false })
  const { user } = useSession()
  const navigate = useNavigate()
  const { data: roles } = useQuery(rolesQuery)
  const who = person ?? user.id
  const set = (change: { person?: string; action?: string; scope?: string }) =>
    navigate({ to: '/roles', search: { tab: 'why', person, action, scope, ...change }, replace: true })
  const ask = useMutation({ mutationFn: () => post<Explanation>('/why', { principal: who, action, scope }) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  const actions = [...(roles?.actions ?? [])].sort()
  return (
    <div className={css.why}>
      <Panel title="Question">
        <form onSubmit={submit}>
          <Stack gap="sm">
            <PrincipalPicker label="May this person" value={who} onlyPeople onPick={(id) => set({ person: id })} />
            <Select
              label="do this"
              data={actions}
              value={action}
              onChange={(next) => next && set({ action: next })}
              searchable
              allowDeselect={false}
            />
            <ScopePicker label="here" value={scope} onChange={(path) => set({ scope: path })} />
            <Button type="submit" loading={ask.isPending}>
              Ask
            </Button>
          </Stack>
        </form>
      </Panel>
      <div aria-live="polite">
        <Fault error={ask.error} />
        {ask.data ? (
          <Answer told={ask.data} />
        ) : (
          !ask.error && (
            <Panel>
              <Empty icon={<IconHelpCircle size={20} />} title="Ask the policy">
                The answer names the grant and the rule it rests on, or what is missing.
              </Empty>
            </Panel>
          )
        )}
      </div>
    </div>
  )
}

function Answer({ told }: { told: Explanation }) {
  const nameOf = usePrincipalNames()
  return (
    <Panel flush>
      <div className={css.verdict} data-ok={told.allowed}>
        <b>
          {told.allowed ? 'Yes' : 'No'}: {nameOf(told.principal)} {told.allowed ? 'may' : 'may not'} {told.action} at{' '}
          {told.scope.path}
        </b>
        <div>{told.summary.replace(/^(Yes|No): (\w)/, (_, _word, first: string) => first.toUpperCase())}</div>
      </div>
      <div style={{ padding: '8px 16px' }}>
        <Facts
          of={{
            'What would change it': <Flips of={told} />,
            'Rules that decided': told.rules.map(({ title }) => title).join('; ') || 'none allows it',
            'Scopes looked at': told.scopeChain.map(({ path }) => path).join(' ← '),
            'Policy version': <Mono full={told.policyVersion}>{digestShort(told.policyVersion)}</Mono>,
          }}
        />
      </div>
      <Table
        label="Roles held"
        rows={told.grants}
        rowKey={(grant) => grant.id}
        columns={{
          'Role held': ({ role, actions = [] }) => role ?? `denied: ${actions.join(', ')}`,
          Where: ({ path }) => path,
          Through: ({ via }) => (via ? nameOf(via) : 'given directly'),
          'Reaches here': ({ applies }) => <Tag tone={applies ? 'good' : 'plain'}>{applies ? 'yes' : 'no'}</Tag>,
          'Includes the act': ({ gives }) => <Tag tone={gives ? 'good' : 'plain'}>{gives ? 'yes' : 'no'}</Tag>,
          'Holds now': (grant) => <Now of={grant} />,
        }}
        empty={<Empty title="No roles held">Nothing was ever given to this person, directly or through a group.</Empty>}
      />
    </Panel>
  )
}

/** Each line is enough by itself. */
function Flips({ of: { flip, wouldChange } }: { of: Explanation }) {
  if (flip.length === 0) return wouldChange
  return (
    <ul className={css.flips}>
      {flip.map(({ changes }) => {
        const text = changes.map((change) => change.text).join(', and ')
        return <li key={text}>{text}</li>
      })}
    </ul>
  )
}

function Now({ of: { inForce, met, condition, eligible } }: { of: Explanation['grants'][number] }) {
  const holds = inForce && met === 'yes'
  return (
    <>
      <Tag tone={holds ? 'good' : 'plain'}>{holds ? 'yes' : eligible ? 'when activated' : 'no'}</Tag>{' '}
      {condition !== undefined && conditionWords(condition)}
    </>
  )
}

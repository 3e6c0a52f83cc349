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
  const ask = useMutation({ mutationFn: () => post<Explanation>('/why', { principal: who, action, resource: { kind: action.split('.')[0], scope } }) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  const actions = [...new Set(roles?.items.flatMap((role) => role.actions))].sort()
  return (
    <div className={css.why}>
      <Panel title="Question">
        <form onSubmit={submit}>
          <Stack gap="sm">
            <PrincipalPicker label="May this person" value={who} onlyPeople onPick={(id) => set({ person: id })} />
            <Select label="do this" data={actions} value={action} onChange={(next) => next && set({ action: next })} searchable allowDeselect={false} />
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
          <Answer told={ask.data} who={who} action={action} scope={scope} />
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

function Answer({ told, who, action, scope }: { told: Explanation; who: string; action: string; scope: string }) {
  const nameOf = usePrincipalNames()
  return (
    <Panel flush>
      <div className={css.verdict} data-ok={told.allowed}>
        <b>
          {told.allowed ? 'Yes' : 'No'}: {nameOf(who)} {told.allowed ? 'may' : 'may not'} {action} at {scope}
        </b>
        {told.summary && <div>{told.summary}</div>}
        {told.remedy && <div>{told.remedy}</div>}
      </div>
      {told.grants && (
        <Table
          label="Grants looked at"
          rows={told.grants}
          rowKey={(grant) => `${grant.role} ${grant.scope} ${grant.via ?? ''}`}
          columns={{
            Role: ({ role }) => role,
            Where: ({ path, scope: id }) => path ?? id,
            Through: ({ via }) => (via ? nameOf(via) : 'given directly'),
            Allows: ({ allows }) => (allows === undefined ? '–' : <Tag tone={allows ? 'good' : 'plain'}>{allows ? 'this' : 'not this'}</Tag>),
          }}
          empty={<Empty title="No grants reach here" />}
        />
      )}
      <div style={{ padding: '8px 16px 16px' }}>
        <Facts
          of={{
            Rules: told.reasons && told.reasons.length > 0 && told.reasons.join(', '),
            'Scopes looked at': told.chain && told.chain.length > 0 && told.chain.map(({ path }) => path).join(' ← '),
            'Policy version': told.policyVersion && <Mono full={told.policyVersion}>{digestShort(told.policyVersion)}</Mono>,
          }}
        />
      </div>
    </Panel>
  )
}

// Who would gain what, and who would lose what, told before it is done: the site makes the change, compares, and takes it back.
import { Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { whatIf } from '../api/queries.ts'
import type { GainsAndLosses as Effects, Right } from '../api/types.ts'
import { count } from '../ui/format.ts'
import { Notice } from '../ui/state.tsx'
import { Fault } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import css from './roles.module.css'

export type ProposedChange = { documents?: unknown[]; deletions?: string[] }

export function GainsAndLosses({ change }: { change: ProposedChange }) {
  const found = useQuery(whatIf(change))
  if (found.error) return <Fault error={found.error} />
  if (!found.data) return <Loader size="sm" aria-label="Finding out who would gain and who would lose" />
  return <RightsChanged of={found.data} />
}

export function RightsChanged({ of: { gains, loses, truncated } }: { of: Effects }) {
  if (gains.length === 0 && loses.length === 0)
    return <Notice>Nobody’s rights change: whoever this is about may do the same through something else.</Notice>
  return (
    <div className={css.changes} aria-live="polite">
      <Rights title="Gains" sign="+" of={gains} />
      <Rights title="Loses" sign="−" of={loses} />
      {truncated && <Notice tone="warn">There is more than is shown here.</Notice>}
    </div>
  )
}

const shownActions = 12

function Rights({ title, sign, of }: { title: string; sign: string; of: readonly Right[] }) {
  const nameOf = usePrincipalNames()
  const byWho = Map.groupBy(of, ({ principal, scope }) => `${principal}\n${scope}`)
  return [...byWho].map(([key, rights]) => {
    const [principal = '', scope = ''] = key.split('\n')
    const more = rights.length - shownActions
    return (
      <div key={key} className={css.change} data-sign={sign}>
        <div>
          <b>{nameOf(principal)}</b> {title.toLowerCase()} {count(rights.length)} {rights.length === 1 ? 'act' : 'acts'} at{' '}
          {scope}
        </div>
        <div className={css.acts}>
          {rights
            .slice(0, shownActions)
            .map(({ action }) => action)
            .join(', ')}
          {more > 0 && ` and ${count(more)} more`}
        </div>
      </div>
    )
  })
}

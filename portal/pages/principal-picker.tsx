import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { groups as groupsQuery, peopleShort } from '../api/queries.ts'
import { useMay } from '../api/session.ts'

type PrincipalPickerProps = {
  label?: string
  placeholder?: string
  value?: string | null
  without?: string[]
  onlyPeople?: boolean
  onPick: (id: string) => void
}

export function PrincipalPicker({ label, placeholder, value = null, without = [], onlyPeople, onPick }: PrincipalPickerProps) {
  const may = useMay()
  const { data: people } = useQuery({ ...peopleShort, enabled: may('user.read') })
  const { data: groups } = useQuery({ ...groupsQuery, enabled: !onlyPeople && may('group.read') })
  const free = ({ value: id }: { value: string }) => !without.includes(id)
  const data = [
    {
      group: 'People',
      items: (people?.items ?? [])
        .map(({ id, displayName, username }) => ({ value: id, label: `${displayName} (${username})` }))
        .filter(free),
    },
    ...(onlyPeople
      ? []
      : [{ group: 'Groups', items: (groups?.items ?? []).map(({ id, name }) => ({ value: id, label: name })).filter(free) }]),
  ]
  return (
    <Select
      {...(label ? { label } : { 'aria-label': placeholder ?? 'Person' })}
      size={label ? 'sm' : 'xs'}
      w={label ? undefined : 240}
      placeholder={placeholder ?? 'Choose'}
      data={data}
      value={value}
      onChange={(id) => id && onPick(id)}
      searchable
      nothingFoundMessage="No one by that name"
    />
  )
}

/** Names for ids, for those who may read them; otherwise the id itself. */
export const usePrincipalNames = (): ((id: string) => string) => {
  const may = useMay()
  // A question that is refused is a denial in the log; so it is not asked.
  const { data: people } = useQuery({ ...peopleShort, enabled: may('user.read') })
  const { data: groups } = useQuery({ ...groupsQuery, enabled: may('group.read') })
  const names = new Map([
    ...(people?.items ?? []).map(({ id, displayName }) => [id, displayName] as const),
    ...(groups?.items ?? []).map(({ id, name }) => [id, name] as const),
  ])
  return (id) => names.get(id) ?? (id === 'system' ? 'The site itself' : id === 'anonymous' ? 'Not signed in' : id)
}

import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { folders, projects } from '../api/queries.ts'
import { useMayPerhaps, useSession } from '../api/session.ts'

type ScopePickerProps = { value: string; onChange: (path: string) => void; label?: string; description?: string }

/** Every scope one may see, by path; the organisation is `/`. */
export function ScopePicker({ value, onChange, label = 'Scope', description }: ScopePickerProps) {
  return (
    <Select
      label={label}
      description={description}
      data={useScopes()}
      value={value}
      onChange={(path) => path && onChange(path)}
      allowDeselect={false}
      searchable
    />
  )
}

export const useScopes = (): { value: string; label: string }[] => {
  const { organisation } = useSession()
  const may = useMayPerhaps()
  const { data: inFolders } = useQuery({ ...folders, enabled: may('folder.read') })
  const { data: inProjects } = useQuery({ ...projects, enabled: may('project.read') })
  const paths = [...(inFolders?.items ?? []), ...(inProjects?.items ?? [])].map(({ scope, name }) => pathOf(scope, name)).sort()
  return [{ value: '/', label: `${organisation.name} (everything)` }, ...paths.map((path) => ({ value: path, label: path }))]
}

export const pathOf = (scope: string, name: string): string => `${scope === '/' ? '' : scope}/${name}`

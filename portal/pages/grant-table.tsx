import type { ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import { roles as rolesQuery } from '../api/queries.ts'
import type { GrantAt } from '../api/types.ts'
import { Table } from '../ui/table.tsx'

export function GrantTable({ grants, empty }: { grants: GrantAt[]; empty: ReactNode }) {
  const { data: roles } = useQuery(rolesQuery)
  return (
    <Table
      label="Roles"
      rows={grants}
      rowKey={({ role, scope }) => `${role} ${scope}`}
      columns={{
        Role: ({ role }) => roles?.items.find(({ name }) => name === role)?.title ?? role,
        Where: ({ path }) => (path === '/' ? 'The whole organisation' : path),
      }}
      empty={empty}
    />
  )
}

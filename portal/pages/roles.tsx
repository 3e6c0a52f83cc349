// Who may do what, where, bound to what; and what each role is made of.
import { Button, Modal, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMayPerhaps } from '../api/session.ts'
import { Page } from '../ui/page.tsx'
import { Assignments } from './assignments.tsx'
import { Grant } from './grant-form.tsx'
import { Catalogue } from './role-catalogue.tsx'
import { Why } from './why.tsx'

const tabs = ['assignments', 'roles', 'why'] as const

export function RolesPage() {
  const { tab } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMayPerhaps()
  const [granting, setGranting] = useDisclosure(false)
  const shown = tabs.find((each) => each === tab) ?? 'assignments'
  return (
    <Page
      title="Roles"
      lead="Who may do what, and where. A role given at a scope holds for everything below it."
      actions={
        may('role-assignment.apply') && (
          <Button leftSection={<IconPlus size={16} />} onClick={setGranting.open}>
            Grant or deny
          </Button>
        )
      }
    >
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({ to: '/roles', search: { tab: next === 'assignments' ? undefined : (next ?? undefined) }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="assignments">Who has what</Tabs.Tab>
          <Tabs.Tab value="roles">What a role allows</Tabs.Tab>
          {may('policy.explain') && <Tabs.Tab value="why">Why, and why not</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="assignments">
          <Assignments />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <Catalogue />
        </Tabs.Panel>
        <Tabs.Panel value="why">
          <Why />
        </Tabs.Panel>
      </Tabs>
      <Modal opened={granting} onClose={setGranting.close} title="Grant a role, or deny acts" size="lg">
        <Grant onDone={setGranting.close} />
      </Modal>
    </Page>
  )
}

import { Button, Group, SegmentedControl, Stack, TextInput, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { patch } from '../api/client.ts'
import { person, sessions } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Certificates } from './account-certificates.tsx'
import { Passkeys } from './account-passkeys.tsx'
import { Password } from './account-password.tsx'
import { SecondFactor } from './account-second-factor.tsx'
import { Fault, tell } from './failure.tsx'
import { GrantTable } from './grant-table.tsx'
import { SessionTable } from './session-table.tsx'

export function AccountPage() {
  const { user, roles } = useSession()
  const { data: open } = useSuspenseQuery(sessions())
  const { data: me } = useQuery({ ...person(user.id), retry: false })
  return (
    <Page title="Account" lead={`Signed in as ${user.username}.`}>
      <Profile />
      <Passkeys />
      <Certificates />
      <Password has={me?.hasPassword} />
      <SecondFactor has={me?.hasTotp} codesLeft={me?.recoveryCodesLeft} />
      <Panel title="Sessions" flush>
        <SessionTable sessions={open.items} />
      </Panel>
      <Panel title="Your roles" flush>
        <GrantTable grants={roles} empty={<Empty title="No roles yet">Ask an owner for one.</Empty>} />
      </Panel>
      <Theme />
    </Page>
  )
}

function Profile() {
  const { user, organisation } = useSession()
  const [displayName, setDisplayName] = useState(user.displayName)
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => patch('/me', { displayName: displayName.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['session'] })
      tell('Saved')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Panel title="Profile">
      <Stack gap="md">
        <Facts of={{ 'User name': user.username, Organisation: organisation.name }} />
        <form onSubmit={submit}>
          <Group align="flex-end" gap="xs">
            <TextInput
              label="Name"
              value={displayName}
              onChange={(event) => setDisplayName(event.target.value)}
              required
              w={320}
              maw="100%"
            />
            <Button
              type="submit"
              variant="default"
              loading={save.isPending}
              disabled={displayName.trim() === user.displayName || displayName.trim() === ''}
            >
              Save
            </Button>
          </Group>
        </form>
        <Fault error={save.error} />
      </Stack>
    </Panel>
  )
}

function Theme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Panel title="Theme">
      <SegmentedControl
        aria-label="Theme"
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)} // one of the values below
        data={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'auto', label: 'As the system' },
        ]}
      />
    </Panel>
  )
}

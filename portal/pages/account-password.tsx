import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client.ts'
import { Panel } from '../ui/page.tsx'
import { passwordLengthMin } from './credentials.tsx'
import { Fault, tell } from './failure.tsx'

/** `has` is unknown to those who may not read their own record; then the current password may be left empty. */
export function Password({ has }: { has: boolean | undefined }) {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: () => post('/me/password', { password, ...(current ? { current } : {}) }),
    onSuccess: async () => {
      setCurrent('')
      setPassword('')
      await queries.invalidateQueries({ queryKey: ['session'] })
      void queries.invalidateQueries({ queryKey: ['users'] })
      void queries.invalidateQueries({ queryKey: ['sessions'] })
      tell('The password is changed')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Panel title="Password">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {has === false && (
            <Text size="sm" c="dimmed">
              You have none. One is useful where no passkey is at hand.
            </Text>
          )}
          <Group align="flex-end" gap="xs">
            {has !== false && (
              <PasswordInput
                label="Current password"
                value={current}
                onChange={(event) => setCurrent(event.target.value)}
                autoComplete="current-password"
                required={has === true}
                w={240}
                maw="100%"
              />
            )}
            <PasswordInput
              label="New password"
              placeholder={`At least ${passwordLengthMin} characters`}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              autoComplete="new-password"
              required
              w={280}
              maw="100%"
            />
            <Button type="submit" variant="default" loading={change.isPending} disabled={password.length < passwordLengthMin}>
              {has === false ? 'Set password' : 'Change password'}
            </Button>
          </Group>
          <Fault error={change.error} />
        </Stack>
      </form>
    </Panel>
  )
}

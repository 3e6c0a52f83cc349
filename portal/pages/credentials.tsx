// How a new person will sign in: a passkey first, a password as the other way. Used at set-up and by invitation.
import { Button, PasswordInput, Stack } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { createPasskey, passkeyDismissed, passkeyHindrance } from '../api/passkeys.ts'
import { Or } from '../ui/door.tsx'
import { Fault } from './failure.tsx'

type Credential = { passkey: Awaited<ReturnType<typeof createPasskey>>; passkeyName: string } | { password: string }
type CredentialsProps = {
  optionsAt: string
  body: Record<string, string>
  enter: (credential: Credential) => Promise<void>
  valid: () => boolean
}

export const passwordLengthMin = 12

export function Credentials({ optionsAt, body, enter, valid }: CredentialsProps) {
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const hindrance = passkeyHindrance()
  const [byPassword, setByPassword] = useState(hindrance !== undefined)
  const passkey = useMutation({
    mutationFn: async () => enter({ passkey: await createPasskey(optionsAt, body), passkeyName: deviceName() }),
  })
  const secret = useMutation({ mutationFn: () => enter({ password }) })
  const differs = again !== '' && again !== password
  return (
    <Stack gap="sm">
      <Button
        size="md"
        leftSection={<IconFingerprint size={18} />}
        disabled={hindrance !== undefined}
        loading={passkey.isPending}
        onClick={() => valid() && passkey.mutate()}
      >
        Continue with a passkey
      </Button>
      {hindrance && <small style={{ color: 'var(--hf-muted)' }}>{hindrance}</small>}
      {passkeyDismissed(passkey.error) ? (
        <small role="status">No passkey was made. Try again, or choose a password.</small>
      ) : (
        <Fault error={passkey.error} />
      )}
      <Or>or</Or>
      {!byPassword && (
        <Button variant="default" onClick={() => setByPassword(true)}>
          Choose a password
        </Button>
      )}
      {byPassword && (
        <>
          <PasswordInput
            label="Password"
            description={`At least ${passwordLengthMin} characters; a few words are good.`}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="new-password"
          />
          <PasswordInput
            label="Password again"
            value={again}
            onChange={(event) => setAgain(event.target.value)}
            error={differs && 'The two differ'}
            autoComplete="new-password"
          />
          <Fault error={secret.error} />
          <Button
            variant="default"
            disabled={password === '' || password !== again}
            loading={secret.isPending}
            onClick={() => valid() && secret.mutate()}
          >
            Continue with a password
          </Button>
        </>
      )}
    </Stack>
  )
}

/** A first name for the passkey; it can be changed by making another. */
const deviceName = (): string => {
  const system = /Android|iPhone|iPad|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? 'This device'
  return system === 'Macintosh' ? 'Mac' : system
}

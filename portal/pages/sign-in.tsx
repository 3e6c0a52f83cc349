import { Button, Checkbox, PasswordInput, Stack, TextInput } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState, type FormEvent } from 'react'
import { ApiProblem, post } from '../api/client.ts'
import { ownPath } from '../api/own-path.ts'
import { passkeyAutofill, passkeyDismissed, passkeyHindrance, signInWithPasskey } from '../api/passkeys.ts'
import { session, setupState } from '../api/queries.ts'
import { Door, Or } from '../ui/door.tsx'
import { Fault } from './failure.tsx'

export function SignInPage() {
  const { data: site } = useSuspenseQuery(setupState)
  const arrive = useArrival()
  const passkey = useMutation({ mutationFn: () => signInWithPasskey(), onSuccess: arrive })
  useOfferedPasskey(arrive)
  const hindrance = passkeyHindrance()
  return (
    <Door
      title={site.organisation ? `Sign in to ${site.organisation.name}` : 'Sign in'}
      site={site.site.name}
      foot="Nothing on this page comes from, or goes to, anywhere but this site."
    >
      <Button
        fullWidth
        size="md"
        leftSection={<IconFingerprint size={18} />}
        disabled={hindrance !== undefined}
        loading={passkey.isPending}
        onClick={() => passkey.mutate()}
      >
        Sign in with a passkey
      </Button>
      <div style={{ marginTop: 10 }}>
        {hindrance && <small style={{ color: 'var(--hf-muted)' }}>{hindrance}</small>}
        {passkeyDismissed(passkey.error) ? (
          <small role="status">No passkey was used. Try again, or use your password.</small>
        ) : (
          <Fault error={passkey.error} />
        )}
      </div>
      <Or>or with a password</Or>
      <PasswordForm onDone={arrive} />
    </Door>
  )
}

const useArrival = () => {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { next } = useSearch({ strict: false })
  return async () => {
    queries.removeQueries({ queryKey: ['session'] })
    await queries.ensureQueryData(session)
    await navigate({ href: ownPath(next), replace: true })
  }
}

/** Browsers that can offer a passkey inside the name field do so from the start; a person who ignores it loses nothing. */
const useOfferedPasskey = (arrive: () => Promise<void>) => {
  useEffect(() => {
    let gone = false
    const offer = async () => {
      if (!(await passkeyAutofill()) || gone) return
      await signInWithPasskey(true)
      if (!gone) await arrive()
    }
    // A refusal here was not asked for by the person; the button tells it when pressed.
    offer().catch(() => undefined)
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per visit
  }, [])
}

function PasswordForm({ onDone }: { onDone: () => Promise<void> }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [recovery, setRecovery] = useState(false)
  const signIn = useMutation({
    mutationFn: () => post('/session', { username, password, ...(code ? { code: code.trim() } : {}) }),
    onSuccess: onDone,
  })
  const secondAsked = signIn.error instanceof ApiProblem && signIn.error.code === 'second-factor-needed'
  const [second, setSecond] = useState(false)
  if (secondAsked && !second) setSecond(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="User name"
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          required
        />
        {second && (
          <>
            <TextInput
              label={recovery ? 'Recovery code' : 'Code from your authenticator'}
              description={recovery ? 'Each code works once.' : 'Six digits, new every 30 seconds.'}
              value={code}
              onChange={(event) => setCode(event.target.value)}
              autoComplete="one-time-code"
              inputMode={recovery ? 'text' : 'numeric'}
              required
              autoFocus
            />
            <Checkbox
              size="xs"
              label="Use a recovery code instead"
              checked={recovery}
              onChange={(event) => setRecovery(event.target.checked)}
            />
          </>
        )}
        {!(secondAsked && code === '') && <Fault error={signIn.error} />}
        <Button type="submit" variant="default" loading={signIn.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

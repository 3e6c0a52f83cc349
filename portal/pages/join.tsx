import { Stack, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { post } from '../api/client.ts'
import { invitation } from '../api/queries.ts'
import type { InvitationState } from '../api/types.ts'
import { Door } from '../ui/door.tsx'
import { Time } from '../ui/time.tsx'
import { Credentials } from './credentials.tsx'
import { Fault } from './failure.tsx'

/** Where an invited person, or one whose account is being recovered, makes their credentials. */
export function JoinPage() {
  const { token = '' } = useSearch({ strict: false })
  const { data: state, error, isPending } = useQuery({ ...invitation(token), enabled: token !== '' })
  if (token === '')
    return (
      <Door title="An invitation is needed" lead="Open the whole link you were given.">
        <span />
      </Door>
    )
  if (error)
    return (
      <Door title="This invitation does not work" lead="Ask whoever invited you for a new link.">
        <Fault error={error} />
      </Door>
    )
  if (isPending)
    return (
      <Door title="One moment" lead="Looking at your invitation">
        <span />
      </Door>
    )
  return <Joining token={token} state={state} />
}

function Joining({ token, state }: { token: string; state: InvitationState }) {
  const [displayName, setDisplayName] = useState(state.displayName)
  const form = useRef<HTMLFormElement>(null)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const recovering = state.purpose === 'recovery'
  const title = recovering ? 'Recover your account' : `Join ${state.organisation?.name ?? 'this site'}`
  return (
    <Door
      title={title}
      lead={
        <>
          Your user name is <b>{state.username}</b>. The link expires <Time at={state.expiresAt} />.
        </>
      }
    >
      <form ref={form} onSubmit={(event) => event.preventDefault()}>
        <Stack gap="sm">
          {!recovering && (
            <TextInput
              label="Your name"
              value={displayName}
              onChange={(event) => setDisplayName(event.target.value)}
              autoComplete="name"
              required
            />
          )}
          <Credentials
            optionsAt="/invitation/passkey"
            body={{ token }}
            valid={() => form.current?.reportValidity() ?? false}
            enter={async (credential) => {
              await post('/invitation', { token, ...(recovering ? {} : { displayName: displayName.trim() }), ...credential })
              queries.clear()
              await navigate({ to: '/', replace: true })
            }}
          />
        </Stack>
      </form>
    </Door>
  )
}

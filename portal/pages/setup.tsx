import { Button, Stack, TextInput } from '@mantine/core'
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { post } from '../api/client.ts'
import { setupState } from '../api/queries.ts'
import { Door } from '../ui/door.tsx'
import { Credentials } from './credentials.tsx'

/** The first page of a new site: its organisation and its first owner, by the one-time link the server printed. */
export function SetupPage() {
  const { data: state } = useSuspenseQuery(setupState)
  const { token = '' } = useSearch({ strict: false })
  const site = state.site.name
  if (!state.needed)
    return (
      <Door
        title="This site is set up"
        site={site}
        lead={`${state.organisation?.name ?? 'Its organisation'} has an owner. The set-up link works once.`}
      >
        <Button component={Link} to="/sign-in" fullWidth>
          Sign in
        </Button>
      </Door>
    )
  if (token === '')
    return (
      <Door
        title="Set up this site"
        site={site}
        lead="Open the one-time link that was printed where the site was started. It proves that you are the one who started it."
      >
        <small style={{ color: 'var(--hf-muted)' }}>
          Lost it? Stop the site and start it again: each start prints a new link until there is an owner.
        </small>
      </Door>
    )
  return <Founding token={token} site={site} />
}

function Founding({ token, site }: { token: string; site: string }) {
  const [organisation, setOrganisation] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [username, setUsername] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const names = { token, organisation: organisation.trim(), username: username.trim(), displayName: displayName.trim() }
  return (
    <Door title="Set up your site" site={site} lead="You become its owner. Everything stays on this machine.">
      <form ref={form} onSubmit={(event) => event.preventDefault()}>
        <Stack gap="sm">
          <TextInput
            label="Organisation"
            placeholder="Ministry of Harbours"
            value={organisation}
            onChange={(event) => setOrganisation(event.target.value)}
            autoComplete="organization"
            required
            autoFocus
          />
          <TextInput
            label="Your name"
            placeholder="Ada Lovelace"
            value={displayName}
            onChange={(event) => setDisplayName(event.target.value)}
            autoComplete="name"
            required
          />
          <TextInput
            label="User name"
            description="What you sign in with. Lowercase letters, digits, dots and dashes."
            placeholder="ada"
            value={username}
            onChange={(event) => setUsername(event.target.value.toLowerCase())}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
          <div style={{ height: 2 }} />
          <Credentials
            optionsAt="/setup/passkey"
            body={names}
            valid={() => form.current?.reportValidity() ?? false}
            enter={async (credential) => {
              await post('/setup', { ...names, ...credential })
              queries.clear()
              await navigate({ to: '/', replace: true })
            }}
          />
        </Stack>
      </form>
    </Door>
  )
}

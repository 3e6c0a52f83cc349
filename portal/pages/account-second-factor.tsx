import { Button, Group, Modal, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post, remove } from '../api/client.ts'
import { Secret } from '../ui/copy.tsx'
import { counted } from '../ui/format.ts'
import { Panel } from '../ui/page.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { save } from '../ui/save.ts'
import { Notice, Tag } from '../ui/state.tsx'
import { Fault, tell } from './failure.tsx'

type Act = 'set' | 'off' | 'codes'

/** A code beside the password. Passkeys need none: they are two factors by themselves. */
export function SecondFactor({ has, codesLeft }: { has: boolean | undefined; codesLeft: number | undefined }) {
  const [act, setAct] = useState<Act>()
  const close = () => setAct(undefined)
  return (
    <Panel title="Second factor" actions={has !== undefined && <Tag tone={has ? 'good' : 'plain'}>{has ? 'On' : 'Off'}</Tag>}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed" maw="68ch">
          With an authenticator app, a password alone opens nothing. It is asked for with the password; a passkey needs no second
          factor.
          {has && codesLeft !== undefined && ` You have ${counted(codesLeft, 'recovery code')} left.`}
        </Text>
        <Group gap="xs">
          {has !== true && (
            <Button variant="default" onClick={() => setAct('set')}>
              Set up an authenticator
            </Button>
          )}
          {has !== false && (
            <>
              <Button variant="default" onClick={() => setAct('codes')}>
                New recovery codes
              </Button>
              <Button variant="default" onClick={() => setAct('off')}>
                Turn off
              </Button>
            </>
          )}
        </Group>
      </Stack>
      <Modal opened={act === 'set'} onClose={close} title="Set up an authenticator" closeOnClickOutside={false}>
        {act === 'set' && <Enrol />}
      </Modal>
      <Modal opened={act === 'codes'} onClose={close} title="New recovery codes">
        {act === 'codes' && <NewCodes />}
      </Modal>
      <Modal opened={act === 'off'} onClose={close} title="Turn the second factor off">
        {act === 'off' && <TurnOff onDone={close} />}
      </Modal>
    </Panel>
  )
}

const useRefresh = () => {
  const queries = useQueryClient()
  return () =>
    Promise.all([queries.invalidateQueries({ queryKey: ['users'] }), queries.invalidateQueries({ queryKey: ['session'] })])
}

function Enrol() {
  const [code, setCode] = useState('')
  const refresh = useRefresh()
  const begin = useMutation({ mutationFn: () => post<{ secret: string; uri: string }>('/me/totp') })
  const confirm = useMutation({ mutationFn: () => post('/me/totp/confirm', { code: code.trim() }), onSuccess: refresh })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (begin.data) confirm.mutate()
    else begin.mutate()
  }
  if (confirm.isSuccess) return <NewCodes first />
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {!begin.data && (
          <>
            <Fault error={begin.error} />
          </>
        )}
        {begin.data && (
          <>
            <Text size="sm">Scan this with your authenticator, or type the secret into it.</Text>
            <div style={{ display: 'grid', placeItems: 'center' }}>
              <QrCode text={begin.data.uri} label="QR code of the secret below" />
            </div>
            <Secret value={begin.data.secret} label="Secret" />
            <Secret value={begin.data.uri} label="Address for an authenticator" />
            <TextInput
              label="Code it shows now"
              value={code}
              onChange={(event) => setCode(event.target.value)}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              autoFocus
            />
            <Fault error={confirm.error} />
          </>
        )}
        <Button type="submit" loading={begin.isPending || confirm.isPending} style={{ alignSelf: 'flex-end' }}>
          {begin.data ? 'Turn on' : 'Continue'}
        </Button>
      </Stack>
    </form>
  )
}

function NewCodes({ first }: { first?: boolean }) {
  const refresh = useRefresh()
  const make = useMutation({ mutationFn: () => post<{ codes: string[] }>('/me/recovery-codes'), onSuccess: refresh })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  if (make.data) return <Codes codes={make.data.codes} />
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          {first ? 'The second factor is on. Make recovery codes for the day your phone is lost.' : 'Old codes stop working.'}
        </Text>
        <Fault error={make.error} />
        <Button type="submit" loading={make.isPending} style={{ alignSelf: 'flex-end' }}>
          Make codes
        </Button>
      </Stack>
    </form>
  )
}

function Codes({ codes }: { codes: string[] }) {
  return (
    <Stack gap="sm">
      <Notice tone="warn">Keep these where your phone is not. Each works once; they are not shown again.</Notice>
      <SimpleGrid cols={2} spacing={6} component="ul" style={{ margin: 0, padding: 0, listStyle: 'none' }}>
        {codes.map((code) => (
          <li key={code}>
            <code style={{ fontFamily: 'var(--mantine-font-family-monospace)' }}>{code}</code>
          </li>
        ))}
      </SimpleGrid>
      <Button
        variant="default"
        leftSection={<IconDownload size={15} />}
        onClick={() => save('holdfast-recovery-codes.txt', `${codes.join('\n')}\n`, 'text/plain')}
      >
        Download
      </Button>
    </Stack>
  )
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const refresh = useRefresh()
  const off = useMutation({
    mutationFn: () => remove('/me/totp'),
    onSuccess: async () => {
      await refresh()
      tell('The second factor is off')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    off.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">From then on your password alone opens your account.</Text>
        <Fault error={off.error} />
        <Button type="submit" color="red" loading={off.isPending} style={{ alignSelf: 'flex-end' }}>
          Turn off
        </Button>
      </Stack>
    </form>
  )
}

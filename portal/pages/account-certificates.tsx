// Certificates of one's own: what signs an approval where no passkey does, from a card, a file, or over ssh.
import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCertificate, IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { remove } from '../api/client.ts'
import { certificates } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import type { Certificate } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Mono } from '../ui/copy.tsx'
import { Countdown } from '../ui/countdown.tsx'
import { Empty, Panel } from '../ui/page.tsx'
import { Snippet } from '../ui/snippet.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { RegisterCertificate } from './account-certificate-register.tsx'
import { approveCommand, makeCommand } from './certificate-commands.ts'
import css from './certificates.module.css'
import { tellFailure } from './failure.tsx'

export function Certificates() {
  const { data } = useSuspenseQuery(certificates)
  const [adding, setAdding] = useDisclosure(false)
  const [chosen, setChosen] = useState<Certificate>()
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: (id: string) => remove(`/me/certificates/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['certificates'] }),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  const last = data.items.at(-1)
  return (
    <Panel
      title="Certificates for approvals"
      flush
      actions={
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={setAdding.open}>
          Register certificate
        </Button>
      }
    >
      <Table
        label="Certificates"
        rows={data.items}
        rowKey={({ id }) => id}
        columns={{
          Name: ({ name }) => name,
          Id: ({ id }) => <Mono>{id}</Mono>,
          Subject: ({ subject }) => subject,
          Ends: ({ notAfter }) => <Countdown until={notAfter} />,
          'Last used': ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} /> : 'never'),
        }}
        end={(certificate) => (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => setChosen(certificate)}
            aria-label={`Remove ${certificate.name}`}
          >
            Remove
          </Button>
        )}
        empty={<NoneYet />}
      />
      {last && (
        <div className={css.use}>
          <span>Sign an approval with it on the command line:</span>
          <Snippet code={approveCommand({ certificate: last.id })} label="Commands that approve" />
        </div>
      )}
      <Modal opened={adding} onClose={setAdding.close} title="Register a certificate" size="lg" closeOnClickOutside={false}>
        {adding && <RegisterCertificate onDone={setAdding.close} />}
      </Modal>
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={`Remove ${chosen?.name}?`}
        act="Remove"
        busy={forget.isPending}
        onConfirm={() => chosen && forget.mutate(chosen.id)}
      >
        You can no longer approve with it. What you approved with it stays approved, and its key stays where you keep it.
      </Confirm>
    </Panel>
  )
}

function NoneYet() {
  const { user } = useSession()
  return (
    <>
      <Empty icon={<IconCertificate size={20} />} title="No certificates">
        With a certificate you approve from the command line, where no passkey works. Make a key and a certificate, or use your
        card’s, and register it here. Then <code>holdfast change approve</code> signs with it.
      </Empty>
      <div className={css.use}>
        <Snippet code={makeCommand(user.username)} label="Command that makes a key and a certificate" />
      </div>
    </>
  )
}

// Whose guardrails this site takes, by the key that signs them, and what was taken from each last.
import { Button, FileButton, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCertificate, IconFileImport, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post, put, remove } from '../api/client.ts'
import { publishers } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import type { Publisher, TakenSet } from '../api/types.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Mono } from '../ui/copy.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Panel } from '../ui/page.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'

const setBytesMax = 2 * 1024 ** 2

export function Publishers() {
  const list = useQuery(publishers)
  const may = useMay()
  const [trusting, setTrusting] = useDisclosure(false)
  const [chosen, setChosen] = useState<Publisher>()
  const queries = useQueryClient()
  const take = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > setBytesMax) throw new Error(`A set has at most ${setBytesMax / 1024 ** 2} MiB.`)
      const set: unknown = JSON.parse(await file.text())
      return post<TakenSet>('/guardrail-sets', set)
    },
    onSuccess: async ({ publisher, sequence, guardrails }) => {
      await queries.invalidateQueries()
      tell(`Set ${sequence} of ${publisher}: ${counted(guardrails.length, 'guardrail')}`)
    },
    onError: tellFailure,
  })
  const forget = useMutation({
    mutationFn: ({ id }: Publisher) => remove(`/publishers/${id}`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
    onSettled: () => setChosen(undefined),
  })
  if (list.error) return <Fault error={list.error} />
  return (
    <Panel
      title="Publishers"
      flush
      actions={
        may('publisher.apply') && (
          <Group gap="xs">
            <FileButton accept="application/json,.json" onChange={(file) => file && take.mutate(file)}>
              {(props) => (
                <Button
                  {...props}
                  variant="default"
                  size="compact-sm"
                  leftSection={<IconFileImport size={14} />}
                  loading={take.isPending}
                >
                  Take a signed set
                </Button>
              )}
            </FileButton>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={setTrusting.open}>
              Trust a publisher
            </Button>
          </Group>
        )
      }
    >
      <Table
        label="Publishers"
        rows={list.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={{
          Name: ({ name, spec }) => <b style={{ fontWeight: 550 }}>{spec.title ?? name}</b>,
          Key: ({ spec }) => (spec.publicKey ? <Mono full={spec.publicKey}>{`${spec.publicKey.slice(0, 12)}…`}</Mono> : 'none'),
          'Keys for models': ({ spec }) => spec.modelKeys?.length ?? 0,
          'Last set': ({ status }) => (status?.sequence ? `${status.sequence} (${status.version ?? '?'})` : 'none yet'),
          Taken: ({ status }) => (status?.takenAt ? <Time at={status.takenAt} /> : ''),
        }}
        end={(publisher) =>
          may('publisher.delete') && (
            <Button variant="default" size="compact-sm" onClick={() => setChosen(publisher)}>
              Forget
            </Button>
          )
        }
        empty={
          list.isPending ? (
            <div style={{ height: 160 }} />
          ) : (
            <Empty icon={<IconCertificate size={20} />} title="No publisher is trusted">
              A ministry or an auditor may sign guardrails for many sites. Trust its key, compared over another channel; then take
              its sets from a file.
            </Empty>
          )
        }
      />
      <Modal opened={trusting} onClose={setTrusting.close} title="Trust a publisher">
        <Trust onDone={setTrusting.close} />
      </Modal>
      <Confirm
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={`Forget ${chosen?.name ?? ''}?`}
        act="Forget"
        busy={forget.isPending}
        onConfirm={() => chosen && forget.mutate(chosen)}
      >
        Its guardrails go with it; while one of them is assigned, it stays.
      </Confirm>
    </Panel>
  )
}

/** What is no PEM is sent as it is: the site says what is wrong with it. */
const pemsIn = (text: string): string[] => text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [text.trim()]

function Trust({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const [publicKey, setPublicKey] = useState('')
  const [modelKeys, setModelKeys] = useState('')
  const queries = useQueryClient()
  const trust = useMutation({
    mutationFn: () =>
      put('/publishers', {
        scope: '/',
        name,
        spec: {
          ...(publicKey.trim() ? { publicKey: publicKey.trim() } : {}),
          ...(modelKeys.trim() ? { modelKeys: pemsIn(modelKeys) } : {}),
          ...(title.trim() ? { title: title.trim() } : {}),
        },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('It is trusted now')
      onDone()
    },
    onError: tellFailure,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    trust.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput label="Title (optional)" value={title} onChange={({ target }) => setTitle(target.value)} maxLength={200} />
        <TextInput
          label="Name"
          description="How its guardrails are named: name/guardrail"
          value={name}
          onChange={({ target }) => setName(target.value)}
          pattern="[a-z][a-z0-9\-]{0,62}"
          required
        />
        <TextInput
          label="Public key"
          description="Of sets of guardrails: Ed25519, in base64. Compare it with the publisher by another way than the one it came by."
          value={publicKey}
          onChange={({ target }) => setPublicKey(target.value)}
          maxLength={44}
          required={modelKeys.trim() === ''}
        />
        <Textarea
          label="Keys for models (optional)"
          description="Of signatures over models: ECDSA public keys or certificates in PEM, one after the other. Compare them too."
          value={modelKeys}
          onChange={({ target }) => setModelKeys(target.value)}
          autosize
          minRows={2}
          maxRows={8}
        />
        <Fault error={trust.error} />
        <Button type="submit" loading={trust.isPending} style={{ alignSelf: 'flex-end' }}>
          Trust it
        </Button>
      </Stack>
    </form>
  )
}

// Weights first, then what a person knows about them; the file's own passport is read by the site on arrival.
import { Button, Group, Progress, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconFileUpload } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { put, stopped, upload, type Progress as Sent } from '../api/client.ts'
import type { Model, Stored } from '../api/types.ts'
import { bytes, digestShort, seconds } from '../ui/format.ts'
import { Mono } from '../ui/copy.tsx'
import { Facts } from '../ui/page.tsx'
import { ScopePicker } from './scope-picker.tsx'
import { Fault } from './failure.tsx'

type Applied = { resource: Model }

export function AddModel({ onDone }: { onDone: (id: string) => void }) {
  const [file, setFile] = useState<File>()
  const [stored, setStored] = useState<Stored>()
  if (file && stored) return <Describe file={file} stored={stored} onDone={onDone} />
  return (
    <Upload
      onStored={(from, digest) => {
        setFile(from)
        setStored(digest)
      }}
    />
  )
}

function Upload({ onStored }: { onStored: (file: File, stored: Stored) => void }) {
  const [sent, setSent] = useState<Sent>()
  const [file, setFile] = useState<File>()
  const abort = useRef<AbortController>(undefined)
  useEffect(() => () => abort.current?.abort(), [])
  const send = useMutation({
    mutationFn: (chosen: File) => {
      abort.current = new AbortController()
      setFile(chosen)
      return upload<Stored>('/uploads', chosen, { progress: setSent, signal: abort.current.signal })
    },
    onSuccess: (stored, chosen) => onStored(chosen, stored),
    onSettled: () => setSent(undefined),
  })
  if (send.isPending && file) return <Sending file={file} sent={sent} onCancel={() => abort.current?.abort()} />
  return (
    <Stack>
      <Dropzone
        onDrop={([first]) => first && send.mutate(first)}
        multiple={false}
        inputProps={{ 'aria-label': 'Model file (GGUF)' }}
        styles={{ root: { background: 'var(--hf-sunk)' } }}
      >
        <Stack align="center" gap={4} py={36}>
          <IconFileUpload size={28} stroke={1.5} color="var(--hf-muted)" aria-hidden />
          <Text fw={550}>Drop a GGUF file here, or choose one</Text>
          <Text size="sm" c="dimmed">
            It is checked before it may run: structure, sizes, and digest.
          </Text>
        </Stack>
      </Dropzone>
      {send.error && !stopped(send.error) && <Fault error={send.error} />}
      {stopped(send.error) && (
        <Text size="sm" role="status">
          The upload was cancelled; nothing was kept.
        </Text>
      )}
    </Stack>
  )
}

function Sending({ file, sent, onCancel }: { file: File; sent: Sent | undefined; onCancel: () => void }) {
  const share = sent ? (100 * sent.sentBytes) / Math.max(1, file.size) : 0
  const leftSeconds = sent ? (file.size - sent.sentBytes) / Math.max(1, sent.bytesPerSecond) : undefined
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={550} truncate>
          {file.name}
        </Text>
        <Button variant="default" size="compact-sm" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
      <Progress value={share} aria-label={`Upload of ${file.name}`} />
      <Text size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {share >= 100
          ? 'Being checked and stored'
          : sent
            ? `${bytes(sent.sentBytes)} of ${bytes(file.size)} · ${bytes(sent.bytesPerSecond)}/s · ${seconds(leftSeconds ?? 0)} left`
            : `${bytes(file.size)}, starting`}
      </Text>
    </Stack>
  )
}

function Describe({ file, stored, onDone }: { file: File; stored: Stored; onDone: (id: string) => void }) {
  const [name, setName] = useState(nameFrom(file.name))
  const [scope, setScope] = useState('/')
  const [licence, setLicence] = useState('')
  const [source, setSource] = useState('')
  const [description, setDescription] = useState('')
  const queries = useQueryClient()
  const given = Object.fromEntries(Object.entries({ licence, source, description }).filter(([, value]) => value.trim() !== ''))
  const register = useMutation({
    mutationFn: () => put<Applied>('/models', { scope, name, spec: { digest: stored.digest, ...given } }),
    onSuccess: async ({ resource }) => {
      await queries.invalidateQueries({ queryKey: ['models'] })
      onDone(resource.id)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    register.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Facts
          of={{
            File: file.name,
            Size: bytes(stored.sizeBytes),
            Digest: <Mono full={stored.digest}>{digestShort(stored.digest)}</Mono>,
          }}
        />
        <TextInput
          label="Name"
          description="Lowercase letters, digits and dashes."
          value={name}
          onChange={(event) => setName(event.target.value)}
          pattern="[a-z][a-z0-9\-]{0,62}"
          required
          data-autofocus
        />
        <ScopePicker value={scope} onChange={setScope} />
        <Group grow>
          <TextInput
            label="Licence (optional)"
            placeholder="Apache-2.0"
            value={licence}
            onChange={(event) => setLicence(event.target.value)}
          />
          <TextInput
            label="Source (optional)"
            placeholder="Where it came from"
            value={source}
            onChange={(event) => setSource(event.target.value)}
          />
        </Group>
        <Textarea
          label="Description (optional)"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Fault error={register.error} />
        <Button type="submit" loading={register.isPending} style={{ alignSelf: 'flex-end' }}>
          Register model
        </Button>
      </Stack>
    </form>
  )
}

const nameFrom = (file: string): string =>
  file
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-+$/, '')
    .slice(0, 63)

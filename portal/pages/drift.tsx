// Files held against the site: what is only in the one, only on the other, or not the same in both. Nothing is changed, and no file leaves for anywhere else.
import { Button, Group, Stack, Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconFiles, IconGitCompare } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { post } from '../api/client.ts'
import type { Drift } from '../api/types.ts'
import { count, counted } from '../ui/format.ts'
import { Difference } from '../ui/difference.tsx'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Notice } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Fault } from './failure.tsx'
import { ScopePicker } from './scope-picker.tsx'

const filesMax = 2_000
const fileBytesMax = 4 * 1024 ** 2

export function DriftPage() {
  const [scope, setScope] = useState('/')
  const compare = useMutation({
    mutationFn: async (files: File[]) =>
      post<Drift>('/drift', { documents: await documentsIn(files), ...(scope === '/' ? {} : { scope }) }),
  })
  return (
    <Page
      title="Drift"
      lead="Hold your files against the site, and see what was changed by hand, what was forgotten, and what is not applied yet."
      back={{ to: '/inventory', label: 'Inventory' }}
    >
      <Panel>
        <Stack gap="sm">
          <Group>
            <ScopePicker
              label="What the files should hold"
              description="What lies there and in no file is told as only on the site"
              value={scope}
              onChange={setScope}
            />
          </Group>
          <Dropzone
            onDrop={(files) => compare.mutate(files)}
            loading={compare.isPending}
            maxFiles={filesMax}
            maxSize={fileBytesMax}
            useFsAccessApi={false}
            aria-label="Files of resources"
          >
            <Stack align="center" gap={4} py="md">
              <IconFiles size={26} stroke={1.5} aria-hidden />
              <Text fw={550}>Drop YAML or JSON files here, or press to choose them</Text>
              <Text size="sm" c="dimmed">
                The same files that <code>holdfast apply -f</code> takes and <code>holdfast export</code> writes
              </Text>
            </Stack>
          </Dropzone>
          <Fault error={compare.error} />
        </Stack>
      </Panel>
      <div aria-live="polite">{compare.data && <Told of={compare.data} />}</div>
    </Page>
  )
}

const documentsIn = async (files: readonly File[]): Promise<unknown[]> => {
  const { parseAllDocuments } = await import('yaml') // only who compares files needs it
  const all: unknown[] = []
  for (const file of files) {
    const text = await file.text()
    const sources = file.name.endsWith('.ndjson') ? text.split('\n').filter(Boolean) : [text]
    for (const source of sources)
      for (const document of [parseAllDocuments(source)].flat()) {
        if (document.errors[0]) throw new Error(`${file.name}: ${document.errors[0].message.split('\n')[0]}`)
        const value: unknown = document.toJS({ maxAliasCount: 100 })
        if (value !== null) all.push(value)
      }
  }
  if (all.length === 0) throw new Error('There is no document in these files.')
  return all
}

function Told({ of }: { of: Drift }) {
  const differing = of.onlyInFiles.length + of.onlyOnSite.length + of.different.length
  if (differing === 0)
    return <Notice tone="good">The site is as the files say: {counted(of.same, 'resource')}, no difference.</Notice>
  return (
    <Stack gap="md">
      <Notice tone="warn" role="status">
        {count(of.different.length)} not the same, {count(of.onlyInFiles.length)} only in the files, {count(of.onlyOnSite.length)}
        {of.truncated && ' or more'} only on the site; {count(of.same)} as the files say.
      </Notice>
      {of.different.map(({ id, kind, name, scope, site, files }) => (
        <Panel
          key={id}
          title={`${kind} ${name}`}
          note={scope}
          actions={
            <Button component={Link} to={`/inventory/${kind}/${id}?tab=history`} variant="default" size="compact-sm">
              Who changed it
            </Button>
          }
        >
          <Difference before={files} after={site} />
          <Text size="xs" c="dimmed" mt="xs">
            Before: the files. After: the site.
          </Text>
        </Panel>
      ))}
      <Names title="Only in the files" of={of.onlyInFiles} next="Apply the files to make them." />
      <Names
        title="Only on the site"
        of={of.onlyOnSite}
        next="Export them into your files, or apply with --prune to remove them."
      />
    </Stack>
  )
}

type Named = { kind: string; scope: string; name: string }

function Names({ title, of, next }: { title: string; of: readonly Named[]; next: string }) {
  if (of.length === 0) return null
  return (
    <Panel title={title} note={next} flush>
      <Table
        label={title}
        rows={of}
        rowKey={({ kind, scope, name }) => `${kind} ${scope} ${name}`}
        columns={{ Name: ({ name }) => name, Kind: ({ kind }) => kind, Where: ({ scope }) => scope }}
        empty={<Empty icon={<IconGitCompare size={20} />} title="None" />}
      />
    </Panel>
  )
}

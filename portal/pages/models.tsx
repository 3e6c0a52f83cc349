import { Button, Modal, TextInput } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconPackage, IconSearch, IconUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { models } from '../api/queries.ts'
import { useMayPerhaps } from '../api/session.ts'
import { bytes, count, large } from '../ui/format.ts'
import { Empty, Page, Panel } from '../ui/page.tsx'
import { Tag } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { AddModel } from './model-add.tsx'

export function ModelsPage() {
  const [text, setText] = useState('')
  const [q] = useDebouncedValue(text.trim(), 250)
  const { data } = useQuery({ ...models(q), placeholderData: (old) => old })
  const [adding, setAdding] = useDisclosure(false)
  const may = useMayPerhaps()
  const navigate = useNavigate()
  const mayAdd = may('artifact.upload') && may('model.apply')
  const add = mayAdd && (
    <Button leftSection={<IconUpload size={16} />} onClick={setAdding.open}>
      Add model
    </Button>
  )
  return (
    <Page
      title="Models"
      lead="Weights this site holds, each pinned by its digest. A passport is read from the file itself."
      actions={add}
    >
      <Panel
        flush
        title="Catalog"
        actions={
          <TextInput
            size="xs"
            w={220}
            leftSection={<IconSearch size={14} />}
            placeholder="Search"
            aria-label="Search models"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        }
      >
        <Table
          label="Models"
          rows={data?.items ?? []}
          rowKey={({ id }) => id}
          onOpen={({ id }) => navigate({ to: '/models/$id', params: { id } })}
          columns={{
            Name: ({ id, name, scope }) => (
              <>
                <Link to="/models/$id" params={{ id }} style={{ fontWeight: 550 }}>
                  {name}
                </Link>
                {scope !== '/' && <span style={{ color: 'var(--hf-muted)' }}> {scope}</span>}
              </>
            ),
            Parameters: ({ status }) => (status?.passport?.parameters ? large(status.passport.parameters) : '–'),
            Quantisation: ({ status }) => (status?.passport?.quantisation ? <Tag>{status.passport.quantisation}</Tag> : '–'),
            Context: ({ status }) => (status?.passport?.contextLength ? `${count(status.passport.contextLength)} tokens` : '–'),
            Size: ({ status }) => (status?.passport?.sizeBytes ? bytes(status.passport.sizeBytes) : '–'),
            Licence: ({ spec, status }) => spec.licence ?? status?.passport?.licence ?? 'not stated',
            Added: ({ createdAt }) => <Time at={createdAt} />,
          }}
          empty={
            <Empty icon={<IconPackage size={20} />} title={q ? 'No model by that name' : 'No models yet'} action={!q && add}>
              {q ? 'Try fewer letters.' : 'Add a GGUF file. It never leaves this site, and nothing is fetched for it.'}
            </Empty>
          }
        />
      </Panel>
      <Modal opened={adding} onClose={setAdding.close} title="Add a model" size={560} closeOnClickOutside={false}>
        <AddModel
          onDone={(id) => {
            setAdding.close()
            void navigate({ to: '/models/$id', params: { id } })
          }}
        />
      </Modal>
    </Page>
  )
}

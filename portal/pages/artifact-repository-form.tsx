import { Button, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put } from '../api/client.ts'
import type { Repository, RepositorySpec } from '../api/types.ts'
import { formatNames } from './artifact-words.tsx'
import { Fault, tell } from './failure.tsx'
import { ScopePicker } from './scope-picker.tsx'

/** Makes a repository, or changes the one given. Settings this form does not know stay as they were. */
export function RepositoryForm({ repository, onDone }: { repository?: Repository; onDone: (id: string) => void }) {
  const [name, setName] = useState(repository?.name ?? '')
  const [scope, setScope] = useState(repository?.scope ?? '/')
  const [spec, setSpec] = useState<RepositorySpec>(repository?.spec ?? { format: 'oci' })
  const queries = useQueryClient()
  const { description = '', immutableTags = [], ...rest } = spec
  const apply = useMutation({
    mutationFn: () =>
      put<{ resource: Repository }>(
        '/repositories',
        {
          scope,
          name,
          ...(repository ? { labels: repository.labels } : {}),
          spec: {
            ...rest,
            ...(description.trim() === '' ? {} : { description: description.trim() }),
            ...(immutableTags.length === 0 ? {} : { immutableTags }),
          },
        },
        repository ? { 'if-match': repository.etag } : undefined,
      ),
    onSuccess: async ({ resource }) => {
      await queries.invalidateQueries({ queryKey: ['artifacts'] })
      tell(repository ? `${name} is changed` : `${name} is created`)
      onDone(resource.id)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    apply.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {!repository && (
          <>
            <TextInput
              label="Name"
              description="Lowercase letters, digits and dashes; it becomes part of the address."
              value={name}
              onChange={(event) => setName(event.target.value)}
              pattern="[a-z][a-z0-9\-]{0,62}"
              required
              data-autofocus
            />
            <ScopePicker label="Where" description="Who has a role there may use it." value={scope} onChange={setScope} />
            <Select
              label="Format"
              description="What its clients speak. It stays as it is made. OCI also serves models to Hugging Face clients."
              data={Object.entries(formatNames).map(([value, label]) => ({ value, label }))}
              value={spec.format}
              onChange={(format) => format && setSpec({ ...spec, format: format as RepositorySpec['format'] })} // one of those offered
              allowDeselect={false}
            />
          </>
        )}
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setSpec({ ...spec, description: event.target.value })}
          maxLength={500}
        />
        <TagsInput
          label="Immutable tags"
          description="Tags that stay with what they first named, and are not discarded; * stands for any text."
          placeholder={immutableTags.length === 0 ? 'v*' : ''}
          value={immutableTags}
          onChange={(tags) => setSpec({ ...spec, immutableTags: tags })}
          maxTags={50}
        />
        <Fault error={apply.error} />
        <Button type="submit" loading={apply.isPending} disabled={name === ''} style={{ alignSelf: 'flex-end' }}>
          {repository ? 'Save' : 'Create'}
        </Button>
      </Stack>
    </form>
  )
}

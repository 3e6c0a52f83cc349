import { Button, Group, NumberInput, SegmentedControl, Select, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put } from '../api/client.ts'
import { models } from '../api/queries.ts'
import type { Deployment, DeploymentSpec } from '../api/types.ts'
import { Fault, tell } from './failure.tsx'
import { ScopePicker } from './scope-picker.tsx'

type DeploymentFormProps = { deployment: Deployment | undefined; model?: string | undefined; onDone: () => void }

/** Until a model is chosen. */
type Draft = Partial<DeploymentSpec>

const usual: Draft = { engine: 'llama', recordContent: 'none' }
/** Optional settings left empty are left out; the site has its own defaults. */
const numbers = [
  { key: 'parallel', label: 'Answers at once', min: 1, max: 64, step: 1 },
  { key: 'contextTokens', label: 'Context (tokens)', min: 128, max: 1_048_576, step: 256 },
  { key: 'queueMax', label: 'Waiting at most', min: 0, max: 1024, step: 1 },
  { key: 'maxTokensDefault', label: 'Answer length (tokens)', min: 1, max: 1_048_576, step: 64 },
] as const

export function DeploymentForm({ deployment, model, onDone }: DeploymentFormProps) {
  const [name, setName] = useState(deployment?.name ?? (model ? model.slice(0, 63) : ''))
  const [scope, setScope] = useState(deployment?.scope ?? '/')
  const [spec, setSpec] = useState<Draft>(deployment?.spec ?? { ...usual, ...(model ? { model } : {}) })
  const set = (change: Draft) => setSpec((old) => ({ ...old, ...change }))
  const queries = useQueryClient()
  const apply = useMutation({
    mutationFn: () =>
      put(
        '/deployments',
        { scope, name, ...(deployment ? { labels: deployment.labels } : {}), spec: forEngine(spec) },
        deployment ? { 'if-match': deployment.etag } : undefined,
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['deployments'] })
      void queries.invalidateQueries({ queryKey: ['callable'] })
      tell(deployment ? `${name} is changed` : `${name} is created and starts now`)
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    apply.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="What clients call it by. Lowercase letters, digits and dashes."
          value={name}
          onChange={(event) => setName(event.target.value)}
          pattern="[a-z][a-z0-9\-]{0,62}"
          required
          disabled={deployment !== undefined}
          data-autofocus
        />
        {!deployment && (
          <ScopePicker value={scope} onChange={setScope} description="Those with the right to invoke here may call it." />
        )}
        <div>
          <Text size="sm" fw={600} mb={4} id="engine">
            Engine
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="engine"
            value={spec.engine ?? 'llama'}
            onChange={(engine) => set({ engine: engine === 'openai' ? 'openai' : 'llama' })}
            data={[
              { value: 'llama', label: 'On this site' },
              { value: 'openai', label: 'Another server' },
            ]}
          />
        </div>
        {spec.engine !== 'openai' ? (
          <ModelPicker value={spec.model} onChange={(next) => set({ model: next })} />
        ) : (
          <Upstream spec={spec} set={set} />
        )}
        <Group grow align="flex-start" style={{ rowGap: 12 }} preventGrowOverflow={false}>
          {numbers.map(({ key, label, ...limits }) => (
            <NumberInput
              key={key}
              label={label}
              {...limits}
              miw={180}
              value={spec[key] ?? ''}
              placeholder="as the site has it"
              thousandSeparator=" "
              onChange={(value) => set({ [key]: typeof value === 'number' ? value : undefined })}
            />
          ))}
        </Group>
        <Switch
          label="Keep questions and answers in the log, sealed"
          description="Off: the log holds only keyed digests of them. On: their text too, encrypted, readable by auditors."
          checked={spec.recordContent === 'sealed'}
          onChange={(event) => set({ recordContent: event.target.checked ? 'sealed' : 'none' })}
        />
        <Fault error={apply.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={apply.isPending} disabled={spec.engine !== 'openai' && !spec.model}>
            {deployment ? 'Save' : 'Create'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const forEngine = (spec: Draft): Draft => {
  const { baseUrl, upstreamModel, ...own } = spec
  return spec.engine === 'openai' ? { ...own, model: upstreamModel, baseUrl, upstreamModel } : own
}

function ModelPicker({ value, onChange }: { value: string | undefined; onChange: (model: string) => void }) {
  const { data } = useQuery(models())
  const names = data?.items.map(({ name }) => name) ?? []
  const held = data?.items.find(({ id }) => id === value)?.name ?? value
  return (
    <Select
      label="Model"
      data={[...new Set(names)]}
      value={held ?? null}
      onChange={(next) => next && onChange(next)}
      searchable
      required
      allowDeselect={false}
      nothingFoundMessage="No such model"
    />
  )
}

function Upstream({ spec, set }: { spec: Draft; set: (change: Draft) => void }) {
  return (
    <>
      <TextInput
        label="Address"
        description="An OpenAI-compatible server on a host this site allows."
        placeholder="http://10.0.0.5:8000/v1"
        type="url"
        value={spec.baseUrl ?? ''}
        onChange={(event) => set({ baseUrl: event.target.value })}
        required
      />
      <TextInput
        label="Model there"
        value={spec.upstreamModel ?? ''}
        onChange={(event) => set({ upstreamModel: event.target.value })}
        required
      />
    </>
  )
}

// A guardrail or an initiative, put to work at a place: as a dry run first, unless said otherwise.
import { Button, Group, NumberInput, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put } from '../api/client.ts'
import type { Assignable, Parameter } from '../api/guardrails.ts'
import { Fault, tell } from './failure.tsx'
import { effectWords } from './guardrail-effects.ts'
import { TryGuardrail } from './guardrail-try.tsx'
import { ScopePicker } from './scope-picker.tsx'

type Values = Record<string, unknown>

export function AssignGuardrail({ of, onDone }: { of: Assignable; onDone: () => void }) {
  const [scope, setScope] = useState('/')
  const [effect, setEffect] = useState(of.effect ?? null)
  const [enforced, setEnforced] = useState(false)
  const [parameters, setParameters] = useState<Values>({})
  const [exclude, setExclude] = useState<string[]>([])
  const queries = useQueryClient()
  const spec = {
    ...(of.initiative ? { initiative: of.ref } : { guardrail: of.ref }),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(effect ? { effect } : {}),
    ...(exclude.length > 0 ? { exclude } : {}),
    enforced,
  }
  const assign = useMutation({
    mutationFn: () => put('/guardrail-assignments', { scope, name: nameFor(of.ref), spec }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell(enforced ? 'It is enforced from now on' : 'It is tried: it reports and refuses nothing')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    assign.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">{of.description}</Text>
        <ScopePicker label="Where" description="There and everywhere below" value={scope} onChange={setScope} />
        {!of.initiative && (
          <Select
            label="Effect"
            data={of.effects.map((each) => ({ value: each, label: `${each}: ${effectWords[each] ?? each}` }))}
            value={effect}
            onChange={setEffect}
            allowDeselect={false}
          />
        )}
        {Object.entries(of.parameters).map(([name, parameter]) => (
          <ParameterInput
            key={name}
            name={name}
            of={parameter}
            value={parameters[name]}
            onChange={(value) => setParameters(withValue(parameters, name, value))}
          />
        ))}
        <TagsInput
          label="Except in (optional)"
          description="Paths of scopes, or ids of resources"
          value={exclude}
          onChange={setExclude}
        />
        <Switch
          label={enforced ? 'Enforced' : 'Dry run: it says what it would do, and does nothing'}
          checked={enforced}
          onChange={({ target }) => setEnforced(target.checked)}
        />
        {!of.initiative && (
          <TryGuardrail given={() => ({ guardrail: of.ref, scope, parameters, ...(effect ? { effect } : {}) })} />
        )}
        <Fault error={assign.error} />
        <Button type="submit" loading={assign.isPending} style={{ alignSelf: 'flex-end' }}>
          {enforced ? 'Enforce' : 'Begin the dry run'}
        </Button>
      </Stack>
    </form>
  )
}

const nameFor = (ref: string): string => ref.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 63)

const withValue = (values: Values, name: string, value: unknown): Values => {
  const { [name]: _, ...rest } = values
  return value === undefined || value === '' ? rest : { ...rest, [name]: value }
}

type ParameterProps = { name: string; of: Parameter; value: unknown; onChange: (value: unknown) => void }

function ParameterInput({ name, of, value, onChange }: ParameterProps) {
  const label = of.title
  const standing = of.default === undefined ? undefined : `Unless said otherwise: ${[of.default].flat().join(', ')}`
  const required = of.default === undefined
  if (of.type === 'boolean')
    return (
      <Switch
        label={label}
        checked={typeof value === 'boolean' ? value : of.default === true}
        onChange={({ target }) => onChange(target.checked)}
      />
    )
  if (of.type === 'strings')
    return (
      <TagsInput
        label={label}
        description={standing}
        data={[...(of.enum ?? [])]}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(next) => onChange(next.length > 0 ? next : undefined)}
        aria-label={name}
      />
    )
  if (of.type === 'string' && of.enum)
    return (
      <Select
        label={label}
        description={standing}
        data={[...of.enum]}
        value={typeof value === 'string' ? value : null}
        onChange={(next) => onChange(next ?? undefined)}
        required={required}
        clearable={!required}
      />
    )
  if (of.type === 'string')
    return (
      <TextInput
        label={label}
        description={standing}
        value={typeof value === 'string' ? value : ''}
        onChange={({ target }) => onChange(target.value)}
        required={required}
      />
    )
  return (
    <Group grow>
      <NumberInput
        label={label}
        description={standing}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => onChange(next === '' ? undefined : Number(next))}
        required={required}
        {...(of.minimum === undefined ? {} : { min: of.minimum })}
        {...(of.maximum === undefined ? {} : { max: of.maximum })}
        allowDecimal={of.type === 'number'}
      />
    </Group>
  )
}

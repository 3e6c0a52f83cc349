// A guardrail of one's own, as the text it is, tried on what is here before it is kept.
import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put } from '../api/client.ts'
import { Fault, tell } from './failure.tsx'
import { TryGuardrail } from './guardrail-try.tsx'
import css from './guardrails.module.css'

const example = {
  title: 'Projects say whom to ask',
  description: 'Whoever finds something wrong must know where to turn.',
  category: 'ownership',
  version: '1.0.0',
  kinds: ['project'],
  require: { field: 'labels.contact', exists: true },
  effects: ['deny', 'audit'],
  effect: 'audit',
  message: '{name} does not say whom to ask: give it the label contact.',
}

export function WriteGuardrail({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [text, setText] = useState(() => JSON.stringify(example, null, 2))
  const queries = useQueryClient()
  const keep = useMutation({
    mutationFn: async () => put('/guardrails', { scope: '/', name, spec: definitionIn(text) }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell('It is in the library. Assign it to put it to work')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    keep.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          What must hold, of which kinds, and what happens where it does not. The operators’ guide describes every condition and
          every field; from a file it is applied with <code>holdfast apply -f</code>.
        </Text>
        <TextInput
          label="Name"
          description="Lowercase letters, digits and dashes"
          value={name}
          onChange={({ target }) => setName(target.value)}
          pattern="[a-z][a-z0-9\-]{0,62}"
          required
          data-autofocus
        />
        <Textarea
          label="Definition (JSON)"
          className={css.text}
          value={text}
          onChange={({ target }) => setText(target.value)}
          autosize
          minRows={12}
          maxRows={22}
          spellCheck={false}
          required
        />
        <TryGuardrail given={() => ({ definition: definitionIn(text) })} />
        <Fault error={keep.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={keep.isPending}>
            Keep it
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const definitionIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.`, { cause: error })
  }
}

// Vouching for what no program can see, for a time, in one's own words and name.
import { Button, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { post } from '../api/client.ts'
import type { ComplianceVerdict } from '../api/types.ts'
import { Fault, tell } from './failure.tsx'

export function Attest({ of, onDone }: { of: ComplianceVerdict; onDone: () => void }) {
  const [statement, setStatement] = useState('')
  const [until, setUntil] = useState('')
  const queries = useQueryClient()
  const attest = useMutation({
    mutationFn: () =>
      post('/compliance/attestations', {
        assignment: of.assignment,
        guardrail: of.guardrail,
        resource: of.resource.id,
        statement,
        expiresAt: new Date(until).toISOString(),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['compliance'] })
      tell('It is attested')
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attest.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {of.message && <Text size="sm">{of.message}</Text>}
        <Textarea
          label="What you have seen"
          description="It stays on record in your name."
          value={statement}
          onChange={({ target }) => setStatement(target.value)}
          maxLength={2000}
          autosize
          minRows={3}
          required
          data-autofocus
        />
        <TextInput
          label="It holds until"
          type="datetime-local"
          value={until}
          onChange={({ target }) => setUntil(target.value)}
          required
        />
        <Fault error={attest.error} />
        <Button type="submit" loading={attest.isPending} style={{ alignSelf: 'flex-end' }}>
          Attest
        </Button>
      </Stack>
    </form>
  )
}

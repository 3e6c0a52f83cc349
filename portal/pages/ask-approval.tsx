// A refusal that others can lift: what was asked is put before them as a change set, with a reason, from wherever one was.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, useSyncExternalStore, type FormEvent } from 'react'
import { findOperation } from '#client'
import { ApiProblem, post } from '../api/client.ts'
import { counted } from '../ui/format.ts'
import { Notice } from '../ui/state.tsx'
import { Fault } from './failure.tsx'

let offered: ApiProblem | undefined
const listeners = new Set<() => void>()
const offer = (problem: ApiProblem | undefined): void => {
  offered = problem
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const offerApproval = (error: unknown): void => {
  if (error instanceof ApiProblem && error.code === 'approval-needed' && error.asked) offer(error)
}

/** The refused request, as a change set names it. */
const wantedOf = ({ asked }: ApiProblem): Record<string, unknown> | undefined => {
  if (!asked) return undefined
  const { pathname, searchParams } = new URL(asked.path, location.origin)
  const operation = findOperation(asked.method, pathname)
  const query = Object.fromEntries(searchParams)
  return (
    operation && {
      ...operation,
      ...(Object.keys(query).length > 0 ? { query } : {}),
      ...(asked.body === undefined ? {} : { body: asked.body }),
    }
  )
}

export function AskApproval({ onAsked }: { onAsked: (id: string) => void }) {
  const problem = useSyncExternalStore(subscribe, () => offered)
  return (
    <Modal opened={problem !== undefined} onClose={() => offer(undefined)} title="Others must approve this" zIndex={300}>
      {problem && <Ask key={problem.requestId} problem={problem} onAsked={onAsked} />}
    </Modal>
  )
}

function Ask({ problem, onAsked }: { problem: ApiProblem; onAsked: (id: string) => void }) {
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const wanted = wantedOf(problem)
  const ask = useMutation({
    mutationFn: () => post<{ id: string }>('/change-sets', { ...wanted, reason }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['change-sets'] })
      offer(undefined)
      onAsked(id)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate()
  }
  const approvals = Number(problem.facts['approvals'] ?? 1)
  if (!wanted) return <Notice tone="warn">{problem.message}</Notice>
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          You may do this, but a rule at this place wants {counted(approvals, 'other person', 'other people')} to look at it
          first. They will see exactly what it changes. Nothing is changed until they approve.
        </Text>
        <Textarea
          label="Why it is needed"
          description="Approvers read this first; it stays in the history."
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          autosize
          minRows={2}
          maxLength={1000}
          data-autofocus
        />
        <Fault error={ask.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => offer(undefined)}>
            Leave it
          </Button>
          <Button type="submit" loading={ask.isPending} disabled={reason.trim() === ''}>
            Ask for approval
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

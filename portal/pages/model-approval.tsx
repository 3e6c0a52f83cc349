// Whether someone looked at exactly these weights and approved them. New weights are not approved because old ones were.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { put, remove } from '../api/client.ts'
import { useMayPerhaps } from '../api/session.ts'
import type { Model } from '../api/types.ts'
import { Mono } from '../ui/copy.tsx'
import { digestShort } from '../ui/format.ts'
import { Facts, Panel } from '../ui/page.tsx'
import { Notice } from '../ui/state.tsx'
import { Time } from '../ui/time.tsx'
import { Fault, tellFailure } from './failure.tsx'
import { usePrincipalNames } from './principal-picker.tsx'

export function ModelApproval({ of: model }: { of: Model }) {
  const may = useMayPerhaps()
  const nameOf = usePrincipalNames()
  const queries = useQueryClient()
  const [approving, setApproving] = useDisclosure(false)
  const approval = model.status?.approval
  const current = approval?.digest === model.spec.digest
  const withdraw = useMutation({
    mutationFn: () => remove(`/models/${model.id}/approval`),
    onSuccess: () => queries.invalidateQueries(),
    onError: tellFailure,
  })
  return (
    <Panel
      title="Approval"
      actions={
        may('model.approve') && (
          <Group gap="xs">
            {approval && (
              <Button variant="default" size="compact-sm" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
                Take back
              </Button>
            )}
            {!current && (
              <Button size="compact-sm" onClick={setApproving.open}>
                Approve
              </Button>
            )}
          </Group>
        )
      }
    >
      {approval && current && (
        <Facts
          of={{
            'Approved by': nameOf(approval.by),
            When: <Time at={approval.at} />,
            Because: approval.reason,
          }}
        />
      )}
      {approval && !current && (
        <Notice tone="warn">Other weights were approved ({digestShort(approval.digest)}), not those it has now.</Notice>
      )}
      {!approval && <Notice>Nobody has approved these weights. A guardrail can require it before anything runs them.</Notice>}
      <Modal opened={approving} onClose={setApproving.close} title={`Approve ${model.name}`}>
        <Approve of={model} onDone={setApproving.close} />
      </Modal>
    </Panel>
  )
}

function Approve({ of: { id, spec }, onDone }: { of: Model; onDone: () => void }) {
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const approve = useMutation({
    mutationFn: () => put(`/models/${id}/approval`, { digest: spec.digest, ...(reason.trim() ? { reason: reason.trim() } : {}) }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
    onError: tellFailure,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    approve.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          Exactly the weights <Mono full={spec.digest}>{digestShort(spec.digest)}</Mono>. Whoever brought them cannot approve
          them.
        </Text>
        <Textarea
          label="What you looked at (optional)"
          value={reason}
          onChange={({ target }) => setReason(target.value)}
          maxLength={1000}
          autosize
          data-autofocus
        />
        <Fault error={approve.error} />
        <Button type="submit" loading={approve.isPending} style={{ alignSelf: 'flex-end' }}>
          Approve
        </Button>
      </Stack>
    </form>
  )
}

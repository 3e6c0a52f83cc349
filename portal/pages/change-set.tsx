// One change that waits for approval: exactly what it does, what it takes, who signed. Signing is over the digest of this very text.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation, useQueryClient, useSuspenseQuery, type UseMutationResult } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { post } from '../api/client.ts'
import { passkeyDismissed, signApproval } from '../api/passkeys.ts'
import { changeSet as changeSetQuery } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import type { ChangeSetDetail, MovePreview } from '../api/types.ts'
import { Countdown } from '../ui/countdown.tsx'
import { Difference } from '../ui/difference.tsx'
import { counted } from '../ui/format.ts'
import { Empty, Facts, Page, Panel } from '../ui/page.tsx'
import { Notice, Tag } from '../ui/state.tsx'
import { Mono } from '../ui/copy.tsx'
import { Table } from '../ui/table.tsx'
import { Time } from '../ui/time.tsx'
import { ApproveByCertificate, usePasskeyHindrance } from './approve-by-certificate.tsx'
import { ChangeSetState, operationWords } from './change-set-state.tsx'
import { Fault, tell } from './failure.tsx'
import css from './inventory.module.css'
import { usePrincipalNames } from './principal-picker.tsx'
import { MoveEffects } from './scope-move.tsx'

type Changed = {
  kind: string
  name: string
  scope: string
  change: string
  before?: unknown
  after?: unknown
  move?: MovePreview
}
type Recorded = { record: string; on: { kind: string; id?: string }; facts?: unknown }
/** The document people approve (src/approvals/document.ts); read from its text, since the text is what is signed. */
type Document = {
  request: { operationId: string; path?: unknown; query?: unknown; body?: unknown }
  difference: { changes: Changed[]; records: Recorded[] }
}

export function ChangeSetPage() {
  const { id } = useParams({ from: '/inside/approvals/$id' })
  const { data } = useSuspenseQuery(changeSetQuery(id))
  const document = JSON.parse(data.document) as Document // written by the site
  return (
    <Page
      title={operationWords(data.operationId)}
      lead={data.reason}
      back={{ to: '/approvals', label: 'Approvals' }}
      actions={<Acts of={data} />}
    >
      {data.state === 'open' && data.hindrance && <Notice>{data.hindrance}</Notice>}
      {data.state !== 'open' && <Ended of={data} />}
      <Changes of={document} />
      <div className={css.two}>
        <About of={data} />
        <Approvals of={data} />
      </div>
      {data.state === 'open' && data.mayApprove && <ApproveByCertificate change={data.id} />}
      <Panel title="The request, as it will be sent">
        <pre className={css.json} tabIndex={0}>
          {JSON.stringify(document.request, null, 2)}
        </pre>
      </Panel>
    </Page>
  )
}

function Changes({ of: { difference } }: { of: Document }) {
  const records = difference.records.filter(({ record }) => !record.startsWith('change-set.'))
  return (
    <Panel title="What it changes" note={counted(difference.changes.length, 'resource')}>
      {difference.changes.map((change) => (
        <article key={`${change.kind} ${change.scope} ${change.name}`} className={css.state}>
          <div className={css.who}>
            <Tag tone={change.change === 'deleted' ? 'bad' : change.change === 'created' ? 'good' : 'warn'}>{change.change}</Tag>
            <b>{change.name}</b>
            <span>
              {change.kind} at {change.scope}
            </span>
          </div>
          <Difference before={change.before} after={change.after} />
          {change.move && <MoveEffects of={change.move} />}
        </article>
      ))}
      {difference.changes.length === 0 && (
        <Text size="sm" c="dimmed">
          No resource. What it does is what it will write into the log:
        </Text>
      )}
      {difference.changes.length === 0 &&
        records.map(({ record, on, facts }) => (
          <article key={`${record} ${on.id ?? on.kind}`} className={css.state}>
            <div className={css.who}>
              <b>{record}</b>
              <span>
                {on.kind} {on.id}
              </span>
            </div>
            <pre className={css.json}>{JSON.stringify(facts ?? {}, null, 2)}</pre>
          </article>
        ))}
    </Panel>
  )
}

function About({ of }: { of: ChangeSetDetail }) {
  return (
    <Panel title="What it takes">
      <Facts
        of={{
          State: <ChangeSetState of={of.state} />,
          'Asked by': of.requesterName ?? of.requester,
          Asked: <Time at={of.createdAt} />,
          Ends: of.state === 'open' && <Countdown until={of.expiresAt} />,
          Rules: of.obligations.map(({ rule, action, quorum, approverRole }) => (
            <div key={`${rule} ${action}`}>
              {action}: {counted(quorum, 'other person', 'other people')}
              {approverRole && `, each with the role ${approverRole}`}
            </div>
          )),
          Digest: <Mono full={of.digest}>{of.digest}</Mono>,
        }}
      />
    </Panel>
  )
}

function Approvals({ of }: { of: ChangeSetDetail }) {
  const nameOf = usePrincipalNames()
  return (
    <Panel title="Who signed" flush>
      <Table
        label="Approvals"
        rows={of.approvals}
        rowKey={({ approver }) => approver}
        columns={{
          Who: ({ approver }) => nameOf(approver),
          With: ({ evidence }) => (evidence.method === 'passkey' ? 'a passkey' : 'a certificate'),
          When: ({ at }) => <Time at={at} />,
        }}
        empty={<Empty icon={<IconFingerprint size={20} />} title="Nobody yet" />}
      />
    </Panel>
  )
}

function Ended({ of }: { of: ChangeSetDetail }) {
  const nameOf = usePrincipalNames()
  const because =
    typeof of.endedBecause === 'object' && of.endedBecause !== null && 'detail' in of.endedBecause
      ? String(of.endedBecause.detail)
      : typeof of.endedBecause === 'string'
        ? of.endedBecause
        : ''
  return (
    <Notice tone={of.state === 'done' ? 'good' : of.state === 'withdrawn' || of.state === 'expired' ? 'plain' : 'bad'}>
      <ChangeSetState of={of.state} /> {of.endedAt && <Time at={of.endedAt} />} {of.endedBy && `by ${nameOf(of.endedBy)}`}{' '}
      {because}
    </Notice>
  )
}

function Acts({ of }: { of: ChangeSetDetail }) {
  const { user } = useSession()
  const [refusing, setRefusing] = useDisclosure(false)
  const queries = useQueryClient()
  const settled = async () => {
    await queries.invalidateQueries()
  }
  const approve = useMutation({
    mutationFn: () => signApproval(of.id),
    onSuccess: async (done) => {
      await settled()
      tell(done.state === 'done' ? 'Approved, and done' : 'Approved')
    },
  })
  const withdraw = useMutation({ mutationFn: () => post(`/change-sets/${of.id}/withdraw`), onSuccess: settled })
  if (of.state !== 'open') return null
  if (of.requester === user.id)
    return (
      <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
        Withdraw
      </Button>
    )
  if (!of.mayApprove) return null
  return (
    <>
      <Button variant="default" onClick={setRefusing.open}>
        Refuse
      </Button>
      <ApproveButton approve={approve} />
      <Modal opened={refusing} onClose={setRefusing.close} title="Refuse this change">
        <Refuse id={of.id} onDone={setRefusing.close} />
      </Modal>
    </>
  )
}

function ApproveButton({ approve }: { approve: UseMutationResult<ChangeSetDetail, Error, void> }) {
  const hindrance = usePasskeyHindrance()
  const failed = approve.error && !passkeyDismissed(approve.error)
  return (
    <Stack gap={6} align="flex-end">
      <Button
        leftSection={<IconFingerprint size={16} />}
        loading={approve.isPending}
        disabled={hindrance !== undefined}
        onClick={() => approve.mutate()}
      >
        Approve with passkey
      </Button>
      {hindrance && (
        <Text size="xs" c="dimmed">
          {hindrance}
        </Text>
      )}
      {failed && <Fault error={approve.error} />}
    </Stack>
  )
}

function Refuse({ id, onDone }: { id: string; onDone: () => void }) {
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const refuse = useMutation({
    mutationFn: () => post(`/change-sets/${id}/refuse`, { reason }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
  })
  return (
    <Stack gap="sm">
      <Textarea
        label="Why"
        description="Who asked reads it; it stays in the record."
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        autosize
        minRows={2}
        maxLength={1000}
        data-autofocus
      />
      <Fault error={refuse.error} />
      <Group justify="flex-end">
        <Button color="red" loading={refuse.isPending} disabled={reason.trim() === ''} onClick={() => refuse.mutate()}>
          Refuse
        </Button>
      </Group>
    </Stack>
  )
}

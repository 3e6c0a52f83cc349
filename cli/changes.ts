// Change sets: what others ask for, shown exactly, and approved by a signature over what is shown.
import type { Command } from 'commander'
import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ask as askPerson } from './ask.ts'
import { lines } from './difference.ts'
import { ago, dim, good, plain, show, table, warn, type Output } from './output.ts'
import { client } from './session.ts'

export const addChanges = (program: Command, output: () => Output): void => {
  const change = program.command('change').description('change sets: what waits for the approval of others')
  change
    .command('list')
    .description('newest first')
    .option('--state <state>', 'open, done, refused, withdrawn, expired, outdated or failed')
    .option('--asked', 'only what you asked for')
    .option('--waiting', 'only what waits for you')
    .action(async (flags: { state?: string; asked?: boolean; waiting?: boolean }) => {
      const mine = flags.asked ? { mine: 'asked' } : flags.waiting ? { mine: 'approvable' } : {}
      const query = { limit: 200, ...mine, ...(flags.state === undefined ? {} : { state: flags.state }) }
      show(output(), await client().changeSetList({ query: query as never }), ({ items }) =>
        // checked by the site
        table(
          ['ID', 'STATE', 'WHAT', 'BY', 'ASKED', 'WHY'],
          items.map((it) => [
            it.id,
            it.state,
            it.operationId,
            it.requesterName ?? it.requester,
            ago(it.createdAt),
            it.reason.split('\n')[0]!,
          ]),
          'No change sets.',
        ),
      )
    })
  change
    .command('show')
    .description('exactly what it does and what it takes')
    .argument('<id>')
    .action(async (id: string) => show(output(), await client().changeSetGet({ path: { id } }), shown))
  change
    .command('approve')
    .description('sign it with the key of a certificate you registered; a passkey signs in the portal')
    .argument('<id>')
    .requiredOption('--certificate <id>', 'of the certificate, as the portal lists it')
    .option('--key <file>', 'private key in PEM')
    .option('--signature <file>', 'signature over the statement made elsewhere (a card), base64')
    .option('--yes', 'do not ask')
    .action((id: string, flags: Approving) => approve(output(), id, flags))
  change
    .command('statement')
    .description('the exact text that approving it signs, for a card or another program')
    .argument('<id>')
    .action(async (id: string) => {
      const { statement } = await checked(id)
      process.stdout.write(output().json ? `${JSON.stringify({ statement })}\n` : statement)
    })
  change
    .command('refuse')
    .description('end it, with a reason')
    .argument('<id>')
    .requiredOption('--reason <text>')
    .action(async (id: string, { reason }: { reason: string }) =>
      show(output(), await client().changeSetRefuse({ path: { id }, body: { reason } }), () => `Refused ${id}.`),
    )
  change
    .command('withdraw')
    .description('take back what you asked for')
    .argument('<id>')
    .action(async (id: string) => show(output(), await client().changeSetWithdraw({ path: { id } }), () => `Withdrew ${id}.`))
}

type Detail = Awaited<ReturnType<ReturnType<typeof client>['changeSetGet']>>
type Shown = {
  request: { operationId: string; path?: object; body?: unknown }
  difference: {
    changes: { kind: string; scope: string; name: string; change: string; before?: object; after?: object; move?: unknown }[]
    records: { record: string; facts?: unknown }[]
  }
}

const shown = (detail: Detail): string => {
  const { id, state, reason, requester, requesterName, digest, approvals, obligations, hindrance, expiresAt } = detail
  const { difference, request } = JSON.parse(detail.document) as Shown // written by the site as its API says
  return [
    `${id}  ${state}  ${request.operationId}`,
    `asked by ${plain(requesterName ?? requester)}: ${plain(reason)}`,
    ...difference.changes.flatMap((it) => [
      `${warn(it.change)}  ${it.kind}/${it.name} at ${plain(it.scope)}`,
      ...lines(it.before, it.after),
      ...(it.move === undefined ? [] : lines(undefined, it.move)),
    ]),
    ...(difference.changes.length > 0
      ? []
      : difference.records.map((it) => `${it.record} ${plain(JSON.stringify(it.facts ?? {}))}`)),
    ...obligations.map(({ action, quorum, approverRole }) =>
      dim(`${action} takes ${quorum}${approverRole === undefined ? '' : ` with the role ${plain(approverRole)}`}`),
    ),
    `${approvals.length} approved; open until ${expiresAt}`,
    `digest ${digest}`,
    ...(hindrance === undefined ? [] : [dim(`You may not approve it: ${plain(hindrance)}`)]),
  ].join('\n')
}

/** What is signed must be about the document that was shown, whatever the site says of it. */
const checked = async (id: string): Promise<{ detail: Detail; statement: string }> => {
  const detail = await client().changeSetGet({ path: { id } })
  const { statement } = await client().changeSetStatement({ path: { id } })
  const digest = `sha256:${createHash('sha256').update(detail.document).digest('hex')}`
  const [form, about, approver, decision, rest] = statement.split('\n')
  if (form !== 'holdfast-approval-v1' || about !== digest || !approver || decision !== 'approve' || rest !== '')
    throw new Error('What the site wants signed is not an approval of what it shows. Nothing was signed.')
  return { detail, statement }
}

type Approving = { certificate: string; key?: string; signature?: string; yes?: boolean }

const approve = async (output: Output, id: string, { certificate, key, signature, yes }: Approving): Promise<void> => {
  if ((key === undefined) === (signature === undefined)) throw new Error('Say either --key or --signature.')
  const { detail, statement } = await checked(id)
  if (!yes) {
    process.stderr.write(`${shown(detail)}\n`)
    if (!/^y(es)?$/i.test(await askPerson('Approve this? (y/n) '))) throw new Error('Nothing was signed.')
  }
  const signed =
    key === undefined ? readFileSync(signature!, 'utf8').trim() : signedBy(createPrivateKey(readFileSync(key)), statement)
  const done = await client().changeSetApprove({ path: { id }, body: { signature: { certificate, signature: signed } } })
  show(output, done, ({ state }) => `${good('Approved')} ${id}: ${state}.`)
}

const signedBy = (key: KeyObject, statement: string): string =>
  sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(statement), key).toString('base64')

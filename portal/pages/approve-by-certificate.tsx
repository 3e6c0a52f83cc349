// Approving where no passkey does: the command line signs with a certificate's key. Said where a person would otherwise be stuck.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { certificates, passkeys } from '../api/queries.ts'
import { Panel } from '../ui/page.tsx'
import { Snippet } from '../ui/snippet.tsx'
import { Notice } from '../ui/state.tsx'
import { passkeyHindrance } from '../api/passkeys.ts'
import { approveCommand } from './certificate-commands.ts'

/** Why this person cannot sign with a passkey here and now; undefined where they can, or while it is not known. */
export const usePasskeyHindrance = (): string | undefined => {
  const { data } = useQuery(passkeys)
  return passkeyHindrance() ?? (data?.items.length === 0 ? 'You have no passkey.' : undefined)
}

/** Above the changes that wait for someone. */
export function SignOtherwise() {
  const hindrance = usePasskeyHindrance()
  const { data } = useQuery(certificates)
  if (hindrance === undefined || !data) return null
  const has = data.items.length > 0
  return (
    <Notice>
      {hindrance} {has ? 'You can sign with your certificate' : 'Add one, or register a certificate'} {!has && <AtAccount />}
      {has ? '' : ' and sign'} on the command line: open a change, and it shows the command.
    </Notice>
  )
}

const AtAccount = () => <Link to="/account">under Account</Link>

/** Beside one change. */
export function ApproveByCertificate({ change }: { change: string }) {
  const hindrance = usePasskeyHindrance()
  const { data } = useQuery(certificates)
  const last = data?.items.at(-1)
  if (!data || (hindrance === undefined && !last)) return null
  return (
    <Panel title="Approve with a certificate">
      <p style={{ margin: '0 0 10px' }}>
        {last ? (
          'This shows the change once more and signs it with the key of your certificate:'
        ) : (
          <>
            Register a certificate <AtAccount /> first. Then this shows the change once more and signs it with the certificate’s
            key:
          </>
        )}
      </p>
      <Snippet
        code={approveCommand({ change, certificate: last?.id ?? 'CERTIFICATE' })}
        label="Command that approves this change"
      />
    </Panel>
  )
}

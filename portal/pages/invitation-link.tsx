import { Stack, Text } from '@mantine/core'
import type { Invited } from '../api/types.ts'
import { Secret } from '../ui/copy.tsx'
import { Time } from '../ui/time.tsx'

export function InvitationLink({ invited: { user, invitation } }: { invited: Invited }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        Hand this link to {user.displayName}. It works once, expires <Time at={invitation.expiresAt} />, and is not shown again.
      </Text>
      <Secret value={invitation.url} label="Invitation link" />
    </Stack>
  )
}

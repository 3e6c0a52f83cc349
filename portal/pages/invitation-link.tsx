import { Stack, Text } from '@mantine/core'
import type { Invitation } from '../api/types.ts'
import { Secret } from '../ui/copy.tsx'
import { Time } from '../ui/time.tsx'

export function InvitationLink({ name, invitation }: { name: string; invitation: Invitation }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        Hand this link to {name}. It works once, expires <Time at={invitation.expiresAt} />, and is not shown again.
      </Text>
      <Secret value={invitation.url} label="Invitation link" />
    </Stack>
  )
}

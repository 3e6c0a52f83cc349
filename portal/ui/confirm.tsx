import { Button, Group, Modal, Text, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'

type ConfirmProps = {
  opened: boolean
  onClose: () => void
  title: string
  act: string
  busy: boolean
  onConfirm: () => void
  /** What cannot be taken back is confirmed by typing its name. */
  typed?: string
  children: ReactNode
}

/** Before what cannot be undone: what will happen, and a button that says the act. */
export function Confirm({ opened, onClose, title, act, busy, onConfirm, typed, children }: ConfirmProps) {
  const [text, setText] = useState('')
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={600}>{title}</Text>} role="alertdialog">
      <Text size="sm" component="div">
        {children}
      </Text>
      {typed !== undefined && (
        <TextInput
          mt="md"
          label={`Type ${typed} to confirm`}
          value={text}
          onChange={(event) => setText(event.target.value)}
          data-autofocus
        />
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Keep
        </Button>
        <Button color="red" loading={busy} disabled={typed !== undefined && text !== typed} onClick={onConfirm}>
          {act}
        </Button>
      </Group>
    </Modal>
  )
}

import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'

const quietMs = 250

/** Narrows a list as one types. The address holds what is filtered by; the field only what is being typed. */
export function Filter({ label, value, onFilter }: { label: string; value: string; onFilter: (text: string) => void }) {
  const [text, setText] = useState(value)
  const tell = useDebouncedCallback((next: string) => onFilter(next.trim()), quietMs)
  return (
    <TextInput
      size="xs"
      w={220}
      leftSection={<IconSearch size={14} />}
      placeholder="Filter"
      aria-label={label}
      value={text}
      maxLength={200}
      onChange={(event) => {
        setText(event.target.value)
        tell(event.target.value)
      }}
    />
  )
}

import { ActionIcon, Select, Textarea, Tooltip } from '@mantine/core'
import { IconArrowUp, IconPlayerStopFilled } from '@tabler/icons-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import css from './chat.module.css'

type ComposerProps = {
  models: string[]
  model: string | undefined
  onModel: (model: string) => void
  busy: boolean
  onSend: (content: string) => Promise<boolean>
  onStop: () => void
}

export function Composer({ models, model, onModel, busy, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    // The stop button leaves with the answer; whoever pressed it goes on writing.
    if (!busy && document.activeElement === document.body) field.current?.focus()
  }, [busy])
  const ready = text.trim() !== '' && model !== undefined && !busy
  const send = async () => {
    if (!ready) return
    setText('')
    if (!(await onSend(text))) setText(text)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && busy) onStop()
    // An Enter that ends a composed character (Japanese, Chinese) does not send.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }
  return (
    <div className={css.composer}>
      <div className={css.box}>
        <Textarea
          variant="unstyled"
          ref={field}
          aria-label="Your question"
          placeholder={model === undefined ? 'No model is ready for you' : 'Ask'}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
          autosize
          minRows={1}
          maxRows={12}
          styles={{ input: { padding: '6px 8px', fontSize: 14.5 } }}
          autoFocus
        />
        <div className={css.boxFoot}>
          <Select
            className={css.picker ?? ''}
            aria-label="Model"
            data={models}
            value={model ?? null}
            onChange={(next) => next && onModel(next)}
            placeholder="No model"
            allowDeselect={false}
            size="xs"
            w={200}
            comboboxProps={{ width: 260, position: 'top-start' }}
            searchable={models.length > 8}
            nothingFoundMessage="No model by that name"
          />
          {busy ? (
            <Tooltip label="Stop (Esc)">
              <ActionIcon variant="filled" color="gray" radius={8} size={32} onClick={onStop} aria-label="Stop">
                <IconPlayerStopFilled size={15} />
              </ActionIcon>
            </Tooltip>
          ) : (
            <ActionIcon variant="filled" color="sea" radius={8} size={32} disabled={!ready} onClick={send} aria-label="Send">
              <IconArrowUp size={18} />
            </ActionIcon>
          )}
        </div>
      </div>
      <p className={css.note}>
        A small model makes mistakes. A receipt proves what was asked of which model, not that the answer is true.
      </p>
    </div>
  )
}

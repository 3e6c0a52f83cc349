import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import css from './page.module.css'

export function Copy({ value, label = 'Copy' }: { value: string; label?: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon size={26} onClick={copy} aria-label={copied ? 'Copied' : label}>
            {copied ? <IconCheck size={15} color="var(--hf-good)" /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** Ids and digests: shown short, copied whole. */
export function Mono({ children, full }: { children: string; full?: string }) {
  return (
    <span className={css.copyable}>
      <code className={css.mono} title={full ?? children} style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
        {children}
      </code>
      <Copy value={full ?? children} />
    </span>
  )
}

/** Something shown once, or to be carried elsewhere by hand. */
export function Secret({ value, label }: { value: string; label: string }) {
  return (
    <div className={css.secret}>
      <code aria-label={label}>{value}</code>
      <Copy value={value} label={`Copy ${label.toLowerCase()}`} />
    </div>
  )
}

import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import css from './page.module.css'

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain'

/** A state is always a word; the dot only repeats it. */
export function State({ tone, busy, children }: { tone: Tone; busy?: boolean; children: ReactNode }) {
  return (
    <span className={css.state}>
      <span className={css.dot} data-tone={tone} {...(busy ? { 'data-busy': true } : {})} aria-hidden />
      {children}
    </span>
  )
}

export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={css.tag} data-tone={tone}>
      {children}
    </span>
  )
}

export function Notice({ tone = 'plain', children, role }: { tone?: Tone; children: ReactNode; role?: 'alert' | 'status' }) {
  const Icon = tone === 'good' ? IconCircleCheck : tone === 'plain' ? IconInfoCircle : IconAlertTriangle
  return (
    <div className={css.notice} data-tone={tone} role={role}>
      <Icon size={17} aria-hidden />
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{children}</div>
    </div>
  )
}

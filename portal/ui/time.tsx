import { Tooltip } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { ago, moment } from './format.ts'

const tickMs = 10_000
let nowMs = Date.now()

// One timer for every time on the page, and none while no time is shown.
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, tickMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
const snapshot = () => {
  if (timer === undefined) nowMs = Math.max(nowMs, Date.now() - (Date.now() % tickMs))
  return nowMs
}

export function Time({ at }: { at: string }) {
  const now = useSyncExternalStore(subscribe, snapshot)
  return (
    <Tooltip label={moment(at)}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {ago(at, Math.max(now, 0))}
      </time>
    </Tooltip>
  )
}

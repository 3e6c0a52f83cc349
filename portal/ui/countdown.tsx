// Time that runs out, told so that one sees how soon.
import { useEffect, useState } from 'react'
import { moment, seconds } from './format.ts'
import { Tag } from './state.tsx'

const tickMs = 30_000
const soonMs = 7 * 86_400_000

const left = (ms: number): string => (ms < 86_400_000 * 2 ? seconds(ms / 1000) : `${Math.floor(ms / 86_400_000)} days`)

export function Countdown({ until }: { until: string }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  const ms = Date.parse(until) - now
  return (
    <time dateTime={until} title={moment(until)}>
      <Tag tone={ms <= 0 ? 'bad' : ms < soonMs ? 'warn' : 'plain'}>{ms <= 0 ? 'over' : `${left(ms)} left`}</Tag>
    </time>
  )
}

// Live lists: the site says that something of a kind changed, and the cache asks again.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { address } from './client.ts'

const burstMs = 150

export const useWatch = (kind: string, key: string): void => {
  const queries = useQueryClient()
  useEffect(() => {
    const source = new EventSource(address('/watch', { kind }))
    let due: ReturnType<typeof setTimeout> | undefined
    const changed = () => {
      due ??= setTimeout(() => {
        due = undefined
        void queries.invalidateQueries({ queryKey: [key] })
      }, burstMs)
    }
    for (const name of ['created', 'changed', 'deleted', 'status']) source.addEventListener(name, changed)
    return () => {
      clearTimeout(due)
      source.close()
    }
  }, [kind, key, queries])
}

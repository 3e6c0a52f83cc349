// What can be asked of how the store stands.
import { queryOptions } from '@tanstack/react-query'
import { get } from './client.ts'
import type * as T from './types.ts'

const lookMs = 15_000
export const storage = queryOptions({
  queryKey: ['storage', 'state'],
  queryFn: () => get<T.Storage>('/storage'),
  refetchInterval: lookMs,
})
export const storageUsage = queryOptions({ queryKey: ['storage', 'usage'], queryFn: () => get<T.StorageUsage>('/storage/usage') })
export const freeable = queryOptions({ queryKey: ['storage', 'freeable'], queryFn: () => get<T.Freeable>('/storage/freeable') })
export const damaged = queryOptions({ queryKey: ['storage', 'damaged'], queryFn: () => get<T.Damaged>('/storage/damaged') })
export const holds = queryOptions({
  queryKey: ['storage', 'holds'],
  queryFn: () => get<T.Page<T.Hold>>('/storage-holds', { limit: 200 }),
})

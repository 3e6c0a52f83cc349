// What can be asked of the store, each with its name in the cache.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { get } from './client.ts'
import { pageRows } from './queries.ts'
import type * as T from './types.ts'

export const repositories = queryOptions({
  queryKey: ['artifacts', 'repositories'],
  queryFn: () => get<{ items: T.RepositoryCard[] }>('/artifacts/repositories'),
})
export const repository = (id: string) =>
  queryOptions({ queryKey: ['artifacts', 'repository', id], queryFn: () => get<T.Repository>(`/repositories/${id}`) })

type PackagesAsked = { repository?: string; format?: string; models?: 'true'; q?: string | undefined }
export const packages = (asked: PackagesAsked) =>
  infiniteQueryOptions({
    queryKey: ['artifacts', 'packages', asked],
    queryFn: ({ pageParam }) => get<T.Page<T.PackageCard>>('/artifacts', { ...asked, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
export const tags = (asked: { path: string; q?: string | undefined }) =>
  infiniteQueryOptions({
    queryKey: ['artifacts', 'tags', asked],
    queryFn: ({ pageParam }) => get<T.Page<T.TagCard>>('/artifacts/tags', { ...asked, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
export const release = (at: { path: string; reference: string }) =>
  queryOptions({
    queryKey: ['artifacts', 'release', at],
    queryFn: () => get<T.Release>('/artifacts/manifest', at),
  })

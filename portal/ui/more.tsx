import { Button } from '@mantine/core'

type MoreProps = { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> } }

/** The next page of a list, on request; nothing at its end. */
export function More({ query }: MoreProps) {
  if (!query.hasNextPage) return null
  return (
    <div style={{ display: 'grid', placeItems: 'center', padding: 12, borderTop: '1px solid var(--hf-line)' }}>
      <Button variant="default" size="compact-md" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        Show more
      </Button>
    </div>
  )
}

// Before a tag or a release is discarded: what goes with it, and what stays.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { remove } from '../api/client.ts'
import { Confirm } from '../ui/confirm.tsx'
import { bytes, counted, digestShort } from '../ui/format.ts'
import { tell, tellFailure } from './failure.tsx'

type Target = { reference: string; digest: string; tags: readonly string[]; sizeBytes: number; referrers: number }
type Props = { path: string; target: Target | undefined; onClose: () => void; onDone?: () => void }

export function Discard({ path, target, onClose, onDone }: Props) {
  const queries = useQueryClient()
  const discard = useMutation({
    mutationFn: (reference: string) => remove(`/artifacts/manifest?${new URLSearchParams({ path, reference })}`),
    onSuccess: async (_, reference) => {
      onClose()
      onDone?.()
      await queries.invalidateQueries({ queryKey: ['artifacts'] })
      tell(`${reference.startsWith('sha') ? digestShort(reference) : reference} is discarded`)
    },
    onError: (error) => {
      onClose()
      tellFailure(error)
    },
  })
  const byTag = target !== undefined && !target.reference.includes(':')
  return (
    <Confirm
      opened={target !== undefined}
      onClose={onClose}
      title={byTag ? `Discard the tag ${target.reference}?` : 'Discard this release?'}
      act="Discard"
      typed={byTag ? target.reference : undefined}
      busy={discard.isPending}
      onConfirm={() => target && discard.mutate(target.reference)}
    >
      {target && (byTag ? <OfTag path={path} target={target} /> : <OfRelease path={path} target={target} />)}
    </Confirm>
  )
}

function OfTag({ path, target: { reference, digest } }: { path: string; target: Target }) {
  return (
    <>
      <code>
        {path}:{reference}
      </code>{' '}
      stops naming {digestShort(digest)}. The release itself stays, under its digest and its other tags, until it is discarded
      too.
    </>
  )
}

function OfRelease({ path, target: { digest, tags, sizeBytes, referrers } }: { path: string; target: Target }) {
  return (
    <>
      <code>{digestShort(digest)}</code> goes from {path}
      {tags.length > 0 && (
        <>
          , with the {tags.length === 1 ? 'tag' : 'tags'} {tags.slice(0, 20).join(', ')}
        </>
      )}
      . It names {bytes(sizeBytes)}; what of that nothing else needs is collected after a day.
      {referrers > 0 && (
        <> {counted(referrers, 'signature or statement', 'signatures and statements')} about it will speak of nothing.</>
      )}
    </>
  )
}

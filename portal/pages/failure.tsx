// What went wrong, in the site's own words, with the way to its explanation.
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconCloudOff, IconError404, IconLock, IconMoodSad } from '@tabler/icons-react'
import { useQueryClient, useQueryErrorResetBoundary } from '@tanstack/react-query'
import { Link, useNavigate, useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { ApiProblem, remove } from '../api/client.ts'
import { Empty, Page } from '../ui/page.tsx'
import { Notice } from '../ui/state.tsx'

export function Failure({ error, reset }: Pick<ErrorComponentProps, 'error' | 'reset'>) {
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  const again = async () => {
    queries.reset()
    await router.invalidate()
    reset()
  }
  if (error instanceof ApiProblem && error.status === 404) return <Missing />
  const told = error instanceof ApiProblem
  const Icon = !told ? IconMoodSad : error.status === 0 ? IconCloudOff : error.status === 403 ? IconLock : IconMoodSad
  return (
    <Page title={told ? error.title : 'This page broke'}>
      <Empty
        icon={<Icon size={20} />}
        title={explain(error)}
        action={
          <Button variant="default" onClick={again}>
            Try again
          </Button>
        }
      >
        {told && <ProblemLink problem={error} />}
      </Empty>
    </Page>
  )
}

export function Missing() {
  return (
    <Page title="Not found">
      <Empty
        icon={<IconError404 size={20} />}
        title="There is nothing here, or nothing you may see"
        action={
          <Button component={Link} to="/" variant="default">
            Go to the start
          </Button>
        }
      >
        What you may not read looks the same as what does not exist.
      </Empty>
    </Page>
  )
}

function ProblemLink({ problem }: { problem: ApiProblem }) {
  if (problem.status === 0 || problem.code === 'unknown') return null
  return (
    <>
      <a href={`/problems/${problem.code}`} target="_blank" rel="noopener">
        What this means
      </a>
      {problem.requestId && <> · request {problem.requestId}</>}
    </>
  )
}

/** Beside a form: the refusal and, for a form fault, which field it was. */
export function Fault({ error }: { error: unknown }) {
  if (!error) return null
  return (
    <Notice tone="bad" role="alert">
      {explain(error)} {error instanceof ApiProblem && <ProblemLink problem={error} />}
      {error instanceof ApiProblem && error.code === 'sign-in-again' && <SignInAgain />}
    </Notice>
  )
}

/** What changes how one signs in is done soon after signing in, so that a forgotten open screen is not enough. */
function SignInAgain() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const leave = async () => {
    await remove('/session')
    queries.clear()
    await navigate({ to: '/sign-in', search: { next: location.pathname } })
  }
  return (
    <div>
      <Button mt="xs" size="compact-sm" variant="default" onClick={leave}>
        Sign in again
      </Button>
    </div>
  )
}

export const explain = (error: unknown): string => {
  if (!(error instanceof ApiProblem)) return error instanceof Error ? error.message : 'Something broke.'
  const faults = error.facts['faults']
  if (!Array.isArray(faults)) return error.message
  const told = faults.map((fault: { at?: string; message?: string }) =>
    `${fault.at?.slice(1) ?? ''} ${fault.message ?? ''}`.trim(),
  )
  return `${error.message} ${told.join('; ')}`
}

/** For acts without a form of their own. */
export const tellFailure = (error: unknown): void => {
  if (error instanceof ApiProblem && error.code === 'approval-needed') return // ask-approval.tsx takes it from here
  notifications.show({
    color: 'red',
    title: error instanceof ApiProblem ? error.title : 'That did not work',
    message: explain(error),
    autoClose: 8000,
  })
}
export const tell = (message: string): void => {
  notifications.show({ color: 'sea', message, autoClose: 3000 })
}

import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/dropzone/styles.css'
import './ui/base.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProblem } from './api/client.ts'
import { AskApproval, offerApproval } from './pages/ask-approval.tsx'
import { createPortalRouter } from './routes.tsx'
import { theme } from './ui/theme.ts'

const retriesMax = 2

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; only silence and overload are worth asking again.
      retry: (failures, error) =>
        failures < retriesMax && error instanceof ApiProblem && (error.status === 0 || error.status >= 502),
    },
  },
  // Whatever was refused only because others must approve it can be put before them, from any page.
  mutationCache: new MutationCache({ onError: offerApproval }),
  queryCache: new QueryCache({
    onError: (error) => {
      // The session ended elsewhere: ask who we are, and the router leads to the sign-in page.
      if (error instanceof ApiProblem && error.status === 401)
        void queries.invalidateQueries({ queryKey: ['session'] }).then(() => router.invalidate())
    },
  }),
})
const router = createPortalRouter(queries)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <AskApproval onAsked={(id) => void router.navigate({ to: '/approvals/$id', params: { id } })} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)

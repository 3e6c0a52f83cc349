// Every address of the portal: what it needs before it is shown, and the page that shows it. Pages are fetched when first visited.
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import * as artifacts from './api/artifacts.ts'
import * as ask from './api/queries.ts'
import { ownPath } from './api/own-path.ts'
import { mayPerhaps } from './api/session.ts'
import * as stored from './api/storage.ts'
import { Failure, Missing } from './pages/failure.tsx'
import { Shell } from './pages/shell.tsx'

type Search = Record<string, string | undefined>
/** Search parameters a page knows; all others are dropped, and all are text. */
const only =
  <const Names extends readonly string[]>(...names: Names) =>
  (search: Record<string, unknown>): { [Name in Names[number]]?: string } => {
    const kept: Search = {}
    for (const name of names) {
      const value = search[name]
      if (typeof value === 'string' && value !== '') kept[name] = value
      else if (typeof value === 'number') kept[name] = String(value)
    }
    return kept as { [Name in Names[number]]?: string } // filled from `names` alone
  }

type RouterContext = { queries: QueryClient }
const root = createRootRouteWithContext<RouterContext>()({ component: Outlet })

const signInSearch = only('next')
const packageSearch = only('path', 'q')
const releaseSearch = only('path', 'reference', 'tab')

// Doors open to everyone.
const doors = [
  createRoute({
    getParentRoute: () => root,
    path: '/setup',
    validateSearch: only('token'),
    loader: ({ context }) => context.queries.ensureQueryData(ask.setupState),
    component: lazyRouteComponent(() => import('./pages/setup.tsx'), 'SetupPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/join',
    validateSearch: only('token'),
    component: lazyRouteComponent(() => import('./pages/join.tsx'), 'JoinPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    validateSearch: signInSearch,
    beforeLoad: async ({ context, search }) => {
      const state = await context.queries.fetchQuery(ask.setupState)
      if (state.needed) throw redirect({ to: '/setup' })
      if (await context.queries.ensureQueryData(ask.session)) throw redirect({ href: ownPath(search.next) })
    },
    component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignInPage'),
  }),
]

/** Everything behind sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(ask.session)
    if (!session) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } })
    return { session }
  },
  component: Shell,
})

const pages = [
  // Wherever an address leads that is none, one is still inside, with the ways on beside one.
  createRoute({ getParentRoute: () => inside, path: '$', component: Missing }),
  createRoute({
    getParentRoute: () => inside,
    path: '/',
    beforeLoad: ({ context }) => {
      if (!mayPerhaps(context.session, 'site.read')) throw redirect({ to: '/chat/{-$id}' })
    },
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.overview),
    component: lazyRouteComponent(() => import('./pages/overview.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/chat/{-$id}',
    validateSearch: only('model', 'receipt'),
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.callable),
    component: lazyRouteComponent(() => import('./pages/chat.tsx'), 'ChatPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/models',
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.models()),
    component: lazyRouteComponent(() => import('./pages/models.tsx'), 'ModelsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/models/$id',
    loader: ({ context, params }) => context.queries.ensureQueryData(ask.model(params.id)),
    component: lazyRouteComponent(() => import('./pages/model.tsx'), 'ModelPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/deployments',
    validateSearch: only('edit', 'model'),
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.deployments),
    component: lazyRouteComponent(() => import('./pages/deployments.tsx'), 'DeploymentsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/artifacts',
    validateSearch: only('tab', 'q'),
    loader: ({ context: { queries } }) => queries.ensureQueryData(artifacts.repositories),
    component: lazyRouteComponent(() => import('./pages/artifacts.tsx'), 'ArtifactsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/artifacts/repositories/$id',
    validateSearch: only('tab', 'q'),
    loader: ({ context: { queries }, params }) =>
      Promise.all([queries.ensureQueryData(artifacts.repositories), queries.ensureQueryData(artifacts.repository(params.id))]),
    component: lazyRouteComponent(() => import('./pages/artifact-repository.tsx'), 'ArtifactRepositoryPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/artifacts/package',
    validateSearch: packageSearch,
    loaderDeps: ({ search }) => ({ path: search.path ?? '' }),
    loader: ({ context: { queries }, deps }) => queries.ensureInfiniteQueryData(artifacts.tags(deps)),
    component: lazyRouteComponent(() => import('./pages/artifact-package.tsx'), 'ArtifactPackagePage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/artifacts/release',
    validateSearch: releaseSearch,
    loaderDeps: ({ search }) => ({ path: search.path ?? '', reference: search.reference ?? '' }),
    loader: ({ context: { queries }, deps }) => queries.ensureQueryData(artifacts.release(deps)),
    component: lazyRouteComponent(() => import('./pages/artifact-release.tsx'), 'ArtifactReleasePage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/storage',
    loader: ({ context: { queries } }) =>
      Promise.all([queries.ensureQueryData(stored.storage), queries.ensureQueryData(stored.storageUsage)]),
    component: lazyRouteComponent(() => import('./pages/storage.tsx'), 'StoragePage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/people',
    validateSearch: only('q', 'state'),
    component: lazyRouteComponent(() => import('./pages/people.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/people/$id',
    loader: ({ context, params }) => context.queries.ensureQueryData(ask.person(params.id)),
    component: lazyRouteComponent(() => import('./pages/person.tsx'), 'PersonPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/groups',
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.groups),
    component: lazyRouteComponent(() => import('./pages/groups.tsx'), 'GroupsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/groups/$id',
    loader: ({ context, params }) => context.queries.ensureQueryData(ask.group(params.id)),
    component: lazyRouteComponent(() => import('./pages/group.tsx'), 'GroupPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/roles',
    validateSearch: only('tab', 'person', 'action', 'scope'),
    loader: ({ context: { queries } }) =>
      Promise.all([queries.ensureQueryData(ask.roles), queries.ensureQueryData(ask.assignments)]),
    component: lazyRouteComponent(() => import('./pages/roles.tsx'), 'RolesPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/elevation',
    loader: ({ context: { queries } }) =>
      Promise.all([queries.ensureQueryData(ask.roles), queries.ensureQueryData(ask.elevations)]),
    component: lazyRouteComponent(() => import('./pages/elevation.tsx'), 'ElevationPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/labels',
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.scheme),
    component: lazyRouteComponent(() => import('./pages/labels.tsx'), 'LabelsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/guardrails',
    validateSearch: only('tab'),
    component: lazyRouteComponent(() => import('./pages/guardrails.tsx'), 'GuardrailsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/compliance',
    validateSearch: only('tab', 'scope', 'initiative', 'assignment', 'guardrail', 'state'),
    component: lazyRouteComponent(() => import('./pages/compliance.tsx'), 'CompliancePage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/scopes',
    loader: ({ context: { queries } }) =>
      Promise.all([queries.ensureQueryData(ask.folders), queries.ensureQueryData(ask.projects)]),
    component: lazyRouteComponent(() => import('./pages/scopes.tsx'), 'ScopesPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/inventory',
    validateSearch: only('query', 'view'),
    component: lazyRouteComponent(() => import('./pages/inventory.tsx'), 'InventoryPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/drift',
    component: lazyRouteComponent(() => import('./pages/drift.tsx'), 'DriftPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/inventory/$kind/$id',
    validateSearch: only('tab'),
    loader: ({ context, params }) => context.queries.ensureQueryData(ask.resource(params.id)),
    component: lazyRouteComponent(() => import('./pages/resource.tsx'), 'ResourcePage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/approvals',
    validateSearch: only('tab'),
    component: lazyRouteComponent(() => import('./pages/approvals.tsx'), 'ApprovalsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/approvals/$id',
    loader: ({ context, params }) => context.queries.ensureQueryData(ask.changeSet(params.id)),
    component: lazyRouteComponent(() => import('./pages/change-set.tsx'), 'ChangeSetPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/keys',
    loader: ({ context: { queries } }) => queries.ensureQueryData(ask.keys()),
    component: lazyRouteComponent(() => import('./pages/keys.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/audit',
    validateSearch: only('actor', 'action', 'outcome', 'kind', 'resource', 'from', 'to', 'q', 'entry'),
    component: lazyRouteComponent(() => import('./pages/audit.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/account',
    loader: ({ context: { queries } }) =>
      Promise.all([
        queries.ensureQueryData(ask.passkeys),
        queries.ensureQueryData(ask.certificates),
        queries.ensureQueryData(ask.sessions()),
      ]),
    component: lazyRouteComponent(() => import('./pages/account.tsx'), 'AccountPage'),
  }),
]

export const createPortalRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: root.addChildren([...doors, inside.addChildren(pages)]),
    context: { queries },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: Failure,
    defaultNotFoundComponent: Missing,
    defaultPendingMs: 400,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPortalRouter>
  }
}

// What can be asked, each with its name in the cache. A change invalidates by the first word of the name.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ApiProblem, get, post, rememberCsrf } from './client.ts'
import type * as T from './types.ts'

export const pageRows = 50
/** A site just set up starts its first deployment within seconds; whoever waits for it should see it come. */
const emptyLookMs = 2_000

export const setupState = queryOptions({ queryKey: ['setup'], queryFn: () => get<T.SetupState>('/setup') })
export const invitation = (token: string) =>
  queryOptions({ queryKey: ['invitation', token], queryFn: () => get<T.InvitationState>('/invitation', { token }), retry: false })

/** Null when no one is signed in: that is an answer, not a failure. */
export const session = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async () => {
    try {
      const found = await get<T.Session>('/session')
      rememberCsrf(found.csrf)
      return found
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null
      throw error
    }
  },
})

export const overview = queryOptions({
  queryKey: ['overview'],
  queryFn: () => get<T.Overview>('/overview'),
  refetchInterval: 10_000,
})

export const conversations = (q?: string) =>
  queryOptions({
    queryKey: ['conversations', 'list', q ?? ''],
    queryFn: () => get<T.Page<T.Conversation>>('/conversations', { q, limit: 100 }),
  })
export const conversation = (id: string) =>
  queryOptions({ queryKey: ['conversations', id], queryFn: () => get<T.ConversationDetail>(`/conversations/${id}`) })

/** What this person may talk to now, as any OpenAI client would be told. */
export const callable = queryOptions({
  queryKey: ['callable'],
  queryFn: () => get<T.Callable>('/v1/models'),
  staleTime: 15_000,
  refetchInterval: ({ state }) => (state.data?.data.length === 0 ? emptyLookMs : false),
})

export const models = (q?: string) =>
  queryOptions({ queryKey: ['models', 'list', q ?? ''], queryFn: () => get<T.Page<T.Model>>('/models', { q, limit: 200 }) })
export const model = (id: string) => queryOptions({ queryKey: ['models', id], queryFn: () => get<T.Model>(`/models/${id}`) })
export const deployments = queryOptions({
  queryKey: ['deployments', 'list'],
  queryFn: () => get<T.Page<T.Deployment>>('/deployments', { limit: 200 }),
})
export const folders = queryOptions({
  queryKey: ['folders', 'list'],
  queryFn: () => get<T.Page<T.Scope>>('/folders', { limit: 200 }),
})
export const projects = queryOptions({
  queryKey: ['projects', 'list'],
  queryFn: () => get<T.Page<T.Scope>>('/projects', { limit: 200 }),
})
export const movePreview = ({ kind, id }: T.Scope, to: { scope: string; force: boolean }) =>
  queryOptions({
    queryKey: ['move', id, to],
    gcTime: 0,
    retry: false,
    queryFn: () => post<T.Moved>(`/${kind}s/${id}/move`, { ...to, dryRun: true }),
  })
export const assignments = queryOptions({
  queryKey: ['role-assignments', 'list'],
  queryFn: () => get<T.Page<T.Assignment>>('/role-assignments', { limit: 200 }),
})
export const roles = queryOptions({
  queryKey: ['roles'],
  queryFn: () => get<T.Roles>('/roles'),
})

export const elevations = queryOptions({
  queryKey: ['elevations'],
  queryFn: () => get<T.Elevations>('/elevations'),
  refetchInterval: 30_000,
})
export const whatIf = (change: object) =>
  queryOptions({ queryKey: ['what-if', change], gcTime: 0, queryFn: () => post<T.GainsAndLosses>('/what-if', change) })
/** There is one on every site. */
export const scheme = queryOptions({
  queryKey: ['classification-schemes'],
  queryFn: async () => {
    const { items } = await get<T.Page<T.SchemeResource>>('/classification-schemes', { limit: 1 })
    const { name = '', spec = { levels: [] } } = items[0] ?? {}
    return { name, levels: [...spec.levels].sort((a, b) => a.rank - b.rank), caveats: spec.caveats ?? [] }
  },
})
export const clearances = queryOptions({
  queryKey: ['clearances'],
  queryFn: () => get<T.Page<T.Clearance>>('/clearances', { limit: 200 }),
})

export const guardrailLibrary = queryOptions({
  queryKey: ['guardrails', 'library'],
  staleTime: 300_000,
  queryFn: () => get<T.GuardrailLibrary>('/guardrail-library'),
})
export const ownGuardrails = queryOptions({
  queryKey: ['guardrails', 'own'],
  queryFn: () => get<T.Page<T.OwnGuardrail>>('/guardrails', { limit: 200 }),
})
export const ownInitiatives = queryOptions({
  queryKey: ['initiatives'],
  queryFn: () => get<T.Page<T.OwnInitiative>>('/initiatives', { limit: 200 }),
})
export const guardrailAssignments = queryOptions({
  queryKey: ['guardrail-assignments'],
  queryFn: () => get<T.Page<T.GuardrailAssignment>>('/guardrail-assignments', { limit: 200 }),
})
export const publishers = queryOptions({
  queryKey: ['publishers'],
  queryFn: () => get<T.Page<T.Publisher>>('/publishers', { limit: 200 }),
})
export const exemptions = queryOptions({
  queryKey: ['exemptions'],
  queryFn: () => get<T.Page<T.Exemption>>('/exemptions', { limit: 200 }),
})

const sweepLookMs = 2_000
const standingLookMs = 30_000
export const compliance = (asked: { scope?: string; initiative?: string }) =>
  queryOptions({
    queryKey: ['compliance', 'standing', asked],
    queryFn: () => get<T.Compliance>('/compliance', asked),
    refetchInterval: ({ state }) => (state.data?.sweep.running ? sweepLookMs : standingLookMs),
  })
export const complianceHistory = (asked: object) =>
  queryOptions({
    queryKey: ['compliance', 'history', asked],
    queryFn: () => get<T.CompliancePoints>('/compliance/history', { ...asked }),
  })
export const complianceVerdicts = (asked: object) =>
  infiniteQueryOptions({
    queryKey: ['compliance', 'verdicts', asked],
    queryFn: ({ pageParam }) =>
      get<T.Page<T.ComplianceVerdict>>('/compliance/verdicts', { ...asked, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
export const complianceTransitions = (asked: object) =>
  infiniteQueryOptions({
    queryKey: ['compliance', 'transitions', asked],
    queryFn: ({ pageParam }) =>
      get<{ items: T.ComplianceTransition[]; next?: number }>('/compliance/transitions', {
        ...asked,
        after: pageParam,
        limit: pageRows,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next,
  })
export const attestations = (asked: object) =>
  infiniteQueryOptions({
    queryKey: ['compliance', 'attestations', asked],
    queryFn: ({ pageParam }) =>
      get<T.Page<T.Attestation>>('/compliance/attestations', { ...asked, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })

const remediationLookMs = 3_000
export const remediations = queryOptions({
  queryKey: ['remediations'],
  queryFn: () => get<T.Page<T.Remediation>>('/remediations'),
  refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state === 'running') ? remediationLookMs : false),
})
export const remediation = (id: string) =>
  queryOptions({
    queryKey: ['remediations', id],
    queryFn: () => get<T.RemediationDetail>(`/remediations/${id}`),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? remediationLookMs : false),
  })

export const kinds = queryOptions({ queryKey: ['kinds'], staleTime: Infinity, queryFn: () => get<T.Kinds>('/kinds') })
export const views = queryOptions({ queryKey: ['views'], queryFn: () => get<T.Page<T.View>>('/views', { limit: 200 }) })
export const inventory = (found: { query?: string | undefined; view?: string | undefined }) =>
  infiniteQueryOptions({
    queryKey: ['inventory', found],
    queryFn: ({ pageParam }) => get<T.Page<T.AnyResource>>('/resources', { ...found, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
/** Null when it is not there, or not for this person's eyes. */
export const resource = (id: string) =>
  queryOptions({
    queryKey: ['inventory', 'one', id],
    queryFn: async () => (await get<T.Page<T.AnyResource>>('/resources', { query: `id:${id}`, limit: 1 })).items[0] ?? null,
  })
export const revisions = (kind: string, id: string) =>
  queryOptions({
    queryKey: ['inventory', 'history', id],
    queryFn: async () => {
      const { items } = await get<T.Kinds>('/kinds')
      const plural = items.find((each) => each.kind === kind)?.plural ?? kind
      return get<{ items: T.Revision[] }>(`/${plural}/${id}/history`)
    },
  })
export const graph = (id: string) =>
  queryOptions({ queryKey: ['inventory', 'graph', id], queryFn: () => get<T.Graph>('/graph', { resource: id, depth: 4 }) })

export const approvalRules = queryOptions({
  queryKey: ['approval-rules'],
  queryFn: () => get<T.Page<T.ApprovalRule>>('/approval-rules', { limit: 200 }),
})
export const changeSets = (filter: { mine?: string; state?: string } = {}) =>
  infiniteQueryOptions({
    queryKey: ['change-sets', filter],
    queryFn: ({ pageParam }) => get<T.Page<T.ChangeSet>>('/change-sets', { ...filter, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
export const changeSet = (id: string) =>
  queryOptions({ queryKey: ['change-sets', 'one', id], queryFn: () => get<T.ChangeSetDetail>(`/change-sets/${id}`) })

export const people = (filter: { q?: string; state?: string } = {}) =>
  infiniteQueryOptions({
    queryKey: ['users', 'list', filter],
    queryFn: ({ pageParam }) => get<T.Page<T.User>>('/users', { ...filter, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
/** For pickers: the first 200, which is also the most one page may hold. */
export const peopleShort = queryOptions({
  queryKey: ['users', 'short'],
  queryFn: () => get<T.Page<T.User>>('/users', { limit: 200 }),
})
export const person = (id: string) => queryOptions({ queryKey: ['users', id], queryFn: () => get<T.UserDetail>(`/users/${id}`) })
export const groups = queryOptions({
  queryKey: ['groups', 'list'],
  queryFn: () => get<T.Page<T.Group>>('/groups', { limit: 200 }),
})
export const group = (id: string) =>
  queryOptions({ queryKey: ['groups', id], queryFn: () => get<T.GroupDetail>(`/groups/${id}`) })
export const keys = (user?: string) =>
  queryOptions({ queryKey: ['keys', user ?? 'own'], queryFn: () => get<T.Page<T.Key>>('/keys', { user }) })
export const sessions = (user?: string) =>
  queryOptions({ queryKey: ['sessions', user ?? 'own'], queryFn: () => get<T.Page<T.SessionItem>>('/sessions', { user }) })
export const passkeys = queryOptions({ queryKey: ['passkeys'], queryFn: () => get<T.Page<T.Passkey>>('/me/passkeys') })
export const certificates = queryOptions({
  queryKey: ['certificates'],
  queryFn: () => get<T.Page<T.Certificate>>('/me/certificates'),
})
/** What the key of a certificate signs to be registered: asked for once each time the form is opened. */
export const certificateChallenge = queryOptions({
  queryKey: ['certificate-challenge'],
  staleTime: 600_000,
  gcTime: 0,
  retry: false,
  queryFn: () => post<{ challenge: string; statement: string }>('/me/certificates/challenge'),
})

export type AuditFilter = {
  actor?: string
  action?: string
  outcome?: string
  kind?: string
  resource?: string
  from?: string
  to?: string
  q?: string
}
export const audit = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'list', filter],
    queryFn: ({ pageParam }) => get<T.Page<T.EntryItem>>('/audit', { ...filter, after: pageParam, limit: pageRows }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
export const entry = (id: string) =>
  queryOptions({ queryKey: ['audit', 'entry', id], queryFn: () => get<T.EntryDetail>(`/audit/entries/${id}`) })
export const entryProof = (id: string) =>
  queryOptions({ queryKey: ['audit', 'proof', id], queryFn: () => get<T.Receipt>(`/audit/entries/${id}/proof`) })
export const checkpoint = queryOptions({
  queryKey: ['audit', 'checkpoint'],
  queryFn: () => get<T.Checkpoint>('/audit/checkpoint'),
  refetchInterval: 10_000,
})
export const receipt = (id: string) =>
  queryOptions({ queryKey: ['receipt', id], queryFn: () => get<T.Receipt>(`/receipts/${id}`), staleTime: Infinity, retry: 2 })

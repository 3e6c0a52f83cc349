// What the API says, as the portal reads it.
export type Page<T> = { items: T[]; next?: string }
export type Factor = 'password' | 'totp' | 'passkey' | 'key' | 'recovery'
export type GrantAt = { role: string; scope: string; path: string }

export type SetupState = { needed: boolean; organisation?: { id: string; name: string }; site: { name: string } }
export type Session = {
  user: { id: string; username: string; displayName: string }
  organisation: { id: string; name: string }
  factors: Factor[]
  csrf: string
  expiresAt: string
  roles: GrantAt[]
  may: string[]
  site: { name: string }
}
export type InvitationState = {
  purpose: 'invitation' | 'recovery'
  username: string
  displayName: string
  organisation?: { name: string }
  expiresAt: string
}
export type SessionItem = {
  id: string
  userId: string
  factors: Factor[]
  userAgent: string
  address: string
  createdAt: string
  lastSeenAt: string
  expiresAt: string
  current: boolean
}
export type User = {
  id: string
  username: string
  displayName: string
  email?: string
  state: 'invited' | 'active' | 'disabled'
  createdAt: string
}
export type UserDetail = User & {
  hasPassword: boolean
  hasTotp: boolean
  passkeys: number
  recoveryCodesLeft: number
  roles: GrantAt[]
  groups: { id: string; name: string }[]
}
export type Invitation = { url: string; expiresAt: string }
export type Invited = { user: User; invitation: Invitation }
export type Passkey = { id: string; name: string; synced: boolean; createdAt: string; lastUsedAt?: string }
export type Group = { id: string; name: string; description: string; createdAt: string }
export type GroupDetail = Group & { members: { id: string; kind: 'user' | 'group'; name: string }[]; roles: GrantAt[] }
export type Key = {
  id: string
  name: string
  hint: string
  owner: string
  scope?: string
  actions?: string[]
  state: 'active' | 'expired' | 'revoked'
  createdAt: string
  expiresAt: string
  lastUsedAt?: string
}

export type Resource<Spec = Record<string, unknown>, Status = Record<string, unknown>> = {
  id: string
  kind: string
  scope: string
  scopeId: string
  name: string
  labels: Record<string, string>
  owner?: string
  spec: Spec
  status?: Status | null
  generation: number
  etag: string
  createdAt: string
  updatedAt: string
}
export type ModelSpec = { digest: string; licence?: string; source?: string; description?: string }
export type Passport = {
  architecture?: string
  name?: string
  parameters?: number
  quantisation?: string
  contextLength?: number
  sizeBytes?: number
  chatTemplate?: boolean
  tools?: boolean
  tokenizer?: string
  licence?: string
  blocks?: number
  embeddingLength?: number
  vocabulary?: number
}
export type Model = Resource<ModelSpec, { passport?: Passport }>
export type DeploymentSpec = {
  model?: string
  engine?: 'llama' | 'openai'
  parallel?: number
  contextTokens?: number
  queueMax?: number
  threads?: number
  recordContent?: 'none' | 'sealed'
  baseUrl?: string
  upstreamModel?: string
  maxTokensDefault?: number
}
export type DeploymentStatus = {
  state?: 'starting' | 'ready' | 'failed' | 'stopped' | 'restarting'
  message?: string
  restarts?: number
  running?: number
  waiting?: number
  loadedAt?: string
  modelDigest?: string
}
export type Deployment = Resource<DeploymentSpec, DeploymentStatus>
export type Assignment = Resource<{ principal: string; role: string }>
export type Scope = Resource<{ title?: string }>

export type Role = { name: string; title: string; description: string; actions: string[] }
export type Explanation = {
  allowed: boolean
  principal: string
  action: string
  scope: { id: string; path: string }
  policyVersion: string
  rules: { id: string; title: string }[]
  scopeChain: { id: string; path: string }[]
  /** `applies`: it reaches the scope asked about; `gives`: its role includes the action. */
  grants: { role: string; path: string; via?: string; applies: boolean; gives: boolean }[]
  summary: string
  wouldChange: string
}

export type EntryItem = {
  index: number
  id: string
  at: string
  actor: string
  action: string
  outcome: 'done' | 'denied' | 'failed' | 'cancelled'
  resource: { kind: string; id?: string; scope?: string }
  facts?: Record<string, unknown>
  requestId: string
}
export type EntryDetail = { entry: EntryItem; leaf: string; sealed?: unknown }
export type Checkpoint = { origin: string; size: number; rootHash: string; text: string; publicKey: string; at: string }
export type Receipt = {
  type: 'holdfast-receipt'
  v: 1
  origin: string
  entryId: string
  index: number
  leaf: string
  proof: string[]
  checkpoint: string
  publicKey: string
}

export type Conversation = { id: string; title: string; model: string; createdAt: string; updatedAt: string }
export type Message = {
  id: string
  role: 'user' | 'assistant'
  content: string
  receipt?: string
  model?: string
  promptTokens?: number
  completionTokens?: number
  durationMs?: number
  finishReason?: string
  createdAt: string
}
export type ConversationDetail = Conversation & { messages: Message[] }

export type Check = { name: string; state: 'ok' | 'warn' | 'fail'; detail: string }
export type Overview = {
  site: { id: string; name: string; version: string; startedAt: string; now: string }
  checks: Check[]
  counts: { people: number; groups: number; projects: number; models: number; deployments: number; keys: number }
  deployments: {
    id: string
    name: string
    scope: string
    model: string
    state: string
    running: number
    waiting: number
    message?: string
  }[]
  log: { size: number; checkpointAt: string | null }
  storage: { blobsBytes: number; databaseBytes: number; diskFreeBytes: number; diskTotalBytes: number }
  expires: { what: string; kind: string; id: string; at: string }[]
  usage: { hour: string; calls: number; promptTokens: number; completionTokens: number }[]
}

// What the API says, under the words pages use. Made of the generated client, so that a change of the API is a type error here.
import type * as api from '../../client/api.ts'

export type Page<T> = { items: T[]; next?: string }
type Item<List extends { items: unknown[] }> = List['items'][number]

export type SetupState = api.SetupGet
export type Session = api.SessionGet
export type GrantAt = Session['roles'][number]
export type InvitationState = api.InvitationGet
export type SessionItem = Item<api.SessionList>
export type User = Item<api.UserList>
export type UserDetail = api.UserGet
export type Invitation = api.UserInvite
export type Invited = api.UserCreate
export type Passkey = Item<api.PasskeyList>
export type Certificate = Item<api.CertificateList>
export type Group = Item<api.GroupList>
export type GroupDetail = api.GroupGet
export type Key = Item<api.KeyList>
export type KeyMade = api.KeyCreate

export type Model = api.ModelGet
export type ModelSpec = Model['spec']
export type Passport = NonNullable<Model['status']>['passport']
export type Stored = api.ArtifactUpload
export type RepositoryCard = Item<api.ArtifactRepositories>
export type Repository = api.RepositoryGet
export type RepositorySpec = Repository['spec']
export type PackageCard = Item<api.ArtifactList>
export type TagCard = Item<api.ArtifactTags>
export type Release = api.ArtifactGet
export type ReleaseFile = Release['files'][number]
export type Referrer = Release['referrers'][number]

export type Storage = api.StorageGet
export type StorageUsage = api.StorageUsage
export type Freeable = api.StorageFreeable
export type Damaged = api.StorageDamaged
export type Hold = Item<api.StorageHoldList>

export type Deployment = api.DeploymentGet
export type DeploymentSpec = Deployment['spec']
export type Assignment = api.RoleAssignmentGet
export type Scope = api.FolderGet | api.ProjectGet

export type Moved = api.FolderMove
export type MovePreview = NonNullable<Moved['preview']>
export type Drift = api.InventoryDrift

export type AnyResource = Item<api.ResourceSearch>
export type Revision = Item<api.DeploymentHistory>
export type Graph = api.ResourceGraph
export type View = Item<api.ViewList>
export type Kinds = api.KindList

export type ChangeSet = Item<api.ChangeSetList>
export type ChangeSetDetail = api.ChangeSetGet

export type ApprovalRule = api.ApprovalRuleGet

export type Roles = api.RoleCatalog
export type Role = Item<api.RoleCatalog>
export type Explanation = api.PolicyExplain

export type Elevation = Item<api.ElevationList>
export type Elevations = api.ElevationList
export type Eligibility = Elevations['eligible'][number]
export type GainsAndLosses = api.PolicyWhatIf
export type Right = GainsAndLosses['gains'][number]
export type SchemeResource = api.ClassificationSchemeGet
export type Scheme = Required<SchemeResource['spec']> & { name: string }
export type Clearance = api.ClearanceGet

export type GuardrailLibrary = api.GuardrailLibrary
export type OwnGuardrail = api.GuardrailGet
export type Definition = OwnGuardrail['spec']
export type OwnInitiative = api.InitiativeGet
export type Initiative = OwnInitiative['spec']
export type GuardrailAssignment = api.GuardrailAssignmentGet
export type Publisher = api.PublisherGet
export type TakenSet = api.GuardrailSetImport
export type Tried = api.GuardrailTry
export type Exemption = api.ExemptionGet

export type Compliance = api.ComplianceGet
export type Counts = Compliance['resources']
export type CompliancePoints = api.ComplianceHistory
export type ComplianceVerdict = Item<api.ComplianceVerdicts>
export type ComplianceTransition = Item<api.ComplianceTransitions>
export type Attestation = Item<api.AttestationList>

export type Remediation = Item<api.RemediationList>
export type RemediationDetail = api.RemediationGet
export type RemediationPreview = Extract<api.RemediationStart, { total: number }>

export type EntryItem = Item<api.AuditList>
export type EntryDetail = api.AuditGet
export type Checkpoint = api.AuditCheckpoint
export type Receipt = api.ReceiptGet

export type Conversation = Item<api.ConversationList>
export type ConversationDetail = api.ConversationGet
export type Message = ConversationDetail['messages'][number]
export type Callable = api.GatewayModels

export type Overview = api.SiteOverview
export type Check = Overview['checks'][number]

// Generated from openapi.json by `npm run gen`. Do not edit.
import type { Body, Call } from './http.ts'

export type ApprovalRuleApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { actions: (string)[]; approverRole?: string; condition?: { classificationMin?: string; labels?: Record<string, unknown> }; quorum: number } }; signal?: AbortSignal }
export type ApprovalRuleApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "approval-rule"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; approverRole?: string; condition?: { classificationMin?: string; labels?: Record<string, unknown> }; quorum: number }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "approval-rule"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; approverRole?: string; condition?: { classificationMin?: string; labels?: Record<string, unknown> }; quorum: number }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ApprovalRuleDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ApprovalRuleDelete = undefined
export type ApprovalRuleGetInput = { path: { id: string }; signal?: AbortSignal }
export type ApprovalRuleGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "approval-rule"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; approverRole?: string; condition?: { classificationMin?: string; labels?: Record<string, unknown> }; quorum: number }; updatedAt: string }
export type ApprovalRuleHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ApprovalRuleHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ApprovalRuleListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ApprovalRuleList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "approval-rule"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; approverRole?: string; condition?: { classificationMin?: string; labels?: Record<string, unknown> }; quorum: number }; updatedAt: string })[]; next?: string }
export type AptDeleteInput = { path: { "*": string }; signal?: AbortSignal }
export type AptDelete = undefined
export type AptGetInput = { path: { "*": string }; signal?: AbortSignal }
export type AptGet = undefined
export type AptPostInput = { path: { "*": string }; signal?: AbortSignal }
export type AptPost = undefined
export type AptPutInput = { path: { "*": string }; signal?: AbortSignal }
export type AptPut = undefined
export type ArtifactDiscardInput = { query: { path: string; reference: string }; signal?: AbortSignal }
export type ArtifactDiscard = undefined
export type ArtifactGetInput = { query: { path: string; reference: string }; signal?: AbortSignal }
export type ArtifactGet = { annotations: Record<string, unknown>; artifactType: string | null; digest: string; files: ({ digest: string; mediaType: string; path: string; role: "config" | "layer" | "manifest"; sizeBytes: number })[]; filesMore: boolean; manifest?: unknown; mediaType: string; path: string; pullers?: ({ actor: string; count: number; firstAt: string; lastAt: string })[]; pulls: number; pushedAt: string; pushedBy: string; referrers: ({ annotations: Record<string, unknown> | null; artifactType: string | null; digest: string; mediaType: string; sizeBytes: number })[]; repository: string; sizeBytes: number; subject: string | null; tags: (string)[] }
export type ArtifactListInput = { query?: { repository?: string; format?: string; models?: boolean; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ArtifactList = { items: ({ artifactType: string | null; format: string; latestTag: string | null; manifests: number; name: string; path: string; pulls: number; pushedAt: string | null; repository: string; sizeBytes: number; tags: number })[]; next?: string }
export type ArtifactRepositoriesInput = { signal?: AbortSignal }
export type ArtifactRepositories = { items: ({ description?: string; format: string; id: string; may: { discard: boolean; pull: boolean; push: boolean }; name: string; packages: number; path: string; pushedAt: string | null; scope: string; sizeBytes: number })[] }
export type ArtifactSignInput = { body: { bundle?: string; path: string; reference: string }; signal?: AbortSignal }
export type ArtifactSign = { bundle: unknown; digest: string; files: number; modelDigest: string }
export type ArtifactSigningKeyInput = { signal?: AbortSignal }
export type ArtifactSigningKey = { hint: string; publicKey: string }
export type ArtifactTagsInput = { query: { path: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ArtifactTags = { items: ({ artifactType: string | null; digest: string; mediaType: string; name: string; pulls: number; referrers: number; setAt: string; setBy: string; sizeBytes: number })[]; next?: string }
export type ArtifactUploadInput = { headers?: { "x-content-sha256"?: string }; content: Body; signal?: AbortSignal }
export type ArtifactUpload = { digest: string; mended: boolean; sizeBytes: number }
export type ArtifactVerifyInput = { body: { path: string; publicKeys?: (string)[]; reference: string }; signal?: AbortSignal }
export type ArtifactVerify = { manifest: string; signatures: ({ digest: string; leftOut: (string)[]; modelDigest?: string; reasons: (string)[]; signer?: { kind: "site" | "publisher" | "key"; name: string }; verified: boolean })[]; verified: boolean }
export type AttestationListInput = { query?: { scope?: string; initiative?: string; assignment?: string; resource?: string; guardrail?: string; state?: "valid" | "ended" | "withdrawn" | "moot"; after?: string; limit?: number }; signal?: AbortSignal }
export type AttestationList = { items: ({ actor: string; assignment: string; at: string; expiresAt: string; guardrail: string; id: string; resource?: { gone: boolean; id: string; kind: string; name: string }; scope: string; state: "valid" | "ended" | "withdrawn" | "moot"; statement: string; title?: string; withdrawn?: { actor: string; at: string; reason: string } })[]; next?: string }
export type AttestationWithdrawInput = { path: { id: string }; body: { reason: string }; signal?: AbortSignal }
export type AttestationWithdraw = { actor: string; assignment: string; at: string; expiresAt: string; guardrail: string; id: string; resource?: { gone: boolean; id: string; kind: string; name: string }; scope: string; state: "valid" | "ended" | "withdrawn" | "moot"; statement: string; title?: string; withdrawn?: { actor: string; at: string; reason: string } }
export type AuditCheckpointInput = { signal?: AbortSignal }
export type AuditCheckpoint = { at: string; origin: string; publicKey: string; rootHash: string; size: number; text: string }
export type AuditConsistencyInput = { query: { from: number; to?: number }; signal?: AbortSignal }
export type AuditConsistency = { from: number; proof: (string)[]; to: number }
export type AuditExportInput = { signal?: AbortSignal }
export type AuditExport = undefined
export type AuditGetInput = { path: { entry: string }; signal?: AbortSignal }
export type AuditGet = { entry: { action: string; actor: string; at: string; facts?: unknown; id: string; index: number; outcome: "done" | "denied" | "failed" | "cancelled"; requestId: string; resource: { id?: string; kind: string; scope?: string } }; leaf: string; sealed?: unknown }
export type AuditListInput = { query?: { actor?: string; action?: string; outcome?: "done" | "denied" | "failed" | "cancelled"; kind?: string; resource?: string; from?: string; to?: string; q?: string; after?: number; limit?: number }; signal?: AbortSignal }
export type AuditList = { items: ({ action: string; actor: string; at: string; facts?: unknown; id: string; index: number; outcome: "done" | "denied" | "failed" | "cancelled"; requestId: string; resource: { id?: string; kind: string; scope?: string } })[]; next?: string }
export type AuditProveInput = { path: { entry: string }; signal?: AbortSignal }
export type AuditProve = { checkpoint: string; entryId: string; index: number; leaf: string; origin: string; proof: (string)[]; publicKey: string; type: "holdfast-receipt"; v: 1 }
export type AuditRebuildInput = { signal?: AbortSignal }
export type AuditRebuild = undefined
export type AuditVerifyInput = { signal?: AbortSignal }
export type AuditVerify = { faults: (string)[]; ok: boolean; size: number }
export type CertificateChallengeInput = { signal?: AbortSignal }
export type CertificateChallenge = { challenge: string; statement: string }
export type CertificateCreateInput = { body: { certificate: string; challenge: string; name: string; signature: string }; signal?: AbortSignal }
export type CertificateCreate = { createdAt: string; fingerprint: string; id: string; lastUsedAt?: string; name: string; notAfter: string; notBefore: string; subject: string }
export type CertificateDeleteInput = { path: { id: string }; signal?: AbortSignal }
export type CertificateDelete = undefined
export type CertificateListInput = { signal?: AbortSignal }
export type CertificateList = { items: ({ createdAt: string; fingerprint: string; id: string; lastUsedAt?: string; name: string; notAfter: string; notBefore: string; subject: string })[]; next?: string }
export type ChangeSetApproveInput = { path: { id: string }; body: { signature: { passkey: { authenticatorAttachment?: string; clientExtensionResults: Record<string, unknown>; id: string; rawId: string; response: { authenticatorData: string; clientDataJSON: string; signature: string; userHandle?: string | null }; type: "public-key" } } | { certificate: string; signature: string } }; signal?: AbortSignal }
export type ChangeSetApprove = { approvals: ({ approver: string; at: string; evidence: { authenticatorData: string; clientDataJSON: string; credential: string; method: "passkey"; publicKey: string; signature: string; statement: string } | { certificate: string; credential: string; method: "certificate"; publicKey: string; signature: string; statement: string } })[]; approvers: (string)[]; createdAt: string; digest: string; document: string; endedAt?: string; endedBecause?: unknown; endedBy?: string; expiresAt: string; hindrance?: string; id: string; mayApprove: boolean; obligations: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; operationId: string; reason: string; reply?: { body?: unknown; status: number }; requester: string; requesterName?: string; state: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed" }
export type ChangeSetCreateInput = { body: { body?: unknown; expiresAt?: string; ifMatch?: string; ifNoneMatch?: "*"; operationId: string; path?: Record<string, unknown>; query?: Record<string, unknown>; reason: string }; signal?: AbortSignal }
export type ChangeSetCreate = { approvals: ({ approver: string; at: string; evidence: { authenticatorData: string; clientDataJSON: string; credential: string; method: "passkey"; publicKey: string; signature: string; statement: string } | { certificate: string; credential: string; method: "certificate"; publicKey: string; signature: string; statement: string } })[]; approvers: (string)[]; createdAt: string; digest: string; document: string; endedAt?: string; endedBecause?: unknown; endedBy?: string; expiresAt: string; hindrance?: string; id: string; mayApprove: boolean; obligations: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; operationId: string; reason: string; reply?: { body?: unknown; status: number }; requester: string; requesterName?: string; state: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed" }
export type ChangeSetGetInput = { path: { id: string }; signal?: AbortSignal }
export type ChangeSetGet = { approvals: ({ approver: string; at: string; evidence: { authenticatorData: string; clientDataJSON: string; credential: string; method: "passkey"; publicKey: string; signature: string; statement: string } | { certificate: string; credential: string; method: "certificate"; publicKey: string; signature: string; statement: string } })[]; approvers: (string)[]; createdAt: string; digest: string; document: string; endedAt?: string; endedBecause?: unknown; endedBy?: string; expiresAt: string; hindrance?: string; id: string; mayApprove: boolean; obligations: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; operationId: string; reason: string; reply?: { body?: unknown; status: number }; requester: string; requesterName?: string; state: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed" }
export type ChangeSetListInput = { query?: { state?: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed"; mine?: "asked" | "approvable"; after?: string; limit?: number }; signal?: AbortSignal }
export type ChangeSetList = { items: ({ approvers: (string)[]; createdAt: string; endedAt?: string; expiresAt: string; id: string; obligations: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; operationId: string; reason: string; requester: string; requesterName?: string; state: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed" })[]; next?: string }
export type ChangeSetRefuseInput = { path: { id: string }; body: { reason: string }; signal?: AbortSignal }
export type ChangeSetRefuse = { approvals: ({ approver: string; at: string; evidence: { authenticatorData: string; clientDataJSON: string; credential: string; method: "passkey"; publicKey: string; signature: string; statement: string } | { certificate: string; credential: string; method: "certificate"; publicKey: string; signature: string; statement: string } })[]; approvers: (string)[]; createdAt: string; digest: string; document: string; endedAt?: string; endedBecause?: unknown; endedBy?: string; expiresAt: string; hindrance?: string; id: string; mayApprove: boolean; obligations: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; operationId: string; reason: string; reply?: { body?: unknown; status: number }; requester: string; requesterName?: string; state: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed" }
export type ChangeSetStatementInput = { path: { id: string }; signal?: AbortSignal }
export type ChangeSetStatement = { passkey?: Record<string, unknown>; statement: string }
export type ChangeSetWithdrawInput = { path: { id: string }; signal?: AbortSignal }
export type ChangeSetWithdraw = { approvals: ({ approver: string; at: string; evidence: { authenticatorData: string; clientDataJSON: string; credential: string; method: "passkey"; publicKey: string; signature: string; statement: string } | { certificate: string; credential: string; method: "certificate"; publicKey: string; signature: string; statement: string } })[]; approvers: (string)[]; createdAt: string; digest: string; document: string; endedAt?: string; endedBecause?: unknown; endedBy?: string; expiresAt: string; hindrance?: string; id: string; mayApprove: boolean; obligations: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; operationId: string; reason: string; reply?: { body?: unknown; status: number }; requester: string; requesterName?: string; state: "open" | "done" | "refused" | "withdrawn" | "expired" | "outdated" | "failed" }
export type ClassificationSchemeApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { caveats?: ({ name: string; title: string })[]; levels: ({ name: string; rank: number; title: string })[] } }; signal?: AbortSignal }
export type ClassificationSchemeApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "classification-scheme"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: ({ name: string; title: string })[]; levels: ({ name: string; rank: number; title: string })[] }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "classification-scheme"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: ({ name: string; title: string })[]; levels: ({ name: string; rank: number; title: string })[] }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ClassificationSchemeDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ClassificationSchemeDelete = undefined
export type ClassificationSchemeGetInput = { path: { id: string }; signal?: AbortSignal }
export type ClassificationSchemeGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "classification-scheme"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: ({ name: string; title: string })[]; levels: ({ name: string; rank: number; title: string })[] }; updatedAt: string }
export type ClassificationSchemeHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ClassificationSchemeHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ClassificationSchemeListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ClassificationSchemeList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "classification-scheme"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: ({ name: string; title: string })[]; levels: ({ name: string; rank: number; title: string })[] }; updatedAt: string })[]; next?: string }
export type ClearanceApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { caveats?: (string)[]; level: string; principal: string } }; signal?: AbortSignal }
export type ClearanceApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "clearance"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: (string)[]; level: string; principal: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "clearance"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: (string)[]; level: string; principal: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ClearanceDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ClearanceDelete = undefined
export type ClearanceGetInput = { path: { id: string }; signal?: AbortSignal }
export type ClearanceGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "clearance"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: (string)[]; level: string; principal: string }; updatedAt: string }
export type ClearanceHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ClearanceHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ClearanceListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ClearanceList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "clearance"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { caveats?: (string)[]; level: string; principal: string }; updatedAt: string })[]; next?: string }
export type ComplianceAttestInput = { body: { assignment: string; expiresAt: string; guardrail?: string; resource?: string; scope?: string; statement: string }; signal?: AbortSignal }
export type ComplianceAttest = { actor: string; assignment: string; at: string; expiresAt: string; guardrail: string; id: string; resource?: string; scope?: string; statement: string }
export type ComplianceGetInput = { query?: { scope?: string; initiative?: string; assignment?: string }; signal?: AbortSignal }
export type ComplianceGet = { assignments: ({ assignment: string; guardrails: ({ effect: string; enforced: boolean; guardrail: string; title: string; verdicts: { compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number } })[]; initiative?: string; verdicts: { compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number } })[]; guardrailsVersion: string; initiatives: ({ initiative: string; verdicts: { compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number } })[]; oldestAt?: string; resources: { compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number }; scope: string; scopes: ({ resources: { compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number }; scope: string; scopeId: string })[]; sweep: { finishedAt?: string; finishedSeen?: number; running: boolean; seen: number; startedAt?: string }; verdicts: { compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number } }
export type ComplianceHistoryInput = { query?: { scope?: string; initiative?: string; assignment?: string; since?: string }; signal?: AbortSignal }
export type ComplianceHistory = { items: ({ at: string; compliant: number; exempt: number; "non-compliant": number; stale: number; unknown: number })[] }
export type ComplianceSweepInput = { body: { scope?: string }; signal?: AbortSignal }
export type ComplianceSweep = { finishedAt?: string; finishedSeen?: number; running: boolean; seen: number; startedAt?: string }
export type ComplianceTransitionsInput = { query?: { scope?: string; initiative?: string; assignment?: string; resource?: string; after?: number; limit?: number }; signal?: AbortSignal }
export type ComplianceTransitions = { items: ({ actor?: string; assignment: string; at: string; became?: string; cause: string; generation?: number; guardrail: string; guardrailsVersion: string; requestId?: string; resource: { gone: boolean; id: string; kind: string; name: string; scope: string }; seq: number; was?: string })[]; next?: number }
export type ComplianceVerdictsInput = { query?: { scope?: string; initiative?: string; assignment?: string; resource?: string; guardrail?: string; kind?: string; state?: "compliant" | "non-compliant" | "exempt" | "stale" | "unknown"; after?: string; limit?: number }; signal?: AbortSignal }
export type ComplianceVerdicts = { items: ({ assignment: string; attestation?: { actor: string; at: string; id: string; statement: string }; effect: string; enforced: boolean; exemption?: string; generation?: number; guardrail: string; guardrailsVersion: string; initiative?: string; judgedAt: string; message?: string; remediable: boolean; resource: { id: string; kind: string; name: string; scope: string; scopeId: string }; since?: string; stale?: "never-judged" | "guardrails-changed" | "changed" | "too-old"; state: "compliant" | "non-compliant" | "exempt" | "stale" | "unknown"; title: string; until?: string; was?: string })[]; next?: string }
export type ConversationCreateInput = { body: { model: string; title?: string }; signal?: AbortSignal }
export type ConversationCreate = { createdAt: string; id: string; model: string; title: string; updatedAt: string }
export type ConversationDeleteInput = { path: { id: string }; signal?: AbortSignal }
export type ConversationDelete = undefined
export type ConversationGetInput = { path: { id: string }; signal?: AbortSignal }
export type ConversationGet = { createdAt: string; id: string; messages: ({ completionTokens?: number; content: string; createdAt: string; durationMs?: number; finishReason?: string; id: string; model?: string; promptTokens?: number; receipt?: string; role: "user" | "assistant" })[]; model: string; title: string; updatedAt: string }
export type ConversationListInput = { query?: { q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ConversationList = { items: ({ createdAt: string; id: string; model: string; title: string; updatedAt: string })[]; next?: string }
export type ConversationRenameInput = { path: { id: string }; body: { title: string }; signal?: AbortSignal }
export type ConversationRename = { createdAt: string; id: string; model: string; title: string; updatedAt: string }
export type ConversationSayInput = { path: { id: string }; body: { content?: string; maxTokens?: number; model?: string; retry?: boolean; temperature?: number }; signal?: AbortSignal }
export type ConversationSay = undefined
export type DeploymentApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { baseUrl?: string; contextTokens?: number; engine?: "llama" | "openai"; maxTokensDefault?: number; memoryMbMax?: number; model: string; parallel?: number; queueMax?: number; recordContent?: "none" | "sealed"; threads?: number; upstreamModel?: string } }; signal?: AbortSignal }
export type DeploymentApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "deployment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { baseUrl?: string; contextTokens?: number; engine?: "llama" | "openai"; maxTokensDefault?: number; memoryMbMax?: number; model: string; parallel?: number; queueMax?: number; recordContent?: "none" | "sealed"; threads?: number; upstreamModel?: string }; status?: { contextTokens?: number; loadedAt?: string; message?: string; modelDigest?: string; modelId?: string; restarts: number; running: number; state: "starting" | "ready" | "failed" | "restarting" | "stopped"; tools?: boolean; waiting: number }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "deployment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { baseUrl?: string; contextTokens?: number; engine?: "llama" | "openai"; maxTokensDefault?: number; memoryMbMax?: number; model: string; parallel?: number; queueMax?: number; recordContent?: "none" | "sealed"; threads?: number; upstreamModel?: string }; status?: { contextTokens?: number; loadedAt?: string; message?: string; modelDigest?: string; modelId?: string; restarts: number; running: number; state: "starting" | "ready" | "failed" | "restarting" | "stopped"; tools?: boolean; waiting: number }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type DeploymentDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type DeploymentDelete = undefined
export type DeploymentGetInput = { path: { id: string }; signal?: AbortSignal }
export type DeploymentGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "deployment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { baseUrl?: string; contextTokens?: number; engine?: "llama" | "openai"; maxTokensDefault?: number; memoryMbMax?: number; model: string; parallel?: number; queueMax?: number; recordContent?: "none" | "sealed"; threads?: number; upstreamModel?: string }; status?: { contextTokens?: number; loadedAt?: string; message?: string; modelDigest?: string; modelId?: string; restarts: number; running: number; state: "starting" | "ready" | "failed" | "restarting" | "stopped"; tools?: boolean; waiting: number }; updatedAt: string }
export type DeploymentHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type DeploymentHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type DeploymentListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type DeploymentList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "deployment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { baseUrl?: string; contextTokens?: number; engine?: "llama" | "openai"; maxTokensDefault?: number; memoryMbMax?: number; model: string; parallel?: number; queueMax?: number; recordContent?: "none" | "sealed"; threads?: number; upstreamModel?: string }; status?: { contextTokens?: number; loadedAt?: string; message?: string; modelDigest?: string; modelId?: string; restarts: number; running: number; state: "starting" | "ready" | "failed" | "restarting" | "stopped"; tools?: boolean; waiting: number }; updatedAt: string })[]; next?: string }
export type ElevationActivateInput = { body: { assignment: string; reason: string; seconds: number }; signal?: AbortSignal }
export type ElevationActivate = { assignment: string; expiresAt: string; id: string; principal: string; reason: string; role: string; scope: string; startsAt: string }
export type ElevationEndInput = { path: { id: string }; signal?: AbortSignal }
export type ElevationEnd = undefined
export type ElevationListInput = { query?: { after?: string; limit?: number }; signal?: AbortSignal }
export type ElevationList = { eligible: ({ approvals: number; approverRole?: string; assignment: string; expiresAt?: string; maxSeconds: number; name: string; role: string; scope: string; startsAt?: string; via?: string })[]; items: ({ assignment: string; expiresAt: string; id: string; principal: string; reason: string; role: string; scope: string; startsAt: string })[]; next?: string }
export type ExemptionApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { assignment: string; category: "waived" | "mitigated"; compensatingControl?: string; expiresAt: string; guardrails?: (string)[]; reason: string; resource?: string } }; signal?: AbortSignal }
export type ExemptionApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "exemption"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { assignment: string; category: "waived" | "mitigated"; compensatingControl?: string; expiresAt: string; guardrails?: (string)[]; reason: string; resource?: string }; status?: { assignment: string; guardrails?: (string)[]; resource?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "exemption"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { assignment: string; category: "waived" | "mitigated"; compensatingControl?: string; expiresAt: string; guardrails?: (string)[]; reason: string; resource?: string }; status?: { assignment: string; guardrails?: (string)[]; resource?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ExemptionDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ExemptionDelete = undefined
export type ExemptionGetInput = { path: { id: string }; signal?: AbortSignal }
export type ExemptionGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "exemption"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { assignment: string; category: "waived" | "mitigated"; compensatingControl?: string; expiresAt: string; guardrails?: (string)[]; reason: string; resource?: string }; status?: { assignment: string; guardrails?: (string)[]; resource?: string }; updatedAt: string }
export type ExemptionHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ExemptionHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ExemptionListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ExemptionList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "exemption"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { assignment: string; category: "waived" | "mitigated"; compensatingControl?: string; expiresAt: string; guardrails?: (string)[]; reason: string; resource?: string }; status?: { assignment: string; guardrails?: (string)[]; resource?: string }; updatedAt: string })[]; next?: string }
export type FilesDeleteInput = { path: { "*": string }; signal?: AbortSignal }
export type FilesDelete = undefined
export type FilesGetInput = { path: { "*": string }; signal?: AbortSignal }
export type FilesGet = undefined
export type FilesPutInput = { path: { "*": string }; signal?: AbortSignal }
export type FilesPut = undefined
export type FolderApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { title?: string } }; signal?: AbortSignal }
export type FolderApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "folder"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "folder"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type FolderDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type FolderDelete = undefined
export type FolderGetInput = { path: { id: string }; signal?: AbortSignal }
export type FolderGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "folder"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }
export type FolderHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type FolderHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type FolderListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type FolderList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "folder"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string })[]; next?: string }
export type FolderMoveInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { dryRun?: boolean; force?: boolean; reason?: string; scope: string }; signal?: AbortSignal }
export type FolderMove = { approvals?: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "folder"; labels: Record<string, unknown>; name: string; owner: string; preview?: { classification: { after: { caveats?: (string)[]; level?: string }; before: { caveats?: (string)[]; level?: string } }; failing: ({ assignment: string; guardrail: string; id: string; kind: string; message?: string; name: string; state: string })[]; from: string; governing: { gained: ({ id: string; kind: string; name: string; scope: string; spec: Record<string, unknown> })[]; lost: ({ id: string; kind: string; name: string; scope: string; spec: Record<string, unknown> })[] }; guardrails: { gained: ({ assignment: string; effect: string; enforced: boolean; guardrail: string; title: string })[]; lost: ({ assignment: string; effect: string; enforced: boolean; guardrail: string; title: string })[] }; hidden: number; inside: { resources: number; scopes: number }; to: string; truncated: boolean }; rights?: { gains: ({ action: string; conditional: boolean; principal: string; scope: string })[]; loses: ({ action: string; conditional: boolean; principal: string; scope: string })[]; truncated: boolean }; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }
export type GatewayChatInput = { body: { frequency_penalty?: number | null; logprobs?: boolean | null; max_completion_tokens?: number | null; max_tokens?: number | null; messages: ({ content?: string | null | ({ text?: string; type: string })[]; name?: string; role: "system" | "developer" | "user" | "assistant" | "tool"; tool_call_id?: string; tool_calls?: (unknown)[] })[]; model: string; n?: number | null; presence_penalty?: number | null; response_format?: { json_schema?: { schema?: Record<string, unknown> }; type: string } | null; seed?: number | null; stop?: string | (string)[] | null; stream?: boolean | null; stream_options?: { include_usage?: boolean } | null; temperature?: number | null; tool_choice?: string | { function: { name: string }; type: "function" } | null; tools?: ({ function: { description?: string; name: string; parameters?: Record<string, unknown> }; type: "function" })[] | null; top_p?: number | null; user?: string | null }; signal?: AbortSignal }
export type GatewayChat = undefined
export type GatewayModelInput = { path: { "*": string }; signal?: AbortSignal }
export type GatewayModel = { created: number; id: string; object: "model"; owned_by: string }
export type GatewayModelsInput = { signal?: AbortSignal }
export type GatewayModels = { data: ({ created: number; id: string; object: "model"; owned_by: string })[]; object: "list" }
export type GenerationDiscardInput = { path: { id: string }; signal?: AbortSignal }
export type GenerationDiscard = undefined
export type GenerationGetInput = { path: { id: string }; signal?: AbortSignal }
export type GenerationGet = { changed: ({ becomes: string | null; path: string; tag: string; was: string | null })[]; id: string; line: string; live: boolean; madeAt: string; madeBy: string; note: string | null; number: number; stated: ({ digest: string; path: string; tag: string })[]; statement?: { payload: string; payloadType: string; signatures: ({ keyid: string; sig: string })[] }; tags: number }
export type GenerationListInput = { query?: { line?: string; before?: number }; signal?: AbortSignal }
export type GenerationList = { items: ({ id: string; line: string; live: boolean; madeAt: string; madeBy: string; note: string | null; number: number; tags: number })[]; next?: number }
export type GenerationMakeInput = { body: { line: string; note?: string; switch?: boolean; tags: ({ digest?: string; path: string; tag: string })[] }; signal?: AbortSignal }
export type GenerationMake = { id: string; line: string; live: boolean; madeAt: string; madeBy: string; note: string | null; number: number; tags: number }
export type GenerationRollbackInput = { body: { line: string; to?: number }; signal?: AbortSignal }
export type GenerationRollback = { line: string; live: number; moved: number; removed: number; was: number | null }
export type GenerationSwitchInput = { path: { id: string }; signal?: AbortSignal }
export type GenerationSwitch = { line: string; live: number; moved: number; removed: number; was: number | null }
export type GroupCreateInput = { body: { description?: string; name: string }; signal?: AbortSignal }
export type GroupCreate = { createdAt: string; description: string; id: string; name: string }
export type GroupDeleteInput = { path: { id: string }; signal?: AbortSignal }
export type GroupDelete = undefined
export type GroupGetInput = { path: { id: string }; signal?: AbortSignal }
export type GroupGet = { createdAt: string; description: string; id: string; members: ({ id: string; kind: "user" | "group"; name: string })[]; name: string; roles: ({ path: string; role: string; scope: string })[] }
export type GroupListInput = { query?: { after?: string; limit?: number; q?: string }; signal?: AbortSignal }
export type GroupList = { items: ({ createdAt: string; description: string; id: string; name: string })[]; next?: string }
export type GroupMemberAddInput = { path: { id: string; memberId: string }; signal?: AbortSignal }
export type GroupMemberAdd = undefined
export type GroupMemberRemoveInput = { path: { id: string; memberId: string }; signal?: AbortSignal }
export type GroupMemberRemove = undefined
export type GroupUpdateInput = { path: { id: string }; body: { description?: string; name?: string }; signal?: AbortSignal }
export type GroupUpdate = { createdAt: string; description: string; id: string; name: string }
export type GuardrailApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; force?: boolean; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown } }; signal?: AbortSignal }
export type GuardrailApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; force?: boolean; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; force?: boolean; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type GuardrailAssignmentApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects?: Record<string, unknown>; enforced?: boolean; exclude?: (string)[]; force?: boolean; guardrail?: string; initiative?: string; note?: string; parameters?: Record<string, unknown> } }; signal?: AbortSignal }
export type GuardrailAssignmentApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects?: Record<string, unknown>; enforced?: boolean; exclude?: (string)[]; force?: boolean; guardrail?: string; initiative?: string; note?: string; parameters?: Record<string, unknown> }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects?: Record<string, unknown>; enforced?: boolean; exclude?: (string)[]; force?: boolean; guardrail?: string; initiative?: string; note?: string; parameters?: Record<string, unknown> }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type GuardrailAssignmentDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type GuardrailAssignmentDelete = undefined
export type GuardrailAssignmentGetInput = { path: { id: string }; signal?: AbortSignal }
export type GuardrailAssignmentGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects?: Record<string, unknown>; enforced?: boolean; exclude?: (string)[]; force?: boolean; guardrail?: string; initiative?: string; note?: string; parameters?: Record<string, unknown> }; updatedAt: string }
export type GuardrailAssignmentHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type GuardrailAssignmentHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type GuardrailAssignmentListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type GuardrailAssignmentList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects?: Record<string, unknown>; enforced?: boolean; exclude?: (string)[]; force?: boolean; guardrail?: string; initiative?: string; note?: string; parameters?: Record<string, unknown> }; updatedAt: string })[]; next?: string }
export type GuardrailDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type GuardrailDelete = undefined
export type GuardrailGetInput = { path: { id: string }; signal?: AbortSignal }
export type GuardrailGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; force?: boolean; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown }; updatedAt: string }
export type GuardrailHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type GuardrailHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type GuardrailLibraryInput = { signal?: AbortSignal }
export type GuardrailLibrary = { guardrails: ({ definition: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown }; ref: string; source: string })[]; initiatives: ({ initiative: { category: string; description: string; guardrails: ({ effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail: string; parameters?: Record<string, unknown> })[]; parameters?: Record<string, unknown>; title: string; version: string }; ref: string; source: string })[] }
export type GuardrailListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type GuardrailList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "guardrail"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; force?: boolean; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown }; updatedAt: string })[]; next?: string }
export type GuardrailSetImportInput = { query?: { force?: boolean }; body: Record<string, unknown>; signal?: AbortSignal }
export type GuardrailSetImport = { guardrails: (string)[]; initiatives: (string)[]; publisher: string; sequence: number; version: string }
export type GuardrailTryInput = { body: { definition?: { category: string; description: string; effect: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; effects: ("deny" | "modify" | "audit" | "remediate" | "manual" | "disabled")[]; kinds: (string)[]; message: string; modify?: ({ path: string; value: unknown })[]; parameters?: Record<string, unknown>; remediate?: ({ path: string; value: unknown })[]; require?: unknown; title: string; version: string; when?: unknown }; effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail?: string; kinds?: (string)[]; parameters?: Record<string, unknown>; scope?: string }; signal?: AbortSignal }
export type GuardrailTry = { counts: { compliant: number; "non-compliant": number; "not-applicable": number; unknown: number }; judged: number; lockOut?: { explanation: string; reason: string }; more: boolean; samples: ({ changes?: ({ path: string; value: unknown })[]; message?: string; resource: { id: string; kind: string; name: string; scope: string }; state: string })[] }
export type HfGetInput = { path: { "*": string }; signal?: AbortSignal }
export type HfGet = undefined
export type HfPostInput = { path: { "*": string }; signal?: AbortSignal }
export type HfPost = undefined
export type HfPutInput = { path: { "*": string }; signal?: AbortSignal }
export type HfPut = undefined
export type InitiativeApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { category: string; description: string; force?: boolean; guardrails: ({ effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail: string; parameters?: Record<string, unknown> })[]; parameters?: Record<string, unknown>; title: string; version: string } }; signal?: AbortSignal }
export type InitiativeApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "initiative"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; force?: boolean; guardrails: ({ effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail: string; parameters?: Record<string, unknown> })[]; parameters?: Record<string, unknown>; title: string; version: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "initiative"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; force?: boolean; guardrails: ({ effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail: string; parameters?: Record<string, unknown> })[]; parameters?: Record<string, unknown>; title: string; version: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type InitiativeDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type InitiativeDelete = undefined
export type InitiativeGetInput = { path: { id: string }; signal?: AbortSignal }
export type InitiativeGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "initiative"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; force?: boolean; guardrails: ({ effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail: string; parameters?: Record<string, unknown> })[]; parameters?: Record<string, unknown>; title: string; version: string }; updatedAt: string }
export type InitiativeHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type InitiativeHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type InitiativeListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type InitiativeList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "initiative"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { category: string; description: string; force?: boolean; guardrails: ({ effect?: "deny" | "modify" | "audit" | "remediate" | "manual" | "disabled"; guardrail: string; parameters?: Record<string, unknown> })[]; parameters?: Record<string, unknown>; title: string; version: string }; updatedAt: string })[]; next?: string }
export type InventoryDriftInput = { body: { documents: ({ classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; kind: string; labels?: Record<string, unknown>; name: string; scope?: string; spec?: Record<string, unknown> })[]; manager?: string; scope?: string }; signal?: AbortSignal }
export type InventoryDrift = { different: ({ files: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; kind: string; labels?: Record<string, unknown>; name: string; scope?: string; spec?: Record<string, unknown> }; id: string; kind: string; name: string; scope: string; site: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; kind: string; labels?: Record<string, unknown>; name: string; scope?: string; spec?: Record<string, unknown> } })[]; onlyInFiles: ({ kind: string; name: string; scope: string })[]; onlyOnSite: ({ id: string; kind: string; name: string; scope: string })[]; same: number; truncated: boolean }
export type InventoryExportInput = { query?: { scope?: string }; signal?: AbortSignal }
export type InventoryExport = undefined
export type InvitationAcceptInput = { body: { displayName?: string; passkey?: { authenticatorAttachment?: string; clientExtensionResults: Record<string, unknown>; id: string; rawId: string; response: { attestationObject: string; authenticatorData?: string; clientDataJSON: string; publicKey?: string; publicKeyAlgorithm?: number; transports?: (string)[] }; type: "public-key" }; passkeyName?: string; password?: string; token: string }; signal?: AbortSignal }
export type InvitationAccept = { csrf: string; expiresAt: string; factors: ("password" | "totp" | "passkey" | "key" | "recovery")[]; may: (string)[]; organisation: { id: string; name: string }; roles: ({ path: string; role: string; scope: string })[]; site: { name: string }; user: { displayName: string; id: string; username: string } }
export type InvitationGetInput = { query: { token: string }; signal?: AbortSignal }
export type InvitationGet = { displayName: string; expiresAt: string; organisation?: { id: string; name: string }; purpose: "invitation" | "recovery"; username: string }
export type InvitationPasskeyOptionsInput = { body: { token: string }; signal?: AbortSignal }
export type InvitationPasskeyOptions = Record<string, unknown>
export type KeyCreateInput = { body: { actions?: (string)[]; expiresAt?: string; name: string; scope?: string }; signal?: AbortSignal }
export type KeyCreate = { key: { actions?: (string)[]; createdAt: string; expiresAt: string; hint: string; id: string; lastUsedAt?: string; name: string; owner: string; scope?: string; state: "active" | "expired" | "revoked" }; secret: string }
export type KeyListInput = { query?: { user?: string }; signal?: AbortSignal }
export type KeyList = { items: ({ actions?: (string)[]; createdAt: string; expiresAt: string; hint: string; id: string; lastUsedAt?: string; name: string; owner: string; scope?: string; state: "active" | "expired" | "revoked" })[]; next?: string }
export type KeyRevokeInput = { path: { id: string }; signal?: AbortSignal }
export type KeyRevoke = undefined
export type KindListInput = { signal?: AbortSignal }
export type KindList = { items: ({ description: string; isScope: boolean; kind: string; plural: string; spec: unknown; title: string })[] }
export type LockApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { effect: "cannot-delete" | "read-only"; note?: string; resource?: string } }; signal?: AbortSignal }
export type LockApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "lock"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect: "cannot-delete" | "read-only"; note?: string; resource?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "lock"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect: "cannot-delete" | "read-only"; note?: string; resource?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type LockDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type LockDelete = undefined
export type LockGetInput = { path: { id: string }; signal?: AbortSignal }
export type LockGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "lock"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect: "cannot-delete" | "read-only"; note?: string; resource?: string }; updatedAt: string }
export type LockHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type LockHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type LockListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type LockList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "lock"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { effect: "cannot-delete" | "read-only"; note?: string; resource?: string }; updatedAt: string })[]; next?: string }
export type ModelApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { description?: string; digest: string; licence?: string; source?: string } }; signal?: AbortSignal }
export type ModelApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "model"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; digest: string; licence?: string; source?: string }; status?: { approval?: { at: string; by: string; digest: string; reason?: string }; broughtBy?: string; digest?: string; passport: { architecture: string; blocks?: number; chatTemplate: boolean; contextLength: number; embeddingLength?: number; format: "gguf"; licence?: string; name?: string; parameters: number; quantisation: string; sizeBytes: number; tensors: number; tokenizer?: string; tools: boolean; vocabulary?: number } }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "model"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; digest: string; licence?: string; source?: string }; status?: { approval?: { at: string; by: string; digest: string; reason?: string }; broughtBy?: string; digest?: string; passport: { architecture: string; blocks?: number; chatTemplate: boolean; contextLength: number; embeddingLength?: number; format: "gguf"; licence?: string; name?: string; parameters: number; quantisation: string; sizeBytes: number; tensors: number; tokenizer?: string; tools: boolean; vocabulary?: number } }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ModelApprovalWithdrawInput = { path: { id: string }; signal?: AbortSignal }
export type ModelApprovalWithdraw = { approval?: { at: string; by: string; digest: string; reason?: string }; id: string; name: string }
export type ModelApproveInput = { path: { id: string }; body: { digest: string; reason?: string }; signal?: AbortSignal }
export type ModelApprove = { approval?: { at: string; by: string; digest: string; reason?: string }; id: string; name: string }
export type ModelDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ModelDelete = undefined
export type ModelGetInput = { path: { id: string }; signal?: AbortSignal }
export type ModelGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "model"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; digest: string; licence?: string; source?: string }; status?: { approval?: { at: string; by: string; digest: string; reason?: string }; broughtBy?: string; digest?: string; passport: { architecture: string; blocks?: number; chatTemplate: boolean; contextLength: number; embeddingLength?: number; format: "gguf"; licence?: string; name?: string; parameters: number; quantisation: string; sizeBytes: number; tensors: number; tokenizer?: string; tools: boolean; vocabulary?: number } }; updatedAt: string }
export type ModelHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ModelHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ModelListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ModelList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "model"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; digest: string; licence?: string; source?: string }; status?: { approval?: { at: string; by: string; digest: string; reason?: string }; broughtBy?: string; digest?: string; passport: { architecture: string; blocks?: number; chatTemplate: boolean; contextLength: number; embeddingLength?: number; format: "gguf"; licence?: string; name?: string; parameters: number; quantisation: string; sizeBytes: number; tensors: number; tokenizer?: string; tools: boolean; vocabulary?: number } }; updatedAt: string })[]; next?: string }
export type NpmDeleteInput = { path: { "*": string }; signal?: AbortSignal }
export type NpmDelete = undefined
export type NpmGetInput = { path: { "*": string }; signal?: AbortSignal }
export type NpmGet = undefined
export type NpmPutInput = { path: { "*": string }; signal?: AbortSignal }
export type NpmPut = undefined
export type OciCatalogInput = { signal?: AbortSignal }
export type OciCatalog = undefined
export type OciDeleteInput = { path: { "*": string }; signal?: AbortSignal }
export type OciDelete = undefined
export type OciGetInput = { path: { "*": string }; signal?: AbortSignal }
export type OciGet = undefined
export type OciPatchInput = { path: { "*": string }; signal?: AbortSignal }
export type OciPatch = undefined
export type OciPostInput = { path: { "*": string }; signal?: AbortSignal }
export type OciPost = undefined
export type OciPutInput = { path: { "*": string }; signal?: AbortSignal }
export type OciPut = undefined
export type OciTokenInput = { signal?: AbortSignal }
export type OciToken = undefined
export type OciVersionInput = { signal?: AbortSignal }
export type OciVersion = undefined
export type PasskeyCreateInput = { body: { name: string; response: { authenticatorAttachment?: string; clientExtensionResults: Record<string, unknown>; id: string; rawId: string; response: { attestationObject: string; authenticatorData?: string; clientDataJSON: string; publicKey?: string; publicKeyAlgorithm?: number; transports?: (string)[] }; type: "public-key" } }; signal?: AbortSignal }
export type PasskeyCreate = { createdAt: string; id: string; lastUsedAt?: string; name: string; synced: boolean }
export type PasskeyDeleteInput = { path: { id: string }; signal?: AbortSignal }
export type PasskeyDelete = undefined
export type PasskeyListInput = { signal?: AbortSignal }
export type PasskeyList = { items: ({ createdAt: string; id: string; lastUsedAt?: string; name: string; synced: boolean })[]; next?: string }
export type PasskeyOptionsInput = { signal?: AbortSignal }
export type PasskeyOptions = Record<string, unknown>
export type PasswordSetInput = { body: { current?: string; password: string }; signal?: AbortSignal }
export type PasswordSet = undefined
export type PolicyExplainInput = { body: { action: string; address?: string; classification?: { caveats?: (string)[]; level?: string }; factors?: (string)[]; labels?: Record<string, unknown>; owner?: string; principal?: string; scope?: string }; signal?: AbortSignal }
export type PolicyExplain = { action: string; allowed: boolean; flip: ({ changes: ({ assignment?: string; kind: "assign" | "remove-assignment" | "deny" | "remove-denial" | "activate" | "wait" | "factor" | "time" | "network" | "label" | "classification" | "clearance" | "key" | "own"; path?: string; role?: string; text: string })[] })[]; grants: ({ actions?: (string)[]; applies: boolean; condition?: unknown; effect: "allow" | "deny"; elevation: boolean; eligible: boolean; expiresAt?: string; gives: boolean; id: string; inForce: boolean; met: "yes" | "no" | "unknown"; path: string; role?: string; startsAt?: string; via?: string })[]; policyVersion: string; principal: string; rules: ({ id: string; title: string })[]; scope: { id: string; path: string }; scopeChain: ({ id: string; path: string })[]; summary: string; wouldChange: string }
export type PolicyGetInput = { signal?: AbortSignal }
export type PolicyGet = { policies: ({ id: string; text: string; title: string })[]; version: string }
export type PolicyWhatIfInput = { body: { deletions?: (string)[]; documents?: ({ classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; kind: string; labels?: Record<string, unknown>; name: string; scope?: string; spec?: Record<string, unknown> })[] }; signal?: AbortSignal }
export type PolicyWhatIf = { gains: ({ action: string; conditional: boolean; principal: string; scope: string })[]; loses: ({ action: string; conditional: boolean; principal: string; scope: string })[]; truncated: boolean }
export type ProfileUpdateInput = { body: { displayName?: string; email?: string | null }; signal?: AbortSignal }
export type ProfileUpdate = { createdAt: string; displayName: string; email?: string; id: string; state: "invited" | "active" | "disabled"; username: string }
export type ProjectApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { title?: string } }; signal?: AbortSignal }
export type ProjectApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "project"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "project"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ProjectDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ProjectDelete = undefined
export type ProjectGetInput = { path: { id: string }; signal?: AbortSignal }
export type ProjectGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "project"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }
export type ProjectHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ProjectHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ProjectListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ProjectList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "project"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string })[]; next?: string }
export type ProjectMoveInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { dryRun?: boolean; force?: boolean; reason?: string; scope: string }; signal?: AbortSignal }
export type ProjectMove = { approvals?: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "project"; labels: Record<string, unknown>; name: string; owner: string; preview?: { classification: { after: { caveats?: (string)[]; level?: string }; before: { caveats?: (string)[]; level?: string } }; failing: ({ assignment: string; guardrail: string; id: string; kind: string; message?: string; name: string; state: string })[]; from: string; governing: { gained: ({ id: string; kind: string; name: string; scope: string; spec: Record<string, unknown> })[]; lost: ({ id: string; kind: string; name: string; scope: string; spec: Record<string, unknown> })[] }; guardrails: { gained: ({ assignment: string; effect: string; enforced: boolean; guardrail: string; title: string })[]; lost: ({ assignment: string; effect: string; enforced: boolean; guardrail: string; title: string })[] }; hidden: number; inside: { resources: number; scopes: number }; to: string; truncated: boolean }; rights?: { gains: ({ action: string; conditional: boolean; principal: string; scope: string })[]; loses: ({ action: string; conditional: boolean; principal: string; scope: string })[]; truncated: boolean }; scope: string; scopeId: string; spec: { title?: string }; updatedAt: string }
export type PublisherApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { modelKeys?: (string)[]; publicKey?: string; title?: string } }; signal?: AbortSignal }
export type PublisherApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "publisher"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { modelKeys?: (string)[]; publicKey?: string; title?: string }; status?: { sequence?: number; takenAt?: string; version?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "publisher"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { modelKeys?: (string)[]; publicKey?: string; title?: string }; status?: { sequence?: number; takenAt?: string; version?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type PublisherDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type PublisherDelete = undefined
export type PublisherGetInput = { path: { id: string }; signal?: AbortSignal }
export type PublisherGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "publisher"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { modelKeys?: (string)[]; publicKey?: string; title?: string }; status?: { sequence?: number; takenAt?: string; version?: string }; updatedAt: string }
export type PublisherHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type PublisherHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type PublisherListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type PublisherList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "publisher"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { modelKeys?: (string)[]; publicKey?: string; title?: string }; status?: { sequence?: number; takenAt?: string; version?: string }; updatedAt: string })[]; next?: string }
export type PypiDeleteInput = { path: { "*": string }; signal?: AbortSignal }
export type PypiDelete = undefined
export type PypiGetInput = { path: { "*": string }; signal?: AbortSignal }
export type PypiGet = undefined
export type PypiUploadInput = { path: { "*": string }; signal?: AbortSignal }
export type PypiUpload = undefined
export type PypiYankInput = { path: { "*": string }; signal?: AbortSignal }
export type PypiYank = undefined
export type ReceiptGetInput = { path: { entry: string }; signal?: AbortSignal }
export type ReceiptGet = { checkpoint: string; entryId: string; index: number; leaf: string; origin: string; proof: (string)[]; publicKey: string; type: "holdfast-receipt"; v: 1 }
export type RecoveryCodesCreateInput = { signal?: AbortSignal }
export type RecoveryCodesCreate = { codes: (string)[] }
export type RemediationGetInput = { path: { id: string }; signal?: AbortSignal }
export type RemediationGet = { approved: boolean; assignment: string; guardrails?: (string)[]; id: string; outcomes: ({ at: string; explanation?: string; resource: { id: string; kind: string; name: string }; state: "rewritten" | "locked" | "refused" | "set-aside" })[]; perMinute: number; progress: { locked: number; refused: number; rewritten: number; setAside: number; waiting: number }; reason?: string; scope: string; scopeId: string; startedAt: string; startedBy: string; state: "running" | "stopped"; stoppedAt?: string; stoppedBecause?: string; stoppedBy?: string }
export type RemediationListInput = { query?: { after?: string }; signal?: AbortSignal }
export type RemediationList = { items: ({ approved: boolean; assignment: string; guardrails?: (string)[]; id: string; perMinute: number; progress: { locked: number; refused: number; rewritten: number; setAside: number; waiting: number }; reason?: string; scope: string; scopeId: string; startedAt: string; startedBy: string; state: "running" | "stopped"; stoppedAt?: string; stoppedBecause?: string; stoppedBy?: string })[]; next?: string }
export type RemediationStartInput = { body: { assignment: string; dryRun?: boolean; guardrails?: (string)[]; perMinute?: number; reason?: string; scope?: string }; signal?: AbortSignal }
export type RemediationStart = { items: ({ changes: ({ after?: unknown; before?: unknown; path: string })[]; explanation?: string; guardrails: (string)[]; outcome: "rewrite" | "locked" | "refused" | "set-aside"; resource: { id: string; kind: string; name: string; scope: string } })[]; total: number } | { approved: boolean; assignment: string; guardrails?: (string)[]; id: string; outcomes: ({ at: string; explanation?: string; resource: { id: string; kind: string; name: string }; state: "rewritten" | "locked" | "refused" | "set-aside" })[]; perMinute: number; progress: { locked: number; refused: number; rewritten: number; setAside: number; waiting: number }; reason?: string; scope: string; scopeId: string; startedAt: string; startedBy: string; state: "running" | "stopped"; stoppedAt?: string; stoppedBecause?: string; stoppedBy?: string }
export type RemediationStopInput = { path: { id: string }; signal?: AbortSignal }
export type RemediationStop = { approved: boolean; assignment: string; guardrails?: (string)[]; id: string; outcomes: ({ at: string; explanation?: string; resource: { id: string; kind: string; name: string }; state: "rewritten" | "locked" | "refused" | "set-aside" })[]; perMinute: number; progress: { locked: number; refused: number; rewritten: number; setAside: number; waiting: number }; reason?: string; scope: string; scopeId: string; startedAt: string; startedBy: string; state: "running" | "stopped"; stoppedAt?: string; stoppedBecause?: string; stoppedBy?: string }
export type RepositoryApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { description?: string; format: "oci" | "files" | "pypi" | "npm" | "apt"; immutableTags?: (string)[]; retention?: { immutableToo?: boolean; keepDays?: number; keepLast?: number; keepTags?: (string)[]; untaggedDays?: number }; upstream?: { path: string; revalidateMinutes?: number; url: string } } }; signal?: AbortSignal }
export type RepositoryApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "repository"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; format: "oci" | "files" | "pypi" | "npm" | "apt"; immutableTags?: (string)[]; retention?: { immutableToo?: boolean; keepDays?: number; keepLast?: number; keepTags?: (string)[]; untaggedDays?: number }; upstream?: { path: string; revalidateMinutes?: number; url: string } }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "repository"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; format: "oci" | "files" | "pypi" | "npm" | "apt"; immutableTags?: (string)[]; retention?: { immutableToo?: boolean; keepDays?: number; keepLast?: number; keepTags?: (string)[]; untaggedDays?: number }; upstream?: { path: string; revalidateMinutes?: number; url: string } }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type RepositoryDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type RepositoryDelete = undefined
export type RepositoryGetInput = { path: { id: string }; signal?: AbortSignal }
export type RepositoryGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "repository"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; format: "oci" | "files" | "pypi" | "npm" | "apt"; immutableTags?: (string)[]; retention?: { immutableToo?: boolean; keepDays?: number; keepLast?: number; keepTags?: (string)[]; untaggedDays?: number }; upstream?: { path: string; revalidateMinutes?: number; url: string } }; updatedAt: string }
export type RepositoryHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type RepositoryHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type RepositoryListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type RepositoryList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "repository"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { description?: string; format: "oci" | "files" | "pypi" | "npm" | "apt"; immutableTags?: (string)[]; retention?: { immutableToo?: boolean; keepDays?: number; keepLast?: number; keepTags?: (string)[]; untaggedDays?: number }; upstream?: { path: string; revalidateMinutes?: number; url: string } }; updatedAt: string })[]; next?: string }
export type ResourceApplyInput = { headers?: { "x-reason"?: string }; body: { dryRun?: boolean; manager?: string; prune?: { force?: boolean; scope: string }; reason?: string; resources: ({ classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; kind: string; labels?: Record<string, unknown>; name: string; scope?: string; spec?: Record<string, unknown> })[] }; signal?: AbortSignal }
export type ResourceApply = { changes: ({ approvals?: ({ action: string; approverRole?: string; quorum: number; rule: string; scope: string })[]; before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: string; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: Record<string, unknown>; status?: Record<string, unknown>; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: string; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: Record<string, unknown>; status?: Record<string, unknown>; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] })[]; dryRun: boolean }
export type ResourceGraphInput = { query: { resource: string; depth?: number }; signal?: AbortSignal }
export type ResourceGraph = { edges: ({ from: string; relation: string; to: string })[]; nodes: ({ criticality?: "low" | "medium" | "high" | "mission"; effectiveCriticality: "low" | "medium" | "high" | "mission"; id: string; kind: string; name: string; scope: string })[]; truncated: boolean }
export type ResourceSearchInput = { query?: { query?: string; view?: string; sort?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ResourceSearch = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: string; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: Record<string, unknown>; status?: Record<string, unknown>; updatedAt: string })[]; next?: string }
export type ResourceWatchInput = { query?: { kind?: string; after?: string }; signal?: AbortSignal }
export type ResourceWatch = undefined
export type RoleApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { actions: (string)[]; description?: string; title: string } }; signal?: AbortSignal }
export type RoleApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; description?: string; title: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; description?: string; title: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type RoleAssignmentApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { actions?: (string)[]; condition?: unknown; effect?: "allow" | "deny"; eligible?: { approvals?: number; approverRole?: string; maxSeconds: number }; expiresAt?: string; principal: string; reason?: string; role?: string; startsAt?: string } }; signal?: AbortSignal }
export type RoleAssignmentApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions?: (string)[]; condition?: unknown; effect?: "allow" | "deny"; eligible?: { approvals?: number; approverRole?: string; maxSeconds: number }; expiresAt?: string; principal: string; reason?: string; role?: string; startsAt?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions?: (string)[]; condition?: unknown; effect?: "allow" | "deny"; eligible?: { approvals?: number; approverRole?: string; maxSeconds: number }; expiresAt?: string; principal: string; reason?: string; role?: string; startsAt?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type RoleAssignmentDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type RoleAssignmentDelete = undefined
export type RoleAssignmentGetInput = { path: { id: string }; signal?: AbortSignal }
export type RoleAssignmentGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions?: (string)[]; condition?: unknown; effect?: "allow" | "deny"; eligible?: { approvals?: number; approverRole?: string; maxSeconds: number }; expiresAt?: string; principal: string; reason?: string; role?: string; startsAt?: string }; updatedAt: string }
export type RoleAssignmentHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type RoleAssignmentHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type RoleAssignmentListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type RoleAssignmentList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role-assignment"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions?: (string)[]; condition?: unknown; effect?: "allow" | "deny"; eligible?: { approvals?: number; approverRole?: string; maxSeconds: number }; expiresAt?: string; principal: string; reason?: string; role?: string; startsAt?: string }; updatedAt: string })[]; next?: string }
export type RoleCatalogInput = { signal?: AbortSignal }
export type RoleCatalog = { actions: (string)[]; items: ({ actions: (string)[]; builtIn: boolean; description: string; name: string; title: string })[] }
export type RoleDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type RoleDelete = undefined
export type RoleGetInput = { path: { id: string }; signal?: AbortSignal }
export type RoleGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; description?: string; title: string }; updatedAt: string }
export type RoleHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type RoleHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type RoleListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type RoleList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "role"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { actions: (string)[]; description?: string; title: string }; updatedAt: string })[]; next?: string }
export type SessionCreateInput = { body: { code?: string; password: string; username: string }; signal?: AbortSignal }
export type SessionCreate = { csrf: string; expiresAt: string; factors: ("password" | "totp" | "passkey" | "key" | "recovery")[]; may: (string)[]; organisation: { id: string; name: string }; roles: ({ path: string; role: string; scope: string })[]; site: { name: string }; user: { displayName: string; id: string; username: string } }
export type SessionEndInput = { signal?: AbortSignal }
export type SessionEnd = undefined
export type SessionGetInput = { signal?: AbortSignal }
export type SessionGet = { csrf: string; expiresAt: string; factors: ("password" | "totp" | "passkey" | "key" | "recovery")[]; may: (string)[]; organisation: { id: string; name: string }; roles: ({ path: string; role: string; scope: string })[]; site: { name: string }; user: { displayName: string; id: string; username: string } }
export type SessionListInput = { query?: { user?: string }; signal?: AbortSignal }
export type SessionList = { items: ({ address: string; createdAt: string; current: boolean; expiresAt: string; factors: ("password" | "totp" | "passkey" | "key" | "recovery")[]; id: string; lastSeenAt: string; userAgent: string; userId: string })[]; next?: string }
export type SessionPasskeyCreateInput = { body: { response: { authenticatorAttachment?: string; clientExtensionResults: Record<string, unknown>; id: string; rawId: string; response: { authenticatorData: string; clientDataJSON: string; signature: string; userHandle?: string | null }; type: "public-key" } }; signal?: AbortSignal }
export type SessionPasskeyCreate = { csrf: string; expiresAt: string; factors: ("password" | "totp" | "passkey" | "key" | "recovery")[]; may: (string)[]; organisation: { id: string; name: string }; roles: ({ path: string; role: string; scope: string })[]; site: { name: string }; user: { displayName: string; id: string; username: string } }
export type SessionPasskeyOptionsInput = { signal?: AbortSignal }
export type SessionPasskeyOptions = Record<string, unknown>
export type SessionRevokeInput = { path: { id: string }; signal?: AbortSignal }
export type SessionRevoke = undefined
export type SetupGetInput = { signal?: AbortSignal }
export type SetupGet = { needed: boolean; organisation?: { id: string; name: string }; site: { name: string } }
export type SetupPasskeyOptionsInput = { body: { displayName: string; organisation: string; token: string; username: string }; signal?: AbortSignal }
export type SetupPasskeyOptions = Record<string, unknown>
export type SetupRunInput = { body: { displayName: string; organisation: string; passkey?: { authenticatorAttachment?: string; clientExtensionResults: Record<string, unknown>; id: string; rawId: string; response: { attestationObject: string; authenticatorData?: string; clientDataJSON: string; publicKey?: string; publicKeyAlgorithm?: number; transports?: (string)[] }; type: "public-key" }; passkeyName?: string; password?: string; token: string; username: string }; signal?: AbortSignal }
export type SetupRun = { csrf: string; expiresAt: string; factors: ("password" | "totp" | "passkey" | "key" | "recovery")[]; may: (string)[]; organisation: { id: string; name: string }; roles: ({ path: string; role: string; scope: string })[]; site: { name: string }; user: { displayName: string; id: string; username: string } }
export type SiteHealthInput = { signal?: AbortSignal }
export type SiteHealth = { status: string; version?: string }
export type SiteMetricsInput = { signal?: AbortSignal }
export type SiteMetrics = string
export type SiteOverviewInput = { signal?: AbortSignal }
export type SiteOverview = { checks: ({ detail: string; name: string; state: "ok" | "warn" | "fail" })[]; counts: { deployments: number; groups: number; keys: number; models: number; people: number; projects: number }; deployments: ({ id: string; message?: string; model: string; name: string; running: number; scope: string; state: string; waiting: number })[]; expires: ({ at: string; id: string; kind: "key" | "certificate" | "invitation"; what: string })[]; log: { checkpointAt: string | null; size: number }; site: { id: string; name: string; now: string; startedAt: string; version: string }; storage: { blobsBytes: number; databaseBytes: number; diskFreeBytes: number; diskTotalBytes: number }; usage: ({ calls: number; completionTokens: number; hour: string; promptTokens: number })[] }
export type SiteReadyInput = { signal?: AbortSignal }
export type SiteReady = { status: string; version?: string }
export type StorageCollectInput = { signal?: AbortSignal }
export type StorageCollect = { condemned: number; links: number; removed: number; removedBytes: number; uploads: number }
export type StorageDamagedInput = { signal?: AbortSignal }
export type StorageDamaged = { count: number; items: ({ damage: "missing" | "different" | "unreadable"; damagedAt: string; digest: string; holders: (string)[]; places: (string)[]; sizeBytes: number })[] }
export type StorageFreeableInput = { signal?: AbortSignal }
export type StorageFreeable = { items: ({ freeAt: string; id: string; reason: "upload-left" | "in-no-manifest" | "needed-by-nothing" | "condemned"; sizeBytes: number })[]; sums: ({ bytes: number; count: number; reason: "upload-left" | "in-no-manifest" | "needed-by-nothing" | "condemned" })[] }
export type StorageGetInput = { query?: { days?: number }; signal?: AbortSignal }
export type StorageGet = { blobs: number; bytes: number; condemnedBytes: number; damaged: number; days: number; lastCollection: { by: string; condemned: number; endedAt: string; links: number; removed: number; removedBytes: number; startedAt: string; uploads: number } | null; late: boolean; oldestVerifiedAt: string | null; scrub: { everyDays: number; percent: number }; verifiedShare: number }
export type StorageHoldApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { digest?: string; package?: string; reason: string; repository?: string; tag?: string } }; signal?: AbortSignal }
export type StorageHoldApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-hold"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { digest?: string; package?: string; reason: string; repository?: string; tag?: string }; status?: { repository?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-hold"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { digest?: string; package?: string; reason: string; repository?: string; tag?: string }; status?: { repository?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type StorageHoldDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type StorageHoldDelete = undefined
export type StorageHoldGetInput = { path: { id: string }; signal?: AbortSignal }
export type StorageHoldGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-hold"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { digest?: string; package?: string; reason: string; repository?: string; tag?: string }; status?: { repository?: string }; updatedAt: string }
export type StorageHoldHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type StorageHoldHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type StorageHoldListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type StorageHoldList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-hold"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { digest?: string; package?: string; reason: string; repository?: string; tag?: string }; status?: { repository?: string }; updatedAt: string })[]; next?: string }
export type StorageQuotaApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { bytesMax: number; objectsMax?: number } }; signal?: AbortSignal }
export type StorageQuotaApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-quota"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { bytesMax: number; objectsMax?: number }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-quota"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { bytesMax: number; objectsMax?: number }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type StorageQuotaDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type StorageQuotaDelete = undefined
export type StorageQuotaGetInput = { path: { id: string }; signal?: AbortSignal }
export type StorageQuotaGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-quota"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { bytesMax: number; objectsMax?: number }; updatedAt: string }
export type StorageQuotaHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type StorageQuotaHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type StorageQuotaListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type StorageQuotaList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "storage-quota"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { bytesMax: number; objectsMax?: number }; updatedAt: string })[]; next?: string }
export type StorageRetentionPreviewInput = { body: { path: string; retention?: { immutableToo?: boolean; keepDays?: number; keepLast?: number; keepTags?: (string)[]; untaggedDays?: number } }; signal?: AbortSignal }
export type StorageRetentionPreview = { items: ({ digest: string; path: string; since: string; sizeBytes: number; tag: string | null })[]; more: boolean }
export type StorageRetentionRunInput = { body: { path: string }; signal?: AbortSignal }
export type StorageRetentionRun = { manifests: number; tags: number }
export type StorageScrubInput = { signal?: AbortSignal }
export type StorageScrub = { bytes: number; count: number }
export type StorageUsageInput = { signal?: AbortSignal }
export type StorageUsage = { formats: ({ bytes: number; name: string; objects: number })[]; items: ({ bytes: number; format: string; objects: number; path: string; repository: string; scope: string })[]; quotas: ({ bytes: number; bytesMax: number; id: string; name: string; objects: number; objectsMax: number | null; scope: string })[]; scopes: ({ bytes: number; name: string; objects: number })[] }
export type TotpConfirmInput = { body: { code: string }; signal?: AbortSignal }
export type TotpConfirm = undefined
export type TotpDeleteInput = { signal?: AbortSignal }
export type TotpDelete = undefined
export type TotpOfferInput = { signal?: AbortSignal }
export type TotpOffer = { secret: string; uri: string }
export type UserCreateInput = { body: { displayName: string; email?: string; username: string }; signal?: AbortSignal }
export type UserCreate = { invitation: { expiresAt: string; url: string }; user: { createdAt: string; displayName: string; email?: string; id: string; state: "invited" | "active" | "disabled"; username: string } }
export type UserDeleteInput = { path: { id: string }; signal?: AbortSignal }
export type UserDelete = undefined
export type UserDisableInput = { path: { id: string }; signal?: AbortSignal }
export type UserDisable = { createdAt: string; displayName: string; email?: string; id: string; state: "invited" | "active" | "disabled"; username: string }
export type UserEnableInput = { path: { id: string }; signal?: AbortSignal }
export type UserEnable = { createdAt: string; displayName: string; email?: string; id: string; state: "invited" | "active" | "disabled"; username: string }
export type UserGetInput = { path: { id: string }; signal?: AbortSignal }
export type UserGet = { createdAt: string; displayName: string; email?: string; groups: ({ id: string; name: string })[]; hasPassword: boolean; hasTotp: boolean; id: string; passkeys: number; recoveryCodesLeft: number; roles: ({ path: string; role: string; scope: string })[]; state: "invited" | "active" | "disabled"; username: string }
export type UserInviteInput = { path: { id: string }; signal?: AbortSignal }
export type UserInvite = { expiresAt: string; url: string }
export type UserListInput = { query?: { after?: string; limit?: number; q?: string; state?: "invited" | "active" | "disabled" }; signal?: AbortSignal }
export type UserList = { items: ({ createdAt: string; displayName: string; email?: string; id: string; state: "invited" | "active" | "disabled"; username: string })[]; next?: string }
export type UserUpdateInput = { path: { id: string }; body: { displayName?: string; email?: string | null; username?: string }; signal?: AbortSignal }
export type UserUpdate = { createdAt: string; displayName: string; email?: string; id: string; state: "invited" | "active" | "disabled"; username: string }
export type ViewApplyInput = { headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; body: { classification?: { caveats?: (string)[]; level?: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; labels?: Record<string, unknown>; name: string; reason?: string; scope?: string; spec: { columns?: (string)[]; query: string; sort?: string; title?: string } }; signal?: AbortSignal }
export type ViewApply = { before?: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "view"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { columns?: (string)[]; query: string; sort?: string; title?: string }; updatedAt: string }; outcome: "created" | "changed" | "unchanged" | "deleted"; resource: { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "view"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { columns?: (string)[]; query: string; sort?: string; title?: string }; updatedAt: string }; verdicts?: ({ assignment: string; changes?: ({ path: string; value: unknown })[]; effect: string; enforced: boolean; exemptUntil?: string; exemption?: string; guardrail: string; initiative?: string; message?: string; policyVersion: string; state: string })[] }
export type ViewDeleteInput = { path: { id: string }; headers?: { "if-match"?: string; "if-none-match"?: "*"; "x-reason"?: string }; signal?: AbortSignal }
export type ViewDelete = undefined
export type ViewGetInput = { path: { id: string }; signal?: AbortSignal }
export type ViewGet = { classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "view"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { columns?: (string)[]; query: string; sort?: string; title?: string }; updatedAt: string }
export type ViewHistoryInput = { path: { id: string }; signal?: AbortSignal }
export type ViewHistory = { items: ({ actor: string; at: string; change: "created" | "changed" | "deleted"; classification: { caveats: (string)[]; level: string }; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; generation: number; labels: Record<string, unknown>; name: string; reason?: string; requestId: string; spec: Record<string, unknown> })[] }
export type ViewListInput = { query?: { scope?: string; q?: string; after?: string; limit?: number }; signal?: AbortSignal }
export type ViewList = { items: ({ classification: { caveats: (string)[]; level: string }; createdAt: string; criticality?: "low" | "medium" | "high" | "mission"; dependsOn?: (string)[]; effectiveClassification: { caveats: (string)[]; level: string }; effectiveCriticality: "low" | "medium" | "high" | "mission"; etag: string; generation: number; id: string; kind: "view"; labels: Record<string, unknown>; name: string; owner: string; scope: string; scopeId: string; spec: { columns?: (string)[]; query: string; sort?: string; title?: string }; updatedAt: string })[]; next?: string }

export const operations = (call: Call) => ({
  /** Create or change a approval rule */
  approvalRuleApply: (given: ApprovalRuleApplyInput) => call<ApprovalRuleApply>('PUT', '/api/v1/approval-rules', given),
  /** Delete a approval rule */
  approvalRuleDelete: (given: ApprovalRuleDeleteInput) => call<ApprovalRuleDelete>('DELETE', '/api/v1/approval-rules/{id}', given),
  /** One approval rule */
  approvalRuleGet: (given: ApprovalRuleGetInput) => call<ApprovalRuleGet>('GET', '/api/v1/approval-rules/{id}', given),
  /** Every state a approval rule had, newest first */
  approvalRuleHistory: (given: ApprovalRuleHistoryInput) => call<ApprovalRuleHistory>('GET', '/api/v1/approval-rules/{id}/history', given),
  /** Every approval rule you may read */
  approvalRuleList: (given: ApprovalRuleListInput = {}) => call<ApprovalRuleList>('GET', '/api/v1/approval-rules', given),
  /** Discard a Debian package from a suite */
  aptDelete: (given: AptDeleteInput) => call<AptDelete>('DELETE', '/apt/{*}', given),
  /** Lists of Debian packages, their signatures, and the packages */
  aptGet: (given: AptGetInput) => call<AptGet>('GET', '/apt/{*}', given),
  /** Add a Debian package to a suite */
  aptPost: (given: AptPostInput) => call<AptPost>('POST', '/apt/{*}', given),
  /** Add a Debian package to a suite, under its name */
  aptPut: (given: AptPutInput) => call<AptPut>('PUT', '/apt/{*}', given),
  /** Discard a tag, or a release with all its tags */
  artifactDiscard: (given: ArtifactDiscardInput) => call<ArtifactDiscard>('DELETE', '/api/v1/artifacts/manifest', given),
  /** One release: its files, what refers to it, who pulls it */
  artifactGet: (given: ArtifactGetInput) => call<ArtifactGet>('GET', '/api/v1/artifacts/manifest', given),
  /** Packages of the repositories you may read */
  artifactList: (given: ArtifactListInput = {}) => call<ArtifactList>('GET', '/api/v1/artifacts', given),
  /** Repositories that you may read: what each holds, and what you may do there */
  artifactRepositories: (given: ArtifactRepositoriesInput = {}) => call<ArtifactRepositories>('GET', '/api/v1/artifacts/repositories', given),
  /** Sign a model by the site’s key, or lay a signature of another beside it */
  artifactSign: (given: ArtifactSignInput) => call<ArtifactSign>('POST', '/api/v1/artifacts/signatures', given),
  /** The public key by which this site signs models */
  artifactSigningKey: (given: ArtifactSigningKeyInput = {}) => call<ArtifactSigningKey>('GET', '/api/v1/artifacts/signing-key', given),
  /** Tags of a package, newest first */
  artifactTags: (given: ArtifactTagsInput) => call<ArtifactTags>('GET', '/api/v1/artifacts/tags', given),
  /** Bring a file into the store */
  artifactUpload: (given: ArtifactUploadInput) => call<ArtifactUpload>('POST', '/api/v1/uploads', given),
  /** Judge the signatures beside a model, by its files as they are here */
  artifactVerify: (given: ArtifactVerifyInput) => call<ArtifactVerify>('POST', '/api/v1/artifacts/verify', given),
  /** What people vouched for, and whether it still counts; newest first */
  attestationList: (given: AttestationListInput = {}) => call<AttestationList>('GET', '/api/v1/compliance/attestations', given),
  /** Take back what was vouched for: from now on it counts for nothing */
  attestationWithdraw: (given: AttestationWithdrawInput) => call<AttestationWithdraw>('POST', '/api/v1/compliance/attestations/{id}/withdraw', given),
  /** The latest signed checkpoint */
  auditCheckpoint: (given: AuditCheckpointInput = {}) => call<AuditCheckpoint>('GET', '/api/v1/audit/checkpoint', given),
  /** Proof that a later log begins with an earlier one */
  auditConsistency: (given: AuditConsistencyInput) => call<AuditConsistency>('GET', '/api/v1/audit/consistency', given),
  /** The whole log as lines, to verify elsewhere */
  auditExport: (given: AuditExportInput = {}) => call<AuditExport>('GET', '/api/v1/audit/export', given),
  /** One entry, with its exact bytes */
  auditGet: (given: AuditGetInput) => call<AuditGet>('GET', '/api/v1/audit/entries/{entry}', given),
  /** Entries of the log, newest first */
  auditList: (given: AuditListInput = {}) => call<AuditList>('GET', '/api/v1/audit', given),
  /** Proof that an entry is in the log */
  auditProve: (given: AuditProveInput) => call<AuditProve>('GET', '/api/v1/audit/entries/{entry}/proof', given),
  /** Make the search table anew from the entries; tells how far it is, as lines */
  auditRebuild: (given: AuditRebuildInput = {}) => call<AuditRebuild>('POST', '/api/v1/audit/rebuild', given),
  /** Recompute the whole log and compare */
  auditVerify: (given: AuditVerifyInput = {}) => call<AuditVerify>('GET', '/api/v1/audit/verify', given),
  /** What a certificate’s key must sign to be registered */
  certificateChallenge: (given: CertificateChallengeInput = {}) => call<CertificateChallenge>('POST', '/api/v1/me/certificates/challenge', given),
  /** Register a certificate whose key one holds */
  certificateCreate: (given: CertificateCreateInput) => call<CertificateCreate>('POST', '/api/v1/me/certificates', given),
  /** Remove a certificate */
  certificateDelete: (given: CertificateDeleteInput) => call<CertificateDelete>('DELETE', '/api/v1/me/certificates/{id}', given),
  /** One’s own certificates, to sign approvals with */
  certificateList: (given: CertificateListInput = {}) => call<CertificateList>('GET', '/api/v1/me/certificates', given),
  /** Approve by signature; the last one needed carries it out */
  changeSetApprove: (given: ChangeSetApproveInput) => call<ChangeSetApprove>('POST', '/api/v1/change-sets/{id}/approve', given),
  /** Ask others to approve a request; it is tried, shown and not done */
  changeSetCreate: (given: ChangeSetCreateInput) => call<ChangeSetCreate>('POST', '/api/v1/change-sets', given),
  /** A change set: what it does, what it needs, who signed */
  changeSetGet: (given: ChangeSetGetInput) => call<ChangeSetGet>('GET', '/api/v1/change-sets/{id}', given),
  /** Changes you asked for, and those of others you may look at; newest first */
  changeSetList: (given: ChangeSetListInput = {}) => call<ChangeSetList>('GET', '/api/v1/change-sets', given),
  /** Refuse it, which ends it */
  changeSetRefuse: (given: ChangeSetRefuseInput) => call<ChangeSetRefuse>('POST', '/api/v1/change-sets/{id}/refuse', given),
  /** What you sign to approve it */
  changeSetStatement: (given: ChangeSetStatementInput) => call<ChangeSetStatement>('GET', '/api/v1/change-sets/{id}/statement', given),
  /** Take back what you asked for */
  changeSetWithdraw: (given: ChangeSetWithdrawInput) => call<ChangeSetWithdraw>('POST', '/api/v1/change-sets/{id}/withdraw', given),
  /** Create or change a classification scheme */
  classificationSchemeApply: (given: ClassificationSchemeApplyInput) => call<ClassificationSchemeApply>('PUT', '/api/v1/classification-schemes', given),
  /** Delete a classification scheme */
  classificationSchemeDelete: (given: ClassificationSchemeDeleteInput) => call<ClassificationSchemeDelete>('DELETE', '/api/v1/classification-schemes/{id}', given),
  /** One classification scheme */
  classificationSchemeGet: (given: ClassificationSchemeGetInput) => call<ClassificationSchemeGet>('GET', '/api/v1/classification-schemes/{id}', given),
  /** Every state a classification scheme had, newest first */
  classificationSchemeHistory: (given: ClassificationSchemeHistoryInput) => call<ClassificationSchemeHistory>('GET', '/api/v1/classification-schemes/{id}/history', given),
  /** Every classification scheme you may read */
  classificationSchemeList: (given: ClassificationSchemeListInput = {}) => call<ClassificationSchemeList>('GET', '/api/v1/classification-schemes', given),
  /** Create or change a clearance */
  clearanceApply: (given: ClearanceApplyInput) => call<ClearanceApply>('PUT', '/api/v1/clearances', given),
  /** Delete a clearance */
  clearanceDelete: (given: ClearanceDeleteInput) => call<ClearanceDelete>('DELETE', '/api/v1/clearances/{id}', given),
  /** One clearance */
  clearanceGet: (given: ClearanceGetInput) => call<ClearanceGet>('GET', '/api/v1/clearances/{id}', given),
  /** Every state a clearance had, newest first */
  clearanceHistory: (given: ClearanceHistoryInput) => call<ClearanceHistory>('GET', '/api/v1/clearances/{id}/history', given),
  /** Every clearance you may read */
  clearanceList: (given: ClearanceListInput = {}) => call<ClearanceList>('GET', '/api/v1/clearances', given),
  /** Vouch for what only a person can see */
  complianceAttest: (given: ComplianceAttestInput) => call<ComplianceAttest>('POST', '/api/v1/compliance/attestations', given),
  /** How it stands: things by the worst of their verdicts, by place, by initiative and by assignment */
  complianceGet: (given: ComplianceGetInput = {}) => call<ComplianceGet>('GET', '/api/v1/compliance', given),
  /** How it stood, at points in time */
  complianceHistory: (given: ComplianceHistoryInput = {}) => call<ComplianceHistory>('GET', '/api/v1/compliance/history', given),
  /** Judge everything again, or all at or below a scope */
  complianceSweep: (given: ComplianceSweepInput) => call<ComplianceSweep>('POST', '/api/v1/compliance/sweep', given),
  /** What became compliant and what no longer is, by whom or why; newest first */
  complianceTransitions: (given: ComplianceTransitionsInput = {}) => call<ComplianceTransitions>('GET', '/api/v1/compliance/transitions', given),
  /** Verdict by verdict; none is compliant that may no longer be */
  complianceVerdicts: (given: ComplianceVerdictsInput = {}) => call<ComplianceVerdicts>('GET', '/api/v1/compliance/verdicts', given),
  /** Begin a conversation */
  conversationCreate: (given: ConversationCreateInput) => call<ConversationCreate>('POST', '/api/v1/conversations', given),
  /** Erase a conversation */
  conversationDelete: (given: ConversationDeleteInput) => call<ConversationDelete>('DELETE', '/api/v1/conversations/{id}', given),
  /** One of your conversations, with what was said */
  conversationGet: (given: ConversationGetInput) => call<ConversationGet>('GET', '/api/v1/conversations/{id}', given),
  /** Your conversations, latest first */
  conversationList: (given: ConversationListInput = {}) => call<ConversationList>('GET', '/api/v1/conversations', given),
  /** Rename a conversation */
  conversationRename: (given: ConversationRenameInput) => call<ConversationRename>('PATCH', '/api/v1/conversations/{id}', given),
  /** Say something; the answer comes as server-sent events */
  conversationSay: (given: ConversationSayInput) => call<ConversationSay>('POST', '/api/v1/conversations/{id}/messages', given),
  /** Create or change a deployment */
  deploymentApply: (given: DeploymentApplyInput) => call<DeploymentApply>('PUT', '/api/v1/deployments', given),
  /** Delete a deployment */
  deploymentDelete: (given: DeploymentDeleteInput) => call<DeploymentDelete>('DELETE', '/api/v1/deployments/{id}', given),
  /** One deployment */
  deploymentGet: (given: DeploymentGetInput) => call<DeploymentGet>('GET', '/api/v1/deployments/{id}', given),
  /** Every state a deployment had, newest first */
  deploymentHistory: (given: DeploymentHistoryInput) => call<DeploymentHistory>('GET', '/api/v1/deployments/{id}/history', given),
  /** Every deployment you may read */
  deploymentList: (given: DeploymentListInput = {}) => call<DeploymentList>('GET', '/api/v1/deployments', given),
  /** Activate, for a time and with a reason, a role you are eligible for */
  elevationActivate: (given: ElevationActivateInput) => call<ElevationActivate>('POST', '/api/v1/elevations', given),
  /** End an elevation at once */
  elevationEnd: (given: ElevationEndInput) => call<ElevationEnd>('DELETE', '/api/v1/elevations/{id}', given),
  /** Who holds what for a time, and what you could activate */
  elevationList: (given: ElevationListInput = {}) => call<ElevationList>('GET', '/api/v1/elevations', given),
  /** Create or change a exemption */
  exemptionApply: (given: ExemptionApplyInput) => call<ExemptionApply>('PUT', '/api/v1/exemptions', given),
  /** Delete a exemption */
  exemptionDelete: (given: ExemptionDeleteInput) => call<ExemptionDelete>('DELETE', '/api/v1/exemptions/{id}', given),
  /** One exemption */
  exemptionGet: (given: ExemptionGetInput) => call<ExemptionGet>('GET', '/api/v1/exemptions/{id}', given),
  /** Every state a exemption had, newest first */
  exemptionHistory: (given: ExemptionHistoryInput) => call<ExemptionHistory>('GET', '/api/v1/exemptions/{id}/history', given),
  /** Every exemption you may read */
  exemptionList: (given: ExemptionListInput = {}) => call<ExemptionList>('GET', '/api/v1/exemptions', given),
  /** Discard a file of a release, or the release */
  filesDelete: (given: FilesDeleteInput) => call<FilesDelete>('DELETE', '/files/{*}', given),
  /** A file of a release; at a path that ends in a slash, what lies there */
  filesGet: (given: FilesGetInput) => call<FilesGet>('GET', '/files/{*}', given),
  /** Add a file to a release */
  filesPut: (given: FilesPutInput) => call<FilesPut>('PUT', '/files/{*}', given),
  /** Create or change a folder */
  folderApply: (given: FolderApplyInput) => call<FolderApply>('PUT', '/api/v1/folders', given),
  /** Delete a folder */
  folderDelete: (given: FolderDeleteInput) => call<FolderDelete>('DELETE', '/api/v1/folders/{id}', given),
  /** One folder */
  folderGet: (given: FolderGetInput) => call<FolderGet>('GET', '/api/v1/folders/{id}', given),
  /** Every state a folder had, newest first */
  folderHistory: (given: FolderHistoryInput) => call<FolderHistory>('GET', '/api/v1/folders/{id}/history', given),
  /** Every folder you may read */
  folderList: (given: FolderListInput = {}) => call<FolderList>('GET', '/api/v1/folders', given),
  /** Move a folder, with all that is in it, to another place in the tree */
  folderMove: (given: FolderMoveInput) => call<FolderMove>('POST', '/api/v1/folders/{id}/move', given),
  /** A chat completion, streamed or whole */
  gatewayChat: (given: GatewayChatInput) => call<GatewayChat>('POST', '/v1/chat/completions', given),
  /** One deployment you may use */
  gatewayModel: (given: GatewayModelInput) => call<GatewayModel>('GET', '/v1/models/{*}', given),
  /** Deployments you may use, as OpenAI lists models */
  gatewayModels: (given: GatewayModelsInput = {}) => call<GatewayModels>('GET', '/v1/models', given),
  /** Discard a generation that is not live */
  generationDiscard: (given: GenerationDiscardInput) => call<GenerationDiscard>('DELETE', '/api/v1/generations/{id}', given),
  /** What a generation states, what it changed, and its signed statement */
  generationGet: (given: GenerationGetInput) => call<GenerationGet>('GET', '/api/v1/generations/{id}', given),
  /** Generations, newest first */
  generationList: (given: GenerationListInput = {}) => call<GenerationList>('GET', '/api/v1/generations', given),
  /** State which names mean which content, signed, and keep all of it */
  generationMake: (given: GenerationMakeInput) => call<GenerationMake>('POST', '/api/v1/generations', given),
  /** Back to the generation that was live before, or to an older one */
  generationRollback: (given: GenerationRollbackInput) => call<GenerationRollback>('POST', '/api/v1/generations/rollback', given),
  /** Make a generation live: its names mean what it says, all at once */
  generationSwitch: (given: GenerationSwitchInput) => call<GenerationSwitch>('POST', '/api/v1/generations/{id}/switch', given),
  /** Make a group */
  groupCreate: (given: GroupCreateInput) => call<GroupCreate>('POST', '/api/v1/groups', given),
  /** Remove a group */
  groupDelete: (given: GroupDeleteInput) => call<GroupDelete>('DELETE', '/api/v1/groups/{id}', given),
  /** A group and its members */
  groupGet: (given: GroupGetInput) => call<GroupGet>('GET', '/api/v1/groups/{id}', given),
  /** Groups */
  groupList: (given: GroupListInput = {}) => call<GroupList>('GET', '/api/v1/groups', given),
  /** Put a person or a group into a group */
  groupMemberAdd: (given: GroupMemberAddInput) => call<GroupMemberAdd>('PUT', '/api/v1/groups/{id}/members/{memberId}', given),
  /** Take a member out of a group */
  groupMemberRemove: (given: GroupMemberRemoveInput) => call<GroupMemberRemove>('DELETE', '/api/v1/groups/{id}/members/{memberId}', given),
  /** Rename or describe a group */
  groupUpdate: (given: GroupUpdateInput) => call<GroupUpdate>('PATCH', '/api/v1/groups/{id}', given),
  /** Create or change a guardrail */
  guardrailApply: (given: GuardrailApplyInput) => call<GuardrailApply>('PUT', '/api/v1/guardrails', given),
  /** Create or change a guardrail assignment */
  guardrailAssignmentApply: (given: GuardrailAssignmentApplyInput) => call<GuardrailAssignmentApply>('PUT', '/api/v1/guardrail-assignments', given),
  /** Delete a guardrail assignment */
  guardrailAssignmentDelete: (given: GuardrailAssignmentDeleteInput) => call<GuardrailAssignmentDelete>('DELETE', '/api/v1/guardrail-assignments/{id}', given),
  /** One guardrail assignment */
  guardrailAssignmentGet: (given: GuardrailAssignmentGetInput) => call<GuardrailAssignmentGet>('GET', '/api/v1/guardrail-assignments/{id}', given),
  /** Every state a guardrail assignment had, newest first */
  guardrailAssignmentHistory: (given: GuardrailAssignmentHistoryInput) => call<GuardrailAssignmentHistory>('GET', '/api/v1/guardrail-assignments/{id}/history', given),
  /** Every guardrail assignment you may read */
  guardrailAssignmentList: (given: GuardrailAssignmentListInput = {}) => call<GuardrailAssignmentList>('GET', '/api/v1/guardrail-assignments', given),
  /** Delete a guardrail */
  guardrailDelete: (given: GuardrailDeleteInput) => call<GuardrailDelete>('DELETE', '/api/v1/guardrails/{id}', given),
  /** One guardrail */
  guardrailGet: (given: GuardrailGetInput) => call<GuardrailGet>('GET', '/api/v1/guardrails/{id}', given),
  /** Every state a guardrail had, newest first */
  guardrailHistory: (given: GuardrailHistoryInput) => call<GuardrailHistory>('GET', '/api/v1/guardrails/{id}/history', given),
  /** Guardrails and initiatives that come with the product or from a publisher, ready to be assigned */
  guardrailLibrary: (given: GuardrailLibraryInput = {}) => call<GuardrailLibrary>('GET', '/api/v1/guardrail-library', given),
  /** Every guardrail you may read */
  guardrailList: (given: GuardrailListInput = {}) => call<GuardrailList>('GET', '/api/v1/guardrails', given),
  /** Take a signed set of guardrails from a publisher that is trusted here */
  guardrailSetImport: (given: GuardrailSetImportInput) => call<GuardrailSetImport>('POST', '/api/v1/guardrail-sets', given),
  /** What a guardrail would say of what there is; nothing is changed */
  guardrailTry: (given: GuardrailTryInput) => call<GuardrailTry>('POST', '/api/v1/guardrails/try', given),
  /** Models and their files, as Hugging Face’s clients ask for them */
  hfGet: (given: HfGetInput) => call<HfGet>('GET', '/hf/{*}', given),
  /** What files of a model are at some paths; what `hf upload` asks before and after its files */
  hfPost: (given: HfPostInput) => call<HfPost>('POST', '/hf/{*}', given),
  /** Send a file of a model, by its digest */
  hfPut: (given: HfPutInput) => call<HfPut>('PUT', '/hf/{*}', given),
  /** Create or change a initiative */
  initiativeApply: (given: InitiativeApplyInput) => call<InitiativeApply>('PUT', '/api/v1/initiatives', given),
  /** Delete a initiative */
  initiativeDelete: (given: InitiativeDeleteInput) => call<InitiativeDelete>('DELETE', '/api/v1/initiatives/{id}', given),
  /** One initiative */
  initiativeGet: (given: InitiativeGetInput) => call<InitiativeGet>('GET', '/api/v1/initiatives/{id}', given),
  /** Every state a initiative had, newest first */
  initiativeHistory: (given: InitiativeHistoryInput) => call<InitiativeHistory>('GET', '/api/v1/initiatives/{id}/history', given),
  /** Every initiative you may read */
  initiativeList: (given: InitiativeListInput = {}) => call<InitiativeList>('GET', '/api/v1/initiatives', given),
  /** What differs between files and the site */
  inventoryDrift: (given: InventoryDriftInput) => call<InventoryDrift>('POST', '/api/v1/drift', given),
  /** Every resource you may read, a document a line, as apply takes them */
  inventoryExport: (given: InventoryExportInput = {}) => call<InventoryExport>('GET', '/api/v1/export', given),
  /** Join, or recover, by a one-time link */
  invitationAccept: (given: InvitationAcceptInput) => call<InvitationAccept>('POST', '/api/v1/invitation', given),
  /** Whom a one-time link is for */
  invitationGet: (given: InvitationGetInput) => call<InvitationGet>('GET', '/api/v1/invitation', given),
  /** Begin an invited person’s passkey */
  invitationPasskeyOptions: (given: InvitationPasskeyOptionsInput) => call<InvitationPasskeyOptions>('POST', '/api/v1/invitation/passkey', given),
  /** Make an API key; its secret is shown this once */
  keyCreate: (given: KeyCreateInput) => call<KeyCreate>('POST', '/api/v1/keys', given),
  /** API keys of one’s own, or of a person */
  keyList: (given: KeyListInput = {}) => call<KeyList>('GET', '/api/v1/keys', given),
  /** Revoke an API key at once */
  keyRevoke: (given: KeyRevokeInput) => call<KeyRevoke>('DELETE', '/api/v1/keys/{id}', given),
  /** Kinds of resources and the form of each */
  kindList: (given: KindListInput = {}) => call<KindList>('GET', '/api/v1/kinds', given),
  /** Create or change a lock */
  lockApply: (given: LockApplyInput) => call<LockApply>('PUT', '/api/v1/locks', given),
  /** Delete a lock */
  lockDelete: (given: LockDeleteInput) => call<LockDelete>('DELETE', '/api/v1/locks/{id}', given),
  /** One lock */
  lockGet: (given: LockGetInput) => call<LockGet>('GET', '/api/v1/locks/{id}', given),
  /** Every state a lock had, newest first */
  lockHistory: (given: LockHistoryInput) => call<LockHistory>('GET', '/api/v1/locks/{id}/history', given),
  /** Every lock you may read */
  lockList: (given: LockListInput = {}) => call<LockList>('GET', '/api/v1/locks', given),
  /** Create or change a model */
  modelApply: (given: ModelApplyInput) => call<ModelApply>('PUT', '/api/v1/models', given),
  /** Take the approval of a model back */
  modelApprovalWithdraw: (given: ModelApprovalWithdrawInput) => call<ModelApprovalWithdraw>('DELETE', '/api/v1/models/{id}/approval', given),
  /** Approve exactly these weights */
  modelApprove: (given: ModelApproveInput) => call<ModelApprove>('PUT', '/api/v1/models/{id}/approval', given),
  /** Delete a model */
  modelDelete: (given: ModelDeleteInput) => call<ModelDelete>('DELETE', '/api/v1/models/{id}', given),
  /** One model */
  modelGet: (given: ModelGetInput) => call<ModelGet>('GET', '/api/v1/models/{id}', given),
  /** Every state a model had, newest first */
  modelHistory: (given: ModelHistoryInput) => call<ModelHistory>('GET', '/api/v1/models/{id}/history', given),
  /** Every model you may read */
  modelList: (given: ModelListInput = {}) => call<ModelList>('GET', '/api/v1/models', given),
  /** Discard a package, a version, or a name of one */
  npmDelete: (given: NpmDeleteInput) => call<NpmDelete>('DELETE', '/npm/{*}', given),
  /** An npm package, a version of it, its tarball; who one is */
  npmGet: (given: NpmGetInput) => call<NpmGet>('GET', '/npm/{*}', given),
  /** Publish a version, name one, or withdraw one */
  npmPut: (given: NpmPutInput) => call<NpmPut>('PUT', '/npm/{*}', given),
  /** What you may pull */
  ociCatalog: (given: OciCatalogInput = {}) => call<OciCatalog>('GET', '/v2/_catalog', given),
  /** Discard a tag, a manifest or a blob; cancel an upload */
  ociDelete: (given: OciDeleteInput) => call<OciDelete>('DELETE', '/v2/{*}', given),
  /** Pull a manifest or a blob; list tags and referrers */
  ociGet: (given: OciGetInput) => call<OciGet>('GET', '/v2/{*}', given),
  /** Send a piece of an upload */
  ociPatch: (given: OciPatchInput) => call<OciPatch>('PATCH', '/v2/{*}', given),
  /** Begin an upload, or mount a blob of another repository */
  ociPost: (given: OciPostInput) => call<OciPost>('POST', '/v2/{*}', given),
  /** Finish an upload, or push a manifest */
  ociPut: (given: OciPutInput) => call<OciPut>('PUT', '/v2/{*}', given),
  /** A token for some minutes, in place of the key that asks for it */
  ociToken: (given: OciTokenInput = {}) => call<OciToken>('GET', '/v2/token', given),
  /** Whether this is a registry, and you are let in */
  ociVersion: (given: OciVersionInput = {}) => call<OciVersion>('GET', '/v2/', given),
  /** Add a passkey */
  passkeyCreate: (given: PasskeyCreateInput) => call<PasskeyCreate>('POST', '/api/v1/me/passkeys', given),
  /** Remove a passkey */
  passkeyDelete: (given: PasskeyDeleteInput) => call<PasskeyDelete>('DELETE', '/api/v1/me/passkeys/{id}', given),
  /** One’s own passkeys */
  passkeyList: (given: PasskeyListInput = {}) => call<PasskeyList>('GET', '/api/v1/me/passkeys', given),
  /** Begin a passkey */
  passkeyOptions: (given: PasskeyOptionsInput = {}) => call<PasskeyOptions>('POST', '/api/v1/me/passkeys/options', given),
  /** Set one’s password; other sessions end */
  passwordSet: (given: PasswordSetInput) => call<PasswordSet>('POST', '/api/v1/me/password', given),
  /** Why may someone do something, or why not */
  policyExplain: (given: PolicyExplainInput) => call<PolicyExplain>('POST', '/api/v1/why', given),
  /** The rules in force, in Cedar */
  policyGet: (given: PolicyGetInput = {}) => call<PolicyGet>('GET', '/api/v1/policy', given),
  /** Who would gain and who would lose by a change */
  policyWhatIf: (given: PolicyWhatIfInput) => call<PolicyWhatIf>('POST', '/api/v1/what-if', given),
  /** Change one’s own name or e-mail */
  profileUpdate: (given: ProfileUpdateInput) => call<ProfileUpdate>('PATCH', '/api/v1/me', given),
  /** Create or change a project */
  projectApply: (given: ProjectApplyInput) => call<ProjectApply>('PUT', '/api/v1/projects', given),
  /** Delete a project */
  projectDelete: (given: ProjectDeleteInput) => call<ProjectDelete>('DELETE', '/api/v1/projects/{id}', given),
  /** One project */
  projectGet: (given: ProjectGetInput) => call<ProjectGet>('GET', '/api/v1/projects/{id}', given),
  /** Every state a project had, newest first */
  projectHistory: (given: ProjectHistoryInput) => call<ProjectHistory>('GET', '/api/v1/projects/{id}/history', given),
  /** Every project you may read */
  projectList: (given: ProjectListInput = {}) => call<ProjectList>('GET', '/api/v1/projects', given),
  /** Move a project, with all that is in it, to another place in the tree */
  projectMove: (given: ProjectMoveInput) => call<ProjectMove>('POST', '/api/v1/projects/{id}/move', given),
  /** Create or change a publisher */
  publisherApply: (given: PublisherApplyInput) => call<PublisherApply>('PUT', '/api/v1/publishers', given),
  /** Delete a publisher */
  publisherDelete: (given: PublisherDeleteInput) => call<PublisherDelete>('DELETE', '/api/v1/publishers/{id}', given),
  /** One publisher */
  publisherGet: (given: PublisherGetInput) => call<PublisherGet>('GET', '/api/v1/publishers/{id}', given),
  /** Every state a publisher had, newest first */
  publisherHistory: (given: PublisherHistoryInput) => call<PublisherHistory>('GET', '/api/v1/publishers/{id}/history', given),
  /** Every publisher you may read */
  publisherList: (given: PublisherListInput = {}) => call<PublisherList>('GET', '/api/v1/publishers', given),
  /** Discard a version, or its mark */
  pypiDelete: (given: PypiDeleteInput) => call<PypiDelete>('DELETE', '/pypi/{*}', given),
  /** The simple index of Python packages, and their files */
  pypiGet: (given: PypiGetInput) => call<PypiGet>('GET', '/pypi/{*}', given),
  /** Upload a wheel or a source distribution */
  pypiUpload: (given: PypiUploadInput) => call<PypiUpload>('POST', '/pypi/{*}', given),
  /** Mark a version so that resolvers pass it over */
  pypiYank: (given: PypiYankInput) => call<PypiYank>('PUT', '/pypi/{*}', given),
  /** The receipt of an act of your own */
  receiptGet: (given: ReceiptGetInput) => call<ReceiptGet>('GET', '/api/v1/receipts/{entry}', given),
  /** New recovery codes, shown once; the old ones end */
  recoveryCodesCreate: (given: RecoveryCodesCreateInput = {}) => call<RecoveryCodesCreate>('POST', '/api/v1/me/recovery-codes', given),
  /** A remediation, with what became of the things it came to */
  remediationGet: (given: RemediationGetInput) => call<RemediationGet>('GET', '/api/v1/remediations/{id}', given),
  /** Remediations, newest first, with how far they are */
  remediationList: (given: RemediationListInput = {}) => call<RemediationList>('GET', '/api/v1/remediations', given),
  /** Put right what an assignment with the effect remediate wants otherwise; or show what that would change */
  remediationStart: (given: RemediationStartInput) => call<RemediationStart>('POST', '/api/v1/remediations', given),
  /** Stop it; when this answers, it changes nothing more */
  remediationStop: (given: RemediationStopInput) => call<RemediationStop>('POST', '/api/v1/remediations/{id}/stop', given),
  /** Create or change a repository */
  repositoryApply: (given: RepositoryApplyInput) => call<RepositoryApply>('PUT', '/api/v1/repositories', given),
  /** Delete a repository */
  repositoryDelete: (given: RepositoryDeleteInput) => call<RepositoryDelete>('DELETE', '/api/v1/repositories/{id}', given),
  /** One repository */
  repositoryGet: (given: RepositoryGetInput) => call<RepositoryGet>('GET', '/api/v1/repositories/{id}', given),
  /** Every state a repository had, newest first */
  repositoryHistory: (given: RepositoryHistoryInput) => call<RepositoryHistory>('GET', '/api/v1/repositories/{id}/history', given),
  /** Every repository you may read */
  repositoryList: (given: RepositoryListInput = {}) => call<RepositoryList>('GET', '/api/v1/repositories', given),
  /** Apply many resources: all of them or none */
  resourceApply: (given: ResourceApplyInput) => call<ResourceApply>('POST', '/api/v1/apply', given),
  /** What a resource needs and what needs it */
  resourceGraph: (given: ResourceGraphInput) => call<ResourceGraph>('GET', '/api/v1/graph', given),
  /** Search every kind of resource by any field */
  resourceSearch: (given: ResourceSearchInput = {}) => call<ResourceSearch>('GET', '/api/v1/resources', given),
  /** News of resources as server-sent events */
  resourceWatch: (given: ResourceWatchInput = {}) => call<ResourceWatch>('GET', '/api/v1/watch', given),
  /** Create or change a role */
  roleApply: (given: RoleApplyInput) => call<RoleApply>('PUT', '/api/v1/custom-roles', given),
  /** Create or change a role assignment */
  roleAssignmentApply: (given: RoleAssignmentApplyInput) => call<RoleAssignmentApply>('PUT', '/api/v1/role-assignments', given),
  /** Delete a role assignment */
  roleAssignmentDelete: (given: RoleAssignmentDeleteInput) => call<RoleAssignmentDelete>('DELETE', '/api/v1/role-assignments/{id}', given),
  /** One role assignment */
  roleAssignmentGet: (given: RoleAssignmentGetInput) => call<RoleAssignmentGet>('GET', '/api/v1/role-assignments/{id}', given),
  /** Every state a role assignment had, newest first */
  roleAssignmentHistory: (given: RoleAssignmentHistoryInput) => call<RoleAssignmentHistory>('GET', '/api/v1/role-assignments/{id}/history', given),
  /** Every role assignment you may read */
  roleAssignmentList: (given: RoleAssignmentListInput = {}) => call<RoleAssignmentList>('GET', '/api/v1/role-assignments', given),
  /** The roles there are, built in or made here, and what each may do */
  roleCatalog: (given: RoleCatalogInput = {}) => call<RoleCatalog>('GET', '/api/v1/roles', given),
  /** Delete a role */
  roleDelete: (given: RoleDeleteInput) => call<RoleDelete>('DELETE', '/api/v1/custom-roles/{id}', given),
  /** One role */
  roleGet: (given: RoleGetInput) => call<RoleGet>('GET', '/api/v1/custom-roles/{id}', given),
  /** Every state a role had, newest first */
  roleHistory: (given: RoleHistoryInput) => call<RoleHistory>('GET', '/api/v1/custom-roles/{id}/history', given),
  /** Every role you may read */
  roleList: (given: RoleListInput = {}) => call<RoleList>('GET', '/api/v1/custom-roles', given),
  /** Sign in by password */
  sessionCreate: (given: SessionCreateInput) => call<SessionCreate>('POST', '/api/v1/session', given),
  /** Sign out */
  sessionEnd: (given: SessionEndInput = {}) => call<SessionEnd>('DELETE', '/api/v1/session', given),
  /** Who is signed in, and what they may do */
  sessionGet: (given: SessionGetInput = {}) => call<SessionGet>('GET', '/api/v1/session', given),
  /** Sessions of one’s own, or of a person */
  sessionList: (given: SessionListInput = {}) => call<SessionList>('GET', '/api/v1/sessions', given),
  /** Sign in by passkey */
  sessionPasskeyCreate: (given: SessionPasskeyCreateInput) => call<SessionPasskeyCreate>('POST', '/api/v1/session/passkey', given),
  /** Begin signing in by passkey */
  sessionPasskeyOptions: (given: SessionPasskeyOptionsInput = {}) => call<SessionPasskeyOptions>('POST', '/api/v1/session/passkey/options', given),
  /** End a session at once */
  sessionRevoke: (given: SessionRevokeInput) => call<SessionRevoke>('DELETE', '/api/v1/sessions/{id}', given),
  /** Whether the site still needs its owner */
  setupGet: (given: SetupGetInput = {}) => call<SetupGet>('GET', '/api/v1/setup', given),
  /** Begin the owner’s passkey */
  setupPasskeyOptions: (given: SetupPasskeyOptionsInput) => call<SetupPasskeyOptions>('POST', '/api/v1/setup/passkey', given),
  /** Set the site up by its one-time link */
  setupRun: (given: SetupRunInput) => call<SetupRun>('POST', '/api/v1/setup', given),
  /** The process answers */
  siteHealth: (given: SiteHealthInput = {}) => call<SiteHealth>('GET', '/healthz', given),
  /** Measurements in the Prometheus text format */
  siteMetrics: (given: SiteMetricsInput = {}) => call<SiteMetrics>('GET', '/metrics', given),
  /** What runs, how it is, what expires */
  siteOverview: (given: SiteOverviewInput = {}) => call<SiteOverview>('GET', '/api/v1/overview', given),
  /** The database answers */
  siteReady: (given: SiteReadyInput = {}) => call<SiteReady>('GET', '/readyz', given),
  /** Collect now what nothing needs */
  storageCollect: (given: StorageCollectInput = {}) => call<StorageCollect>('POST', '/api/v1/storage/collect', given),
  /** Stored content that is no longer what its digest says, and who holds it */
  storageDamaged: (given: StorageDamagedInput = {}) => call<StorageDamaged>('GET', '/api/v1/storage/damaged', given),
  /** What a collection would take and why, without taking it */
  storageFreeable: (given: StorageFreeableInput = {}) => call<StorageFreeable>('GET', '/api/v1/storage/freeable', given),
  /** What is stored, how it is, and what was last collected */
  storageGet: (given: StorageGetInput = {}) => call<StorageGet>('GET', '/api/v1/storage', given),
  /** Create or change a storage hold */
  storageHoldApply: (given: StorageHoldApplyInput) => call<StorageHoldApply>('PUT', '/api/v1/storage-holds', given),
  /** Delete a storage hold */
  storageHoldDelete: (given: StorageHoldDeleteInput) => call<StorageHoldDelete>('DELETE', '/api/v1/storage-holds/{id}', given),
  /** One storage hold */
  storageHoldGet: (given: StorageHoldGetInput) => call<StorageHoldGet>('GET', '/api/v1/storage-holds/{id}', given),
  /** Every state a storage hold had, newest first */
  storageHoldHistory: (given: StorageHoldHistoryInput) => call<StorageHoldHistory>('GET', '/api/v1/storage-holds/{id}/history', given),
  /** Every storage hold you may read */
  storageHoldList: (given: StorageHoldListInput = {}) => call<StorageHoldList>('GET', '/api/v1/storage-holds', given),
  /** Create or change a storage quota */
  storageQuotaApply: (given: StorageQuotaApplyInput) => call<StorageQuotaApply>('PUT', '/api/v1/storage-quotas', given),
  /** Delete a storage quota */
  storageQuotaDelete: (given: StorageQuotaDeleteInput) => call<StorageQuotaDelete>('DELETE', '/api/v1/storage-quotas/{id}', given),
  /** One storage quota */
  storageQuotaGet: (given: StorageQuotaGetInput) => call<StorageQuotaGet>('GET', '/api/v1/storage-quotas/{id}', given),
  /** Every state a storage quota had, newest first */
  storageQuotaHistory: (given: StorageQuotaHistoryInput) => call<StorageQuotaHistory>('GET', '/api/v1/storage-quotas/{id}/history', given),
  /** Every storage quota you may read */
  storageQuotaList: (given: StorageQuotaListInput = {}) => call<StorageQuotaList>('GET', '/api/v1/storage-quotas', given),
  /** What a retention would take of a repository now, without taking it */
  storageRetentionPreview: (given: StorageRetentionPreviewInput) => call<StorageRetentionPreview>('POST', '/api/v1/storage/retention/preview', given),
  /** Carry out the retention of a repository now */
  storageRetentionRun: (given: StorageRetentionRunInput) => call<StorageRetentionRun>('POST', '/api/v1/storage/retention/run', given),
  /** Read everything again from now on, at the set pace */
  storageScrub: (given: StorageScrubInput = {}) => call<StorageScrub>('POST', '/api/v1/storage/scrub', given),
  /** What repositories that you may read hold, by place and by format, and the quotas on them */
  storageUsage: (given: StorageUsageInput = {}) => call<StorageUsage>('GET', '/api/v1/storage/usage', given),
  /** Confirm the authenticator app by its first code */
  totpConfirm: (given: TotpConfirmInput) => call<TotpConfirm>('POST', '/api/v1/me/totp/confirm', given),
  /** Remove the authenticator app */
  totpDelete: (given: TotpDeleteInput = {}) => call<TotpDelete>('DELETE', '/api/v1/me/totp', given),
  /** Begin an authenticator app */
  totpOffer: (given: TotpOfferInput = {}) => call<TotpOffer>('POST', '/api/v1/me/totp', given),
  /** Add a person; gives a one-time link to hand over */
  userCreate: (given: UserCreateInput) => call<UserCreate>('POST', '/api/v1/users', given),
  /** Remove a person and erase what is known of them */
  userDelete: (given: UserDeleteInput) => call<UserDelete>('DELETE', '/api/v1/users/{id}', given),
  /** Shut a person out at once */
  userDisable: (given: UserDisableInput) => call<UserDisable>('POST', '/api/v1/users/{id}/disable', given),
  /** Let a disabled person in again */
  userEnable: (given: UserEnableInput) => call<UserEnable>('POST', '/api/v1/users/{id}/enable', given),
  /** A person */
  userGet: (given: UserGetInput) => call<UserGet>('GET', '/api/v1/users/{id}', given),
  /** A new one-time link: to join, or to recover */
  userInvite: (given: UserInviteInput) => call<UserInvite>('POST', '/api/v1/users/{id}/invite', given),
  /** People */
  userList: (given: UserListInput = {}) => call<UserList>('GET', '/api/v1/users', given),
  /** Change a person’s names */
  userUpdate: (given: UserUpdateInput) => call<UserUpdate>('PATCH', '/api/v1/users/{id}', given),
  /** Create or change a view */
  viewApply: (given: ViewApplyInput) => call<ViewApply>('PUT', '/api/v1/views', given),
  /** Delete a view */
  viewDelete: (given: ViewDeleteInput) => call<ViewDelete>('DELETE', '/api/v1/views/{id}', given),
  /** One view */
  viewGet: (given: ViewGetInput) => call<ViewGet>('GET', '/api/v1/views/{id}', given),
  /** Every state a view had, newest first */
  viewHistory: (given: ViewHistoryInput) => call<ViewHistory>('GET', '/api/v1/views/{id}/history', given),
  /** Every view you may read */
  viewList: (given: ViewListInput = {}) => call<ViewList>('GET', '/api/v1/views', given),
})

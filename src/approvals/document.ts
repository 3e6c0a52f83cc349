// What people approve: one text that holds the request, what it does and what it needs, and its digest. Whoever has the text can compute all of it anew.
import { createHash } from 'node:crypto'
import type { Obligation } from '#platform/context.ts'
import { canonicalJson, type Json } from '#platform/json.ts'
import type { Difference } from './difference.ts'
import type { Wanted } from './schema.ts'

export type ChangeDocument = {
  readonly type: 'holdfast-change-set'
  readonly v: 1
  readonly id: string
  readonly site: string
  readonly requester: string
  readonly reason: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly request: Wanted
  readonly difference: Difference
  readonly obligations: readonly Obligation[]
}

/** RFC 8785, so that the same content has the same digest wherever it is written. */
export const textOf = (document: ChangeDocument): string => canonicalJson(document as unknown as Json) // all of it came in as JSON

export const parseDocument = (text: string): ChangeDocument => JSON.parse(text) as ChangeDocument // we wrote it

export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** What an approver signs. It names them and what they decided, so that it cannot be passed on as another's, nor as another decision. */
export const statementOf = (digest: string, approver: string): string => `holdfast-approval-v1\n${digest}\n${approver}\napprove\n`

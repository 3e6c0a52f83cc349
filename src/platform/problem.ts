// Expected failures. Each kind is declared beside the use case that raises it, and has a page in docs/problems/.

/** An expected failure, told to the client as RFC 9457. Anything else thrown is a bug and becomes a bare 500. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly status: number
  readonly title: string
  readonly facts: Record<string, unknown>
  /** Response headers that belong to the refusal: Retry-After, WWW-Authenticate. */
  readonly headers: Record<string, string>

  constructor(kind: ProblemKind, detail: string, facts: Record<string, unknown>, cause?: unknown) {
    super(detail, { cause })
    this.code = kind.code
    this.status = kind.status
    this.title = kind.title
    const { headers, ...rest } = facts
    this.facts = rest
    this.headers = isHeaders(headers) ? headers : {}
  }

  toJSON() {
    return { ...this.facts, type: `/problems/${this.code}`, title: this.title, status: this.status, detail: this.message }
  }
}

const isHeaders = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((header) => typeof header === 'string')

export type ProblemKind = { code: string; status: number; title: string }

const kinds = new Map<string, ProblemKind>()

/** Declares one kind of problem; the returned function makes instances of it. `facts.headers` become response headers. */
export const problem = (code: string, status: number, title: string) => {
  const kind = { code, status, title }
  kinds.set(code, kind)
  return Object.assign(
    (detail: string, facts: Record<string, unknown> = {}, cause?: unknown) => new Problem(kind, detail, facts, cause),
    kind,
  )
}

/** Every kind declared so far; a test holds each to having a page. */
export const problemKinds = (): readonly ProblemKind[] => [...kinds.values()]

export const invalid = problem('invalid-request', 400, 'The request is not valid')
export const unauthenticated = problem('unauthenticated', 401, 'Sign in first')
export const approvalNeeded = problem('approval-needed', 403, 'Others must approve this')
export const forbidden = problem('forbidden', 403, 'Not permitted')
export const notFound = problem('not-found', 404, 'Not found')
export const conflict = problem('conflict', 409, 'In conflict with the present state')
export const tooLarge = problem('too-large', 413, 'Larger than allowed')
export const misdirected = problem('misdirected', 421, 'Not a name of this site')
export const tooManyRequests = problem('too-many-requests', 429, 'Too many requests')
export const unavailable = problem('unavailable', 503, 'Not available at present')
export const diskFull = problem('disk-full', 507, 'The disk is full')

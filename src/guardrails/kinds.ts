// What guardrails are about. `*` means every kind but these two sorts, which have to be named.

/** What decides over guardrails: a guardrail that refuses these could keep itself in place. */
export const governingKinds: readonly string[] = ['guardrail', 'initiative', 'guardrail-assignment', 'exemption', 'publisher']

/** Seen, not declared: nobody writes them through the inventory, so they can be audited and attested, not refused or changed. */
export const observedKinds: readonly string[] = ['api-key', 'person', 'certificate', 'site', 'backup', 'advisory-data']

/** Resources that are themselves a place. */
export const scopeKinds: readonly string[] = ['folder', 'project']

const named = new Set([...governingKinds, ...observedKinds])

export const coverOf = (kinds: readonly string[]): ((kind: string) => boolean) => {
  const listed = new Set(kinds)
  return listed.has('*') ? (kind) => !named.has(kind) || listed.has(kind) : (kind) => listed.has(kind)
}

// What only the site itself can say of itself, for guardrails to judge: its certificate, and how it may be reached and may reach out.
import { observe, type Observed } from '#compliance'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { certificateEndsAt } from './expiry.ts'

export const defineObserved = (site: Site): void => {
  observe(site, 'certificate', { readAction: 'site.read', documents: async (ctx) => certificates(ctx) })
  observe(site, 'site', { readAction: 'site.read', documents: async (ctx) => [itself(ctx)] })
}

const certificates = ({ site: { config } }: Context): Observed[] => {
  const endsAt = certificateEndsAt(config)
  if (!endsAt) return []
  return [{ id: 'certificate_server', name: config.publicUrl.hostname, facts: { expiresAt: endsAt.toISOString() } }]
}

const itself = ({ site: { id, config } }: Context): Observed => ({
  id,
  name: config.siteName,
  facts: { tls: config.secure, allowedHosts: [...config.allowHosts] },
})

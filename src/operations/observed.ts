// What only the site itself can say of itself, for guardrails to judge: its certificate, and how it may be reached and may reach out.
import { observe, type Observed } from '#compliance'
import { observedPeople } from '#identity'
import { heldRoles, resolveScope } from '#policy'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { certificateEndsAt } from './expiry.ts'

export const defineObserved = (site: Site): void => {
  observe(site, 'certificate', { readAction: 'site.read', documents: async (ctx) => certificates(ctx) })
  observe(site, 'site', { readAction: 'site.read', documents: async (ctx) => [await itself(ctx)] })
}

const certificates = ({ site: { config } }: Context): Observed[] => {
  const endsAt = certificateEndsAt(config)
  if (!endsAt) return []
  return [{ id: 'certificate_server', name: config.publicUrl.hostname, facts: { expiresAt: endsAt.toISOString() } }]
}

const itself = async (ctx: Context): Promise<Observed> => {
  const { id, config } = ctx.site
  return {
    id,
    name: config.siteName,
    facts: { tls: config.secure, allowedHosts: [...config.allowHosts], owners: await owners(ctx) },
  }
}

/** Of the whole site, and able to come in. */
const owners = async (ctx: Context): Promise<number> => {
  const held = await heldRoles(ctx, (await resolveScope(ctx)).id)
  const active = (await observedPeople(ctx)).filter(({ facts }) => facts['state'] === 'active')
  return active.filter(({ id }) => held.get(id)?.includes('owner')).length
}

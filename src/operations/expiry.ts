// The expiry radar: what stops being valid, soonest first. Running work is never stopped by it; people are told while there is time.
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { expiringKeys } from '#identity'
import type { Config } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'

export const Expiry = Type.Object({
  what: Type.String(),
  kind: Type.Union([Type.Literal('key'), Type.Literal('certificate'), Type.Literal('invitation')]),
  id: Type.String(),
  at: Type.String({ format: 'date-time' }),
})
export type Expiry = Static<typeof Expiry>

const horizonDays = 90
const shownMax = 20

export const expiries = async (ctx: Context): Promise<Expiry[]> => {
  const until = new Date(ctx.now().getTime() + horizonDays * 86_400_000)
  const found = await expiringKeys(ctx, until)
  const keys = found.map(({ id, name, at }): Expiry => ({ what: `API key ${name}`, kind: 'key', id, at: at.toISOString() }))
  return [...keys, ...certificates(ctx)].sort((a, b) => a.at.localeCompare(b.at)).slice(0, shownMax)
}

const servedCertificate = (config: Config): X509Certificate | undefined => {
  if (!config.secure) return undefined
  const file = join(config.home, 'tls', 'server.pem')
  const pem = config.tls?.cert ?? (existsSync(file) ? readFileSync(file, 'utf8') : undefined)
  return pem === undefined ? undefined : new X509Certificate(pem)
}

/** Undefined where no TLS is served. */
export const certificateEndsAt = (config: Config): Date | undefined => {
  const certificate = servedCertificate(config)
  return certificate && new Date(certificate.validTo)
}

const certificates = ({ site: { config } }: Context): Expiry[] => {
  const certificate = servedCertificate(config)
  if (!certificate) return []
  return [
    {
      what: `Certificate of ${config.publicUrl.hostname}`,
      kind: 'certificate',
      id: certificate.serialNumber,
      at: new Date(certificate.validTo).toISOString(),
    },
  ]
}

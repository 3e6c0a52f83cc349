// What a repository may say of the registry it fetches from. Who sets it needs `repository.mirror` there, and the operator must have let the host in.
import { Type, type Static } from 'typebox'
import { refFor, type Resource } from '#resources'
import { isLoopbackHost } from '#platform/egress.ts'
import type { Context } from '#platform/context.ts'
import { invalid } from '#platform/problem.ts'

export const Upstream = Type.Object(
  {
    url: Type.String({
      maxLength: 300,
      pattern: '^https?://[^\\s/?#@]+$',
      description: 'The other registry, without a path: https://registry.example',
    }),
    path: Type.String({
      maxLength: 255,
      pattern: '^[a-z0-9]+([._/-]+[a-z0-9]+)*$',
      description: 'What there stands for this repository; packages below it have the same names',
    }),
    revalidateMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 525_600,
        description: 'A tag is asked for again when it was so long ago; 5 unless said',
      }),
    ),
  },
  { additionalProperties: false, description: 'A registry from which what is missing is fetched, where the site is connected' },
)
export type Upstream = Static<typeof Upstream>

export const upstreamOf = ({ spec }: Resource): Upstream | undefined => spec['upstream'] as Upstream | undefined // checked when it was applied

export const mayReach = (ctx: Pick<Context, 'site'>, hostname: string): boolean =>
  isLoopbackHost(hostname) || ctx.site.config.allowHosts.includes(hostname)

export const admitUpstream = async (tx: Context, resource: Resource, before: Resource | undefined): Promise<void> => {
  const upstream = upstreamOf(resource)
  if (!upstream) return
  if (resource.spec['format'] !== 'oci') throw invalid('Only a repository of the format oci has an upstream.')
  const { hostname } = new URL(upstream.url)
  if (!mayReach(tx, hostname))
    throw invalid(
      `${hostname} is outside this machine, and nothing leaves it. If this site may fetch from there, the operator allows it with HOLDFAST_ALLOW_HOSTS=${hostname}.`,
    )
  if (JSON.stringify(upstream) !== JSON.stringify(before && upstreamOf(before)))
    await tx.authorize('repository.mirror', refFor(resource))
}

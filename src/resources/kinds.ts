// What kinds of resources there are. A room adds one and gets from here: typed API, policy, audit, history, watch, files.
import type { TObject } from 'typebox'
import type { Context } from '#platform/context.ts'
import type { Site } from '#platform/site.ts'
import { notFound } from '#platform/problem.ts'
import type { Resource } from './schema.ts'

export type Change = { readonly resource: Resource; readonly before: Resource | undefined }

export type Facts = Record<string, unknown>
export type Dependency = { readonly id: string; readonly relation: string }

export type Kind = {
  /** Also the noun of its actions: `model.read`, `model.apply`, `model.delete`. */
  readonly kind: string
  readonly plural: string
  readonly title: string
  readonly description: string
  readonly spec: TObject
  readonly status?: TObject
  /** Folders and projects: the resource is itself a scope. */
  readonly isScope?: true
  readonly idPrefix: string
  /** It reaches everything in the scope where it lies and below, which gains or loses it by moving. */
  readonly governs?: true
  /** The room's own conditions, and the observed state that a change begins with. Runs inside the transaction; throws a Problem to refuse. */
  readonly admit?: (tx: Context, change: Change) => Promise<Record<string, unknown> | void>
  /** The room's own rows, in the same transaction. */
  readonly applied?: (tx: Context, change: Change) => Promise<void>
  readonly removed?: (tx: Context, resource: Resource) => Promise<void>
  /** What guardrails may ask of these resources beside spec and status, one answer each and in their order. What is not known is left out, never guessed; the spec may not have been checked yet. */
  readonly facts?: (ctx: Context, resources: readonly Resource[]) => Promise<Facts[]>
  /** Ids of what a resource needs to work, and in what relation to it. */
  readonly dependsOn?: (resource: Resource) => readonly Dependency[]
}

const registries = new WeakMap<Site, Map<string, Kind>>()

const registry = (site: Site): Map<string, Kind> => {
  const found = registries.get(site) ?? new Map<string, Kind>()
  registries.set(site, found)
  return found
}

export const defineKind = (site: Site, kind: Kind): void => {
  if (registry(site).has(kind.kind)) throw new Error(`Kind ${kind.kind} is defined twice`)
  // A misspelt field that is silently dropped is a setting someone believes in.
  if (Reflect.get(kind.spec, 'additionalProperties') !== false)
    throw new Error(`The spec of ${kind.kind} must refuse unknown fields`)
  registry(site).set(kind.kind, kind)
}

export const kindsOf = (site: Site): Kind[] => [...registry(site).values()]

export const kindOf = (site: Site, name: string): Kind => {
  const found = registry(site).get(name) ?? kindsOf(site).find(({ plural }) => plural === name)
  if (!found)
    throw notFound(
      `There is no kind of resource ${JSON.stringify(name.slice(0, 80))}. The kinds are: ${kindsOf(site)
        .map(({ kind }) => kind)
        .join(', ')}.`,
    )
  return found
}

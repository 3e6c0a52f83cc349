// Measurements in Prometheus' form. A label takes few values, known beforehand: no person, no name, no address, nothing a caller can choose.
import type pg from 'pg'
import { Gauge, type Registry } from 'prom-client'
import type { Site } from './site.ts'

/** A measurement made once a site, at its first use. */
export const perSite = <M>(make: (registers: Registry[]) => M): ((site: Pick<Site, 'metrics'>) => M) => {
  const made = new WeakMap<Registry, M>()
  return ({ metrics }) => {
    const known = made.get(metrics) ?? make([metrics])
    made.set(metrics, known)
    return known
  }
}

/** What is read at each scrape, in place of what was read at the one before. */
export type Reading<Label extends string = never> = {
  readonly name: string
  readonly help: string
  readonly values: readonly { readonly value: number; readonly labels?: Record<Label, string> }[]
}

/** The labels are named outright, so that a reading without values still has its form. */
export const show = <const Label extends string = never>(
  { metrics }: Pick<Site, 'metrics'>,
  { name, help, values }: Reading<Label>,
  labelNames: readonly Label[] = [],
): void => {
  const known = metrics.getSingleMetric(name)
  const gauge = known instanceof Gauge ? known : new Gauge({ name, help, labelNames, registers: [metrics] })
  gauge.reset()
  for (const { value, labels } of values)
    if (labels) gauge.set(labels, value)
    else gauge.set(value)
}

/** How much of the pool is taken, and who waits for a connection: the first place where a slow database shows. */
export const measurePool = (registry: Registry, pool: pg.Pool): void => {
  const connections = new Gauge({
    name: 'holdfast_database_connections',
    help: 'Connections to PostgreSQL, used and idle',
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      connections.set({ state: 'idle' }, pool.idleCount)
      connections.set({ state: 'used' }, pool.totalCount - pool.idleCount)
    },
  })
  const most: Gauge = new Gauge({
    name: 'holdfast_database_connections_max',
    help: 'The most connections this process opens',
    registers: [registry],
    collect: () => most.set(pool.options.max),
  })
  const waiting: Gauge = new Gauge({
    name: 'holdfast_database_connections_waiting',
    help: 'Transactions that wait for a connection',
    registers: [registry],
    collect: () => waiting.set(pool.waitingCount),
  })
}

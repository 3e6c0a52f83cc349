import { Counter } from 'prom-client'
import { perSite } from '#platform/metrics.ts'

/** There from the first scrape on, at nought. */
export const storeCounters = perSite((registers) => ({
  scrubbedBytes: new Counter({
    name: 'holdfast_artifact_scrubbed_bytes_total',
    help: 'Bytes of stored content read again',
    registers,
  }),
  collectedBytes: new Counter({ name: 'holdfast_artifact_collected_bytes_total', help: 'Bytes that were collected', registers }),
}))

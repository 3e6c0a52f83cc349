// The transparency log: what was done here, by whom, provable to people who do not trust us. Entries go in with the change they record and never come out.
export { eraseSubject, record, recordAlone, recordDenial, recordDenialAfter, type EntryId, type Outcome } from './record.ts'
export { awaitLog, awaitSequenced, logOrigin, startSequencer } from './sequencer.ts'
export {
  consistency,
  currentCheckpoint,
  exportLog,
  getEntry,
  listEntries,
  logState,
  receipt,
  usageByHour,
  verifyLog,
} from './log.ts'
export { tokensSince } from './usage.ts'
export type { Entry, Receipt } from './schema.ts'
export { logRoutes, routes } from './routes.ts'

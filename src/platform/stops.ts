export type Stop = () => Promise<unknown>

/** Each is asked, whatever became of the one before it; the first that failed is told when all are through. */
export const stopEach = async (stops: readonly Stop[]): Promise<void> => {
  const faults: unknown[] = []
  for (const stop of stops) await stop().catch((error: unknown) => void faults.push(error))
  if (faults.length > 0) throw faults[0]
}

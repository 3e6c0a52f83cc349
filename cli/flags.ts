// What was said on the command line, as the API wants it.
type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Only what was said. */
export const given = <T extends object>(flags: T): Given<T> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as Given<T> // nothing is added

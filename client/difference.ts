export type Difference = { path: string; from?: string; to?: string }

/** Field by field, by path; values as JSON. */
export const differences = (before: unknown, after: unknown, path = ''): Difference[] => {
  if (isRecord(before) && isRecord(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`))
  if (before === undefined && isRecord(after))
    return Object.keys(after).flatMap((key) => differences(undefined, after[key], path === '' ? key : `${path}.${key}`))
  const [from, to] = [JSON.stringify(before), JSON.stringify(after)]
  return from === to ? [] : [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// How the command line speaks: exact JSON for machines, aligned tables with units for people.
export type Output = { json: boolean }

const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
export const bold = (text: string): string => paint(1, text)
export const dim = (text: string): string => paint(2, text)
export const good = (text: string): string => paint(32, text)
export const bad = (text: string): string => paint(31, text)
export const warn = (text: string): string => paint(33, text)

/** Names and messages come from other people; control characters in them would steer the terminal. */
export const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' || char === '\t' ? char : '\uFFFD'))

/** A value of someone else's document as a cell; what is no scalar is shown as JSON. */
export const cell = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)

export const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints the value as JSON, or what `human` makes of it. */
export const show = <T>({ json }: Output, value: T, human: (value: T) => string): void =>
  print(json ? JSON.stringify(value, null, 2) : human(value))

export const table = (heads: readonly string[], rows: readonly (readonly string[])[], empty: string): string => {
  if (rows.length === 0) return dim(empty)
  const clean = rows.map((row) => row.map(plain))
  const widths = heads.map((head, i) => Math.max(head.length, ...clean.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ')
  return [dim(line(heads)), ...clean.map(line)].join('\n')
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
export const bytes = (count: number): string => {
  const power = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log2(count) / 10))
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

export const duration = (seconds: number): string =>
  seconds < 90
    ? `${Math.round(seconds)} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : seconds < 172_800
        ? `${Math.round(seconds / 3600)} h`
        : `${Math.round(seconds / 86_400)} days`

export const ago = (at: string, now = Date.now()): string => {
  const seconds = (now - Date.parse(at)) / 1000
  return seconds >= 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`
}

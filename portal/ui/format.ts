// Numbers carry their unit; times are told relative to now, with the exact moment beside.
const locale = typeof navigator === 'undefined' ? 'en' : navigator.language
const whole = new Intl.NumberFormat(locale)
const short = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' })
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })

export const count = (value: number): string => whole.format(value)
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${whole.format(value)} ${value === 1 ? one : many}`
export const decimal = (value: number): string => short.format(value)

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
export const bytes = (value: number): string => {
  const power = value < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(value) / 10))
  return `${short.format(value / 1024 ** power)} ${byteUnits[power]}`
}

export const large = (value: number): string => {
  if (value >= 1e9) return `${short.format(value / 1e9)} billion`
  return value >= 1e6 ? `${short.format(value / 1e6)} million` : whole.format(value)
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]
export const ago = (at: string, nowMs: number): string => {
  const seconds = (Date.parse(at) - nowMs) / 1000
  const step = steps.find(([, size]) => Math.abs(seconds) >= size)
  if (step) return relative.format(Math.round(seconds / step[1]), step[0])
  return Math.abs(seconds) < 10 ? 'just now' : relative.format(Math.round(seconds), 'second')
}

export const moment = (at: string): string => exact.format(new Date(at))
export const date = (at: string): string => day.format(new Date(at))

export const seconds = (value: number): string => {
  if (value < 90) return `${Math.max(0, Math.round(value))} s`
  return value < 5400 ? `${Math.round(value / 60)} min` : `${short.format(value / 3600)} h`
}

/** Long digests are read by their two ends. */
export const digestShort = (digest: string): string => {
  const [head, body = ''] = digest.includes(':') ? digest.split(':') : ['', digest]
  return body.length <= 20 ? digest : `${head ? `${head}:` : ''}${body.slice(0, 8)}…${body.slice(-8)}`
}

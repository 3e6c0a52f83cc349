// A condition as one would say it. What this page does not know is shown as it was written, never left out.
type Node = Record<string, unknown>

export const conditionWords = (condition: unknown): string => {
  if (typeof condition !== 'object' || condition === null) return JSON.stringify(condition)
  const [kind, value] = Object.entries(condition)[0] ?? ['', undefined]
  return words[kind]?.(value as never) ?? JSON.stringify(condition)
}

const list = (joint: string) => (all: unknown[]) =>
  all.map((one) => (isMany(one) ? `(${conditionWords(one)})` : conditionWords(one))).join(joint)
const isMany = (one: unknown): boolean => typeof one === 'object' && one !== null && ('any' in one || 'all' in one)

const factors: Record<string, string> = { passkey: 'a passkey', totp: 'a code', password: 'a password', key: 'an API key' }

const words: Record<string, (value: never) => string> = {
  all: list(' and '),
  any: list(' or '),
  not: (one: unknown) => `not ${isMany(one) ? `(${conditionWords(one)})` : conditionWords(one)}`,
  label: ({ name, in: values }: { name: string; in: string[] }) => `label ${name} is ${values.join(' or ')}`,
  classification: ({ atMost }: { atMost: string }) => `classified at most ${atMost}`,
  time: ({ days, from, to, zone }: Node & { days?: string[] }) =>
    `${days ? `${days.join(', ')} ` : ''}${String(from)}–${String(to)} ${String(zone)}`,
  networks: (networks: string[]) => `from ${networks.join(' or ')}`,
  factor: (factor: string) => `signed in with ${factors[factor] ?? factor}`,
}

// How the text of a setting is read: each throws what is wrong with it, as the end of a sentence that begins with the setting's name.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'

export type Parse<T> = (text: string) => T

/** Relative paths start here, wherever one stands: the site of a folder is the same from everywhere. */
const root = join(import.meta.dirname, '../..')

export const text: Parse<string> = (value) => {
  if (value.trim() === '') throw new Error('is empty: give a text, or leave it out')
  return value
}
/** Empty would be the project's own folder, and the database would come to lie among its files. */
export const folder: Parse<string> = (value) => {
  if (value.trim() === '') throw new Error('is empty: name a folder, or leave it out')
  return resolve(root, value)
}
export const integer =
  (min: number, max: number): Parse<number> =>
  (value) => {
    if (!/^\d{1,15}$/.test(value) || Number(value) < min || Number(value) > max)
      throw new Error(`must be a whole number from ${min} to ${max}`)
    return Number(value)
  }
export const oneOf =
  (...choices: string[]): Parse<string> =>
  (value) => {
    if (!choices.includes(value)) throw new Error(`must be one of ${choices.join(', ')}`)
    return value
  }
export const url =
  (...protocols: string[]): Parse<string> =>
  (value) => {
    const parsed = URL.parse(value)
    if (!parsed || !protocols.includes(parsed.protocol))
      throw new Error(`must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    return value
  }
export const optional =
  <T>(parse: Parse<T>): Parse<T | undefined> =>
  (value) =>
    value === '' ? undefined : parse(value)
export const hostList: Parse<string[]> = (value) => {
  const hosts = value
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
  const wrong = hosts.find((host) => !/^[a-z0-9.:-]{1,253}$/i.test(host))
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is not a host name or address`)
  return hosts
}
/** A name would have to be looked up before anything listens, and this site looks up none. */
export const address: Parse<string> = (value) => {
  if (value !== 'localhost' && isIP(value) === 0)
    throw new Error('must be an IP address or localhost; a name that people use goes into HOLDFAST_PUBLIC_URL')
  return value
}
export const readable: Parse<string> = (path) => {
  try {
    return readFileSync(resolve(root, path), 'utf8')
  } catch {
    throw new Error(`cannot read the file ${path}`)
  }
}

/** A key as S3 knows it: its id and its secret, on two lines or with a colon between them. */
export const accessKey: Parse<{ id: string; secret: string }> = (path) => {
  const [id, secret, ...more] = readable(path)
    .trim()
    .split(/[\s:]+/)
  if (!id || !secret || more.length > 0)
    throw new Error('names a file that does not hold a key id and a secret, and nothing else')
  return { id, secret }
}

/** S3's own rule, without the dots that TLS does not go with. */
export const bucketName: Parse<string> = (value) => {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value)) throw new Error('is not the name of a bucket')
  return value
}

/** A line `host name:password` for each host; with its port, where it has one. */
export const hostKeys: Parse<ReadonlyMap<string, string>> = (path) => {
  const lines = readable(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const pairs = lines.map((line) => /^(\S+)\s+(\S+:\S+)$/.exec(line))
  if (pairs.includes(null)) throw new Error('names a file with a line that is not: host name:password')
  return new Map(pairs.map((pair) => [pair![1]!, pair![2]!]))
}

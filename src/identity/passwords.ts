// Passwords: hashed by Argon2id, a few at a time, and with the same work for a name that nobody has.
import { hash, verify } from '@node-rs/argon2'
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { problem, unavailable } from '#platform/problem.ts'

// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB of memory, 2 passes, 1 lane (the library's default algorithm is Argon2id).
const memoryKib = 19_456
const passes = 2
const lanes = 1
const parameters = { memoryCost: memoryKib, timeCost: passes, parallelism: lanes }

export const passwordLengthMin = 12
export const passwordLengthMax = 256
const distinctCharactersMin = 5

// A storm of sign-ins may take half the cores of a small machine and 19 MiB each, and not more; the rest waits, and past the queue is told to come back.
// Two at most: hashing runs on Node's four pool threads, which files need as well.
const hashingMax = Math.min(2, Math.max(1, Math.floor(availableParallelism() / 2)))
const waitingMax = 64

export const weakPassword = problem('weak-password', 400, 'The password is too easy to guess')

let hashing = 0
const waiting: (() => void)[] = []

const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
  if (hashing >= hashingMax) {
    if (waiting.length >= waitingMax)
      throw unavailable('Too many people sign in at this moment. Try again in a few seconds.', {
        headers: { 'retry-after': '5' },
      })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else hashing++
  try {
    return await work()
  } finally {
    // The place is handed on, not freed and fought for: the queue stays in order.
    const next = waiting.shift()
    if (next) next()
    else hashing--
  }
}

// One spelling for what keyboards of different systems send for the same letters (NIST SP 800-63B-4 §3.1.1.2).
const normalise = (password: string): string => password.normalize('NFKC')

export const hashPassword = (password: string): Promise<string> => bounded(() => hash(normalise(password), parameters))

let decoy: Promise<string> | undefined

/** Without a hash the same work is done against a decoy, so that time does not tell whether a name exists. */
export const verifyPassword = async (stored: string | null | undefined, password: string): Promise<boolean> => {
  decoy ??= hash(randomBytes(16).toString('base64'), parameters)
  const against = stored ?? (await decoy)
  const right = await bounded(() => verify(against, normalise(password)))
  return right && stored !== null && stored !== undefined
}

/** Length is what counts (NIST SP 800-63B-4 §3.1.1): no rules about character classes, no expiry. */
export const checkPassword = (password: string, about: readonly string[]): void => {
  const text = normalise(password)
  const length = Array.from(text).length
  if (length < passwordLengthMin)
    throw weakPassword(`A password has at least ${passwordLengthMin} characters. A few unrelated words do well.`, {
      lengthMin: passwordLengthMin,
    })
  if (length > passwordLengthMax)
    throw weakPassword(`A password has at most ${passwordLengthMax} characters.`, { lengthMax: passwordLengthMax })
  if (new Set(text).size < distinctCharactersMin) throw weakPassword('The password repeats too few characters.')
  const plain = text.toLowerCase()
  if (
    about.some((word) => word.length >= 4 && plain.includes(word.toLowerCase()) && plain.length - word.length < passwordLengthMin)
  )
    throw weakPassword('The password must not be built around your name or the site’s.')
}

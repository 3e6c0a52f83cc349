// Names people choose. One normal form decides equality, and nothing that could act in a path, a terminal or a log gets in.
import { invalid } from '#platform/problem.ts'

const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._@+-]{0,63}$/u
const shownPattern = /^[^\p{C}\p{Zl}\p{Zp}]{1,120}$/u
const emailPattern = /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]{1,255}$/u

/** What two spellings of one name have in common; defined for any text, so that sign-in treats all input alike. */
export const usernameKey = (username: string): string => username.normalize('NFKC').toLowerCase().normalize('NFKC')

export const parseUsername = (given: string): string => {
  const username = given.normalize('NFKC')
  if (!usernamePattern.test(username) || username.includes('..'))
    throw invalid(
      'A user name has 1 to 64 letters, digits, and . _ @ + - after the first; no spaces, slashes or control characters.',
      { field: 'username' },
    )
  return username
}

export const parseShownName = (given: string, field: string): string => {
  const name = given.normalize('NFC').trim()
  if (!shownPattern.test(name)) throw invalid(`${field} has 1 to 120 characters, none of them control characters.`, { field })
  return name
}

export const parseEmail = (given: string): string => {
  const email = given.normalize('NFKC').trim()
  if (!emailPattern.test(email)) throw invalid('That is not an e-mail address.', { field: 'email' })
  return email
}

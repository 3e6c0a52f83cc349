// How a thing was and would be, line by line.
import { differences } from '#client'
import { bad, good, plain } from './output.ts'

export const lines = (before: unknown, after: unknown): string[] =>
  differences(before, after).map(({ path, from, to }) => {
    const [was, is] = [from === undefined ? undefined : plain(from), to === undefined ? undefined : plain(to)]
    return `  ${plain(path)}: ${was === undefined ? good(`+ ${is}`) : is === undefined ? bad(`- ${was}`) : `${bad(was)} → ${good(is)}`}`
  })

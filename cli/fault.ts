// What went wrong, told to a person in words and to a script by the exit: 1 refused or failed, 2 called wrongly, 3 no site answers.
import { ApiProblem, Unreachable } from '#client'
import { bad, dim, plain } from './output.ts'
import { whyUnreachable } from './reach.ts'
import { CalledWrongly } from './session.ts'

const say = (text: string): void => void process.stderr.write(`${text}\n`)

const ofFiles: Record<string, string> = {
  EACCES: 'you may not use it',
  EEXIST: 'it is there already. Name another place, or move it away',
  EISDIR: 'it is a folder, and a file is needed',
  ENOENT: 'it is not there',
  ENOSPC: 'its disk is full',
  ENOTDIR: 'a part of that path is a file, not a folder',
  EROFS: 'its file system is read-only',
}

const inWords = (error: Error & { code?: unknown; path?: unknown }): string => {
  const words = typeof error.code === 'string' ? ofFiles[error.code] : undefined
  return words !== undefined && typeof error.path === 'string' ? `${error.path}: ${words}.` : error.message
}

const tellProblem = (error: ApiProblem): void => {
  say(`${bad(plain(error.title))}: ${plain(error.message)}`)
  const faults = Array.isArray(error.facts['faults']) ? (error.facts['faults'] as { at?: string; message?: string }[]) : [] // RFC 9457 extension of ours
  for (const { at, message } of faults) say(`  ${plain(`${at}: ${message}`)}`)
  const denied = Array.isArray(error.facts['denied']) ? (error.facts['denied'] as { guardrail?: string; message?: string }[]) : [] // of the guardrails that did not allow it
  for (const { guardrail, message } of denied) say(`  ${plain(`${guardrail}: ${message}`)}`)
  if (error.code === 'approval-needed')
    say(dim('Others must approve this: `--propose --reason TEXT` asks them, where a command has it.'))
  if (typeof error.facts['requestId'] === 'string') say(dim(`request ${error.facts['requestId']}`))
}

/** Tells it, and returns how the command ends. */
export const tellFault = async (error: unknown): Promise<number> => {
  // Commander has said it already.
  if (error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.'))
    return error.exitCode === 0 ? 0 : 2
  if (error instanceof ApiProblem) {
    tellProblem(error)
    return 1
  }
  if (error instanceof Unreachable) {
    say(bad(plain(await whyUnreachable(error.url, error.cause))))
    return 3
  }
  say(bad(plain(error instanceof Error ? inWords(error) : String(error))))
  return error instanceof CalledWrongly ? 2 : 1
}

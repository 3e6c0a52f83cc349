// holdfast: the same API as the portal, the same verbs as policy and audit.
// Ends with 0 done, 1 refused or different, 2 called wrongly, 3 no site answers.
import { Command } from 'commander'
import { ApiProblem, Unreachable } from '#client'
import { addChanges } from './changes.ts'
import { addChat } from './chat.ts'
import { addCompletion } from './completion.ts'
import { addFiles } from './files.ts'
import { addInventory } from './inventory.ts'
import { addLogin } from './login.ts'
import { addModels } from './models.ts'
import { addMoves } from './moves.ts'
import { bad, dim, plain, type Output } from './output.ts'
import { addRecords } from './records.ts'
import { addResources } from './resources.ts'
import { NotSignedIn } from './session.ts'
import { addSite } from './status.ts'

export const program = (): Command => {
  const holdfast = new Command('holdfast')
    .description('The AI cloud that works with the cable cut, and can prove it')
    .option('--json', 'exact output for machines')
    .showHelpAfterError()
    .exitOverride()
  const output = (): Output => ({ json: holdfast.opts<{ json?: boolean }>().json ?? false })
  addSite(holdfast, output)
  addLogin(holdfast, output)
  addChat(holdfast, output)
  addModels(holdfast, output)
  addResources(holdfast, output)
  addFiles(holdfast, output)
  addInventory(holdfast, output)
  addMoves(holdfast, output)
  addChanges(holdfast, output)
  addRecords(holdfast, output)
  addCompletion(holdfast)
  // `--json` is understood anywhere on the line.
  const spread = (command: Command): void => {
    for (const child of command.commands) {
      if (child.commands.length === 0)
        child
          .option('--json', 'exact output for machines')
          .hook('preAction', () => void (child.opts<{ json?: boolean }>().json && holdfast.setOptionValue('json', true)))
      child.exitOverride()
      spread(child)
    }
  }
  spread(holdfast)
  return holdfast
}

const tell = (error: unknown): number => {
  const say = (text: string) => void process.stderr.write(`${text}\n`)
  if (error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.'))
    return error.exitCode === 0 ? 0 : 2
  if (error instanceof ApiProblem) {
    say(`${bad(plain(error.title))}: ${plain(error.message)}`)
    const faults = Array.isArray(error.facts['faults']) ? (error.facts['faults'] as { at?: string; message?: string }[]) : [] // RFC 9457 extension of ours
    for (const { at, message } of faults) say(`  ${plain(`${at}: ${message}`)}`)
    const denied = Array.isArray(error.facts['denied'])
      ? (error.facts['denied'] as { guardrail?: string; message?: string }[])
      : [] // of the guardrails that did not allow it
    for (const { guardrail, message } of denied) say(`  ${plain(`${guardrail}: ${message}`)}`)
    if (error.code === 'approval-needed')
      say(dim('Others must approve this: `--propose --reason TEXT` asks them, where a command has it.'))
    if (typeof error.facts['requestId'] === 'string') say(dim(`request ${error.facts['requestId']}`))
    return 1
  }
  say(bad(plain(error instanceof Error ? error.message : String(error))))
  if (error instanceof Unreachable || (error instanceof Error && error.name === 'Unreachable')) return 3
  return error instanceof NotSignedIn ? 2 : 1
}

if (import.meta.main)
  await program()
    .parseAsync()
    .catch((error: unknown) => void (process.exitCode = tell(error)))

// holdfast: the same API as the portal, the same verbs as policy and audit.
// Ends with 0 done, 1 refused or different, 2 called wrongly, 3 no site answers.
import { Command, Option } from 'commander'
import { addAccess } from './access.ts'
import { addGenerations } from './artifact-generations.ts'
import { addArtifactModels } from './artifact-models.ts'
import { addSignatures } from './artifact-signatures.ts'
import { addArtifacts } from './artifacts.ts'
import { addArtifactTransfer } from './artifact-transfer.ts'
import { addStorage } from './artifact-storage.ts'
import { addChanges } from './changes.ts'
import { addChat } from './chat.ts'
import { addCompletion } from './completion.ts'
import { tellFault } from './fault.ts'
import { addFiles } from './files.ts'
import { addCompliance, addRemediations } from './compliance.ts'
import { addExemptions, addGuardrails } from './guardrails.ts'
import { addInventory } from './inventory.ts'
import { addLogin } from './login.ts'
import { addModels } from './models.ts'
import { addMoves } from './moves.ts'
import type { Output } from './output.ts'
import { addRecords } from './records.ts'
import { addResources } from './resources.ts'
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
  const artifact = holdfast.command('artifact').description('what repositories hold, and how the store stands')
  addArtifacts(artifact, output)
  addArtifactTransfer(artifact, output)
  addArtifactModels(artifact, output)
  addSignatures(artifact, output)
  addStorage(artifact, output)
  addGenerations(artifact, output)
  addResources(holdfast, output)
  addFiles(holdfast, output)
  addInventory(holdfast, output)
  addMoves(holdfast, output)
  addGuardrails(holdfast, output)
  addExemptions(holdfast, output)
  addCompliance(holdfast, output)
  addRemediations(holdfast, output)
  addChanges(holdfast, output)
  addAccess(holdfast, output)
  addRecords(holdfast, output)
  addCompletion(holdfast)
  // `--json` is understood anywhere on the line, and `-o json` wherever `-o` names no file.
  const asJson = () => void holdfast.setOptionValue('json', true)
  const spread = (command: Command): void => {
    for (const child of command.commands) {
      if (child.commands.length === 0) {
        child.option('--json', 'exact output for machines')
        if (!child.options.some(({ short }) => short === '-o'))
          child.addOption(new Option('-o, --output <form>', 'json: the same as --json').choices(['json']))
        child.hook('preAction', () => {
          const { json, output: form } = child.opts<{ json?: boolean; output?: string }>()
          if (json || form === 'json') asJson()
        })
      }
      child.exitOverride()
      spread(child)
    }
  }
  spread(holdfast)
  return holdfast
}

if (import.meta.main)
  await program()
    .parseAsync()
    .catch(async (error: unknown) => void (process.exitCode = await tellFault(error)))

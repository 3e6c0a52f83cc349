import type { Command } from 'commander'
import { print } from './output.ts'
import { CalledWrongly } from './session.ts'

type Node = { words: string[]; children: Map<string, Node> }

const tree = (command: Command): Node => ({
  words: [...command.commands.map((it) => it.name()), ...command.options.flatMap((it) => it.long ?? [])],
  children: new Map(command.commands.map((it) => [it.name(), tree(it)])),
})

/** Made from the commands themselves, so that it cannot lag behind them. */
export const completionFor = (shell: string, program: Command): string => {
  const root = tree(program)
  const cases = [
    `"") words="${root.words.join(' ')}";;`,
    ...[...root.children].map(([name, node]) => `"${name}") words="${node.words.join(' ')}";;`),
  ].join('\n    ')
  const bash = `_holdfast() {\n  local words path="\${COMP_WORDS[1]}"\n  [ "$COMP_CWORD" -le 1 ] && path=""\n  case "$path" in\n    ${cases}\n    *) words="";;\n  esac\n  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))\n}\ncomplete -F _holdfast holdfast`
  switch (shell) {
    case 'bash':
      return bash
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash}`
    case 'fish':
      return [...root.children]
        .map(
          ([name, node]) =>
            `complete -c holdfast -n __fish_use_subcommand -a ${name}\n${node.words.map((word) => `complete -c holdfast -n "__fish_seen_subcommand_from ${name}" ${word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`}`).join('\n')}`,
        )
        .join('\n')
  }
  throw new CalledWrongly(`No completion for ${shell}. There is bash, zsh and fish.`)
}

export const addCompletion = (program: Command): void => {
  program
    .command('completion')
    .description('completion for your shell: source <(holdfast completion bash)')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) => print(completionFor(shell, program)))
}

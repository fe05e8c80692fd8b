import type { CompletedValue, DescribedCommand } from './command-manifest.ts'
import { HELP_COMMANDS, listHelpTopics, withAliases } from './with-aliases.ts'

/** Writes the script for fish. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  const helps = '__fish_seen_subcommand_from help'
  const own = commands.flatMap((command) => {
    const seen = `__fish_seen_subcommand_from ${[command.name, ...command.aliases].join(' ')}`
    return [
      ...withAliases(command).map(offeredFirst),
      ...command.flags.map((flag) =>
        line(
          seen,
          `-l ${flag.name}${flag.name === 'env' ? ' -s e' : ''} -d ${text(flag.summary)}${flag.value === undefined ? '' : options(flag.value)}`,
        ),
      ),
      ...(command.argument === 'nothing' ? [] : [line(seen, offered(command.argument))]),
    ]
  })
  return [
    'complete -c tidemark -f',
    ...HELP_COMMANDS.map(offeredFirst),
    line(helps, offered(listHelpTopics(commands))),
    ...own,
  ].join('\n')
}

function offeredFirst([word, summary]: readonly [string, string]): string {
  return line('__fish_use_subcommand', `-a ${word} -d ${text(summary)}`)
}

function options(value: CompletedValue): string {
  if (value === 'files') return ' -r -F'
  return value === 'nothing' ? ' -x' : ` -x ${offered(value)}`
}

function offered(value: CompletedValue): string {
  const words =
    typeof value === 'string'
      ? `(tidemark completion fish --list ${value} --line (commandline) 2>/dev/null)`
      : value.join(' ')
  return `-a ${text(words)}`
}

function line(condition: string, rest: string): string {
  return `complete -c tidemark -n '${condition}' ${rest}`
}

function text(words: string): string {
  return `'${words.replaceAll("'", "\\'")}'`
}

import type { CompletedValue, DescribedCommand } from './command-manifest.ts'
import { withAliases } from './with-aliases.ts'

/** Writes the script for fish. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  return commands
    .flatMap((command) => {
      const seen = `__fish_seen_subcommand_from ${[command.name, ...command.aliases].join(' ')}`
      return [
        ...withAliases(command).map(([word, summary]) =>
          line('__fish_use_subcommand', `-f -a ${word} -d ${text(summary)}`),
        ),
        ...command.flags.map((flag) =>
          line(
            seen,
            `-l ${flag.name}${flag.name === 'env' ? ' -s e' : ''} -d ${text(flag.summary)}${flag.value === undefined ? '' : options(flag.value)}`,
          ),
        ),
        ...(command.argument === 'nothing' ? [] : [line(seen, offered(command.argument))]),
      ]
    })
    .join('\n')
}

function options(value: CompletedValue): string {
  if (value === 'files') return ' -r'
  return value === 'nothing' ? ' -x' : ` -x ${offered(value).replace('-f ', '')}`
}

function offered(value: CompletedValue): string {
  const words =
    typeof value === 'string'
      ? `(tidemark completion fish --list ${value} --line (commandline) 2>/dev/null)`
      : value.join(' ')
  return `-f -a ${text(words)}`
}

function line(condition: string, rest: string): string {
  return `complete -c tidemark -n '${condition}' ${rest}`
}

function text(words: string): string {
  return `'${words.replaceAll("'", "\\'")}'`
}

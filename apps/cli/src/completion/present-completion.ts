import type { DescribedCommand } from './command-manifest.ts'

/**
 * Writes a completion script: commands, then the flags of the command that was typed; bash offers an alias
 * once no command matches.
 */
export function presentCompletion(shell: string, commands: readonly DescribedCommand[]): string {
  if (shell === 'fish') return fish(commands)
  return shell === 'zsh' ? zsh(commands) : bash(commands)
}

function bash(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(
    ({ name, aliases, flags }) =>
      `    ${[name, ...aliases].join('|')}) words="${flags.map((flag) => `--${flag.name}`).join(' ')}" ;;`,
  )
  const names = commands.map(({ name }) => name).join(' ')
  return `_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "help version ${names}" -- "$current"))
    if [ -n "$current" ] && [ "\${#COMPREPLY[@]}" -eq 0 ]; then
      COMPREPLY=($(compgen -W "${commands.flatMap(({ aliases }) => aliases).join(' ')}" -- "$current"))
    fi
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${names} format config exit-codes" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _tidemark tidemark`
}

function zsh(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(
    ({ name, aliases, flags }) =>
      `    ${[name, ...aliases].join('|')}) _arguments ${flags.map((flag) => `'--${flag.name}[${quoted(flag.summary)}]${flag.takesValue ? ':value:_files' : ''}'`).join(' ')} '*:file:_files' ;;`,
  )
  return `#compdef tidemark
_tidemark() {
  local -a commands=(
${commands
  .flatMap(withAliases)
  .map(([word, summary]) => `    '${word}:${quoted(summary)}'`)
  .join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_tidemark" ]; then _tidemark "$@"; else compdef _tidemark tidemark; fi`
}

/** A command and its aliases, each with what it does. */
function withAliases({ name, summary, aliases }: DescribedCommand): readonly (readonly [string, string])[] {
  return [[name, summary], ...aliases.map((alias) => [alias, `Alias of ${name}`] as const)]
}

function quoted(text: string): string {
  return text.replace(/[[\]:]/g, '\\$&').replaceAll("'", "'\\''")
}

function fish(commands: readonly DescribedCommand[]): string {
  const line = (condition: string, rest: string): string => `complete -c tidemark -n '${condition}' ${rest}`
  const text = (words: string): string => `'${words.replaceAll("'", "\\'")}'`
  return commands
    .flatMap((command) => [
      ...withAliases(command).map(([word, summary]) =>
        line('__fish_use_subcommand', `-f -a ${word} -d ${text(summary)}`),
      ),
      ...command.flags.map((flag) =>
        line(
          `__fish_seen_subcommand_from ${[command.name, ...command.aliases].join(' ')}`,
          `-l ${flag.name} -d ${text(flag.summary)}${flag.takesValue ? ' -r' : ''}`,
        ),
      ),
    ])
    .join('\n')
}

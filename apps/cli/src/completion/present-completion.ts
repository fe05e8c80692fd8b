import type { DescribedCommand } from './command-manifest.ts'

/** Writes a completion script: commands, then the flags of the command that stands there. */
export function presentCompletion(shell: string, commands: readonly DescribedCommand[]): string {
  if (shell === 'fish') return fish(commands)
  return shell === 'zsh' ? zsh(commands) : bash(commands)
}

function bash(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(
    ({ name, flags }) => `    ${name}) words="${flags.map((flag) => `--${flag.name}`).join(' ')}" ;;`,
  )
  return `_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "help ${commands.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${commands.map(({ name }) => name).join(' ')} format config exit-codes" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _tidemark tidemark`
}

function zsh(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(
    ({ name, flags }) =>
      `    ${name}) _arguments ${flags.map((flag) => `'--${flag.name}[${quoted(flag.summary)}]${flag.takesValue ? ':value:_files' : ''}'`).join(' ')} '*:file:_files' ;;`,
  )
  return `#compdef tidemark
_tidemark() {
  local -a commands=(
${commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`).join('\n')}
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

function quoted(text: string): string {
  return text.replace(/[[\]:]/g, '\\$&').replaceAll("'", "'\\''")
}

function fish(commands: readonly DescribedCommand[]): string {
  const line = (condition: string, rest: string): string => `complete -c tidemark -n '${condition}' ${rest}`
  const text = (words: string): string => `'${words.replaceAll("'", "\\'")}'`
  return commands
    .flatMap(({ name, summary, flags }) => [
      line('__fish_use_subcommand', `-f -a ${name} -d ${text(summary)}`),
      ...flags.map((flag) =>
        line(
          `__fish_seen_subcommand_from ${name}`,
          `-l ${flag.name} -d ${text(flag.summary)}${flag.takesValue ? ' -r' : ''}`,
        ),
      ),
    ])
    .join('\n')
}

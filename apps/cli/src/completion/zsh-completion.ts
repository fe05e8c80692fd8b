import type { CompletedValue, DescribedCommand } from './command-manifest.ts'
import { withAliases } from './with-aliases.ts'

/** Writes the script for zsh. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(({ name, aliases, flags, argument }) => {
    const specs = flags.map(
      (flag) =>
        `'--${flag.name}[${quoted(flag.summary)}]${flag.value === undefined ? '' : `:value:${action(flag.value)}`}'`,
    )
    return `    ${[name, ...aliases].join('|')}) _arguments ${specs.join(' ')} '*:argument:${action(argument)}' ;;`
  })
  const lines = commands.flatMap(withAliases).map(([word, summary]) => `    '${word}:${quoted(summary)}'`)
  return `#compdef tidemark
_tidemark_list() {
  local -a found=(\${(f)"$(tidemark completion zsh --list $1 --line "$BUFFER" 2>/dev/null)"})
  compadd -a found
}
_tidemark() {
  local -a commands=(
${lines.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_tidemark" ]; then _tidemark "$@"; else compdef _tidemark tidemark; fi`
}

function action(value: CompletedValue): string {
  if (typeof value !== 'string') return `(${value.join(' ')})`
  if (value === 'files') return '_files'
  return value === 'nothing' ? ' ' : `_tidemark_list ${value}`
}

function quoted(text: string): string {
  return text.replace(/[[\]:]/g, '\\$&').replaceAll("'", "'\\''")
}

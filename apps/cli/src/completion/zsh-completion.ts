import type { CompletedValue, DescribedCommand, DescribedFlag } from './command-manifest.ts'
import { HELP_COMMANDS, listHelpTopics, withAliases } from './with-aliases.ts'

/** Writes the script for zsh. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  const cases = commands.map(({ name, aliases, flags, argument }) => {
    const specs = flags.map(
      (flag) =>
        `${namesOf(flag)}'[${quoted(flag.summary)}]${flag.value === undefined ? '' : `:value:${action(flag.value)}`}'`,
    )
    return `    ${[name, ...aliases].join('|')}) _arguments ${specs.join(' ')} '*:argument:${action(argument)}' ;;`
  })
  const help = listHelpTopics(commands)
  const lines = [...commands.flatMap(withAliases), ...HELP_COMMANDS].map(
    ([word, summary]) => `    '${word}:${quoted(summary)}'`,
  )
  return `#compdef tidemark
_tidemark_list() {
  local -a found=(\${(f)"$(tidemark completion zsh --list \${@[-1]} --line "$BUFFER" 2>/dev/null)"})
  compadd "\${@[1,-2]}" -a found
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
    help) _arguments '*:argument:${action(help)}' ;;
  esac
}
if [ "$funcstack[1]" = "_tidemark" ]; then _tidemark "$@"; else compdef _tidemark tidemark; fi`
}

/** With `=` a value may follow in the same word, or in the next. */
function namesOf({ name, value }: DescribedFlag): string {
  const written = value === undefined ? `--${name}` : `--${name}=`
  return name === 'env' ? `'(-e --env)'{-e,${written}}` : `'${written}'`
}

/** `_arguments` calls a function with options for `compadd` first. */
function action(value: CompletedValue): string {
  if (typeof value !== 'string') return `(${value.join(' ')})`
  if (value === 'files') return '_files'
  return value === 'nothing' ? ' ' : `_tidemark_list ${value}`
}

function quoted(text: string): string {
  return text.replace(/[[\]:]/g, '\\$&').replaceAll("'", "'\\''")
}

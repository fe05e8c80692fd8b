import type { CompletedValue, DescribedCommand } from './command-manifest.ts'
import { listHelpTopics } from './with-aliases.ts'

/** Writes the script for bash. It offers an alias once no command matches. */
export function bashCompletion(commands: readonly DescribedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `_tidemark_list() {
  "\${COMP_WORDS[0]}" completion bash --list "$1" --line "\${COMP_WORDS[*]}" 2>/dev/null
}
_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words argument value=
  if [ "$current" = "=" ]; then current=
  elif [ "$previous" = "=" ]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "help version ${names}" -- "$current"))
    if [ -n "$current" ] && [ "\${#COMPREPLY[@]}" -eq 0 ]; then
      COMPREPLY=($(compgen -W "${commands.flatMap(({ aliases }) => aliases).join(' ')}" -- "$current"))
    fi
    return
  fi
  case "\${COMP_WORDS[1]}" in
${commands.map(caseOf).join('\n')}
    help) argument="${listHelpTopics(commands).join(' ')}" ;;
  esac
  if [ -n "$value" ]; then words="$value"
  elif [[ "$current" != -* ]]; then words="$argument"
  fi
  case "$words" in
    @files) COMPREPLY=($(compgen -f -- "$current")); return ;;
    @nothing) COMPREPLY=(); return ;;
    @*) words="$(_tidemark_list "\${words#@}")" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _tidemark tidemark`
}

function caseOf({ name, aliases, flags, argument }: DescribedCommand): string {
  const values = flags.flatMap((flag) =>
    flag.value === undefined
      ? []
      : [`--${flag.name}${flag.name === 'env' ? '|-e' : ''}) value="${word(flag.value)}" ;;`],
  )
  return `    ${[name, ...aliases].join('|')}) words="${flags.map((flag) => `--${flag.name}`).join(' ')}" argument="${word(argument)}"
      case "$previous" in ${values.join(' ')} esac ;;`
}

function word(value: CompletedValue): string {
  return typeof value === 'string' ? `@${value}` : value.join(' ')
}

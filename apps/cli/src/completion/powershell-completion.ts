import type { CompletedValue, DescribedCommand } from './command-manifest.ts'
import { listHelpTopics } from './with-aliases.ts'

/** Writes the script for PowerShell, of every version that has native completers (5.0). */
export function powershellCompletion(commands: readonly DescribedCommand[]): string {
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases])
  return `Register-ArgumentCompleter -Native -CommandName tidemark -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $line = $commandAst.ToString()
  $typed = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  if ($wordToComplete -ne '' -and $typed.Count -gt 1) { $before = @($typed[0..($typed.Count - 2)]) } else { $before = $typed }
  $flags = @{
${commands.flatMap((command) => entries(command, flagsOf(command))).join('\n')}
  }
  $values = @{
${commands.flatMap((command) => entries(command, valuesOf(command))).join('\n')}
  }
  $arguments = @{
${commands.flatMap((command) => entries(command, word(command.argument))).join('\n')}
    'help' = ${word(listHelpTopics(commands))}
  }
  if ($before.Count -le 1) { $words = '${['help', 'version', ...names].join(' ')}' }
  elseif ($values[$before[1]] -and $values[$before[1]][$before[-1]]) { $words = $values[$before[1]][$before[-1]] }
  elseif ($wordToComplete -like '-*') { $words = $flags[$before[1]] }
  else { $words = $arguments[$before[1]] }
  if ($words -eq '@files' -or $words -eq '@nothing') { return }
  if ($words -like '@*') { $found = tidemark completion powershell --list $words.Substring(1) --line $line 2>$null }
  else { $found = "$words" -split ' ' }
  $found | Where-Object { $_ -and $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}`
}

function entries({ name, aliases }: DescribedCommand, value: string): readonly string[] {
  return [name, ...aliases].map((one) => `    '${one}' = ${value}`)
}

function flagsOf({ flags }: DescribedCommand): string {
  return `'${flags.map(({ name }) => `--${name}`).join(' ')}'`
}

function valuesOf({ flags }: DescribedCommand): string {
  const pairs = flags.flatMap(({ name, value }) =>
    value === undefined
      ? []
      : [`'--${name}' = ${word(value)}`, ...(name === 'env' ? [`'-e' = ${word(value)}`] : [])],
  )
  return `@{ ${pairs.join('; ')} }`
}

function word(value: CompletedValue): string {
  return `'${typeof value === 'string' ? `@${value}` : value.join(' ')}'`
}

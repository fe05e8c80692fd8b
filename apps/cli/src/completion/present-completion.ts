import { bashCompletion } from './bash-completion.ts'
import type { DescribedCommand } from './command-manifest.ts'
import { fishCompletion } from './fish-completion.ts'
import { powershellCompletion } from './powershell-completion.ts'
import { zshCompletion } from './zsh-completion.ts'

const SCRIPTS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
} as const

/** The shells that {@link presentCompletion} knows. */
export type Shell = keyof typeof SCRIPTS

/** The names of the shells. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const satisfies readonly Shell[]

/**
 * Writes a completion script: commands, then the flags of the command that was typed and their values. Ids and
 * environments are asked of `completion --list` when they are needed.
 */
export function presentCompletion(shell: Shell, commands: readonly DescribedCommand[]): string {
  return SCRIPTS[shell](commands)
}

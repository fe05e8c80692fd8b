import { TidemarkError } from '@tidemark/core'
import { ask } from '../../terminal/confirm.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/**
 * Asks for the names of migrations that were recorded without being executed, before they are rolled back:
 * `--yes` is not enough.
 *
 * @throws {TidemarkError} TM7010 when there is nobody to ask, or when other names are typed.
 */
export async function confirmNames(
  ids: readonly string[],
  { terminal, yes }: { readonly terminal: Terminal; readonly yes: boolean },
): Promise<void> {
  if (yes || !terminal.interactive) {
    throw new TidemarkError({
      code: 'TM7010',
      message: `${ids.map((id) => `"${id}"`).join(', ')} ${ids.length === 1 ? 'was' : 'were'} recorded without being executed: rolling back needs the names`,
      help: `name each of them: ${ids.map((id) => `--beyond-baseline ${id}`).join(' ')}`,
    })
  }
  const typed = await ask(
    `Recorded without being executed, and perhaps older than Tidemark: ${ids.join(', ')}.\nType these names to roll them back:`,
  )
  const names = new Set(typed.split(/[\s,]+/).filter((name) => name !== ''))
  if (names.size === ids.length && ids.every((id) => names.has(id))) return
  throw new TidemarkError({ code: 'TM7010', message: 'not confirmed', help: 'nothing was changed' })
}

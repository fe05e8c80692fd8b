import { TidemarkError } from '@tidemark/core'
import { confirm } from '../../terminal/confirm.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { count } from '../../text/count.ts'

/** How a question before destructive steps is asked. */
export interface ConfirmDestructiveOptions {
  readonly terminal: Terminal
  /** `--yes`. */
  readonly yes: boolean
  /** Shows the plan before the question. */
  readonly show: () => void
  /** What to run instead, with its target flags. */
  readonly command: string
}

/**
 * Asks before a plan that destroys something runs on a protected database.
 *
 * @throws {TidemarkError} TM7013 when there is nobody to ask, TM7010 when the answer is no.
 */
export async function confirmDestructive(
  destructive: number,
  options: ConfirmDestructiveOptions,
): Promise<void> {
  if (options.yes) return
  const what = `${count(destructive, 'statement')} of the plan ${destructive === 1 ? 'destroys' : 'destroy'} data or objects`
  if (!options.terminal.interactive) {
    throw new TidemarkError({
      code: 'TM7013',
      message: `the database is protected, and ${what}`,
      help: `look at \`tidemark plan\`, then run \`${options.command} --yes\``,
      details: { destructive },
    })
  }
  options.show()
  if (await confirm(`The database is protected, and ${what}. Go on?`)) return
  throw new TidemarkError({ code: 'TM7010', message: 'not confirmed', help: 'nothing was changed' })
}

import { TidemarkError } from '@tidemark/core'
import { confirm } from '../../terminal/confirm.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/** How {@link confirmPlan} asks. */
export interface ConfirmPlanOptions {
  readonly terminal: Terminal
  /** `--yes`. */
  readonly yes: boolean
  readonly question: string
  /** What needs the confirmation, such as `rolling back`. */
  readonly what: string
  /** The command that goes on without asking. */
  readonly command: string
}

/**
 * Asks before something is done that somebody should have looked at.
 *
 * @throws {TidemarkError} TM7010 when there is nobody to ask and no `--yes`, or when the answer is no.
 */
export async function confirmPlan({
  terminal,
  yes,
  question,
  what,
  command,
}: ConfirmPlanOptions): Promise<void> {
  if (yes) return
  if (!terminal.interactive) {
    throw new TidemarkError({
      code: 'TM7010',
      message: `${what} needs a confirmation, and there is no terminal to ask on`,
      help: `look at the plan, then run \`${command}\``,
    })
  }
  if (await confirm(question)) return
  throw new TidemarkError({ code: 'TM7010', message: 'not confirmed', help: 'nothing was changed' })
}

import { type RunResult, TidemarkError } from '@tidemark/core'
import { EXIT, type ExitCode } from '../exit-codes.ts'

/** TM7008 where everything is to be adopted at once: each difference in what ran wants a look of its own. */
export function refuseAdoptingAll(ids: readonly string[], adopt: boolean): void {
  if (!adopt || ids.length > 0) return
  throw new TidemarkError({
    code: 'TM7008',
    message: '--adopt needs the ids of what was looked at',
    help: 'list the differences with `tidemark repair --dry-run`, then name one: `tidemark repair ID --adopt`',
  })
}

/** The exit code of a repair of everything: drift where a difference is left that needs a look. */
export function judgeRepair({ plan }: Pick<RunResult, 'plan'>): ExitCode {
  const isOfAll = plan.request.action === 'repair' && plan.request.ids.length === 0
  const orphans = plan.findings.filter(({ code }) => code === 'TM4002').length
  return isOfAll && plan.leftOut.length > orphans ? EXIT.drift : EXIT.ok
}

import { type MigrationPlan, type RunResult, TidemarkError } from '@tidemark/core'
import { EXIT, type ExitCode } from '../terminal/exit-codes.ts'

/** TM7008 where everything is to be adopted at once: each difference in what ran wants a look of its own. */
export function refuseAdoptingAll(ids: readonly string[], adopt: boolean): void {
  if (!adopt || ids.length > 0) return
  throw new TidemarkError({
    code: 'TM7008',
    message: '--adopt needs the ids of the migrations that you reviewed',
    help: 'list the differences with `tidemark repair --dry-run`, then name one: `tidemark repair ID --adopt`',
  })
}

/** Says why nothing is stored: nothing differs, or each difference is somebody's decision. */
export function describeNothing({ findings, leftOut }: Pick<MigrationPlan, 'findings' | 'leftOut'>): string {
  if (findings.length === 0) return 'nothing to repair'
  const open = leftOut.length === 1 ? '1 difference needs' : `${leftOut.length} differences need`
  return `nothing was stored: ${open} review, see the help above`
}

/** The exit code of a repair of everything: changed where a difference is left that needs review. */
export function judgeRepair({ plan }: Pick<RunResult, 'plan'>): ExitCode {
  const isOfAll = plan.request.action === 'repair' && plan.request.ids.length === 0
  const orphans = plan.findings.filter(({ code }) => code === 'TM4002').length
  return isOfAll && plan.leftOut.length > orphans ? EXIT.changed : EXIT.ok
}

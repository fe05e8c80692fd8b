import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import type { StepBackup } from '../ports/migration-session.ts'
import type { ExecutionOptions, RunnerOptions } from './runner-options.ts'

/** What is known of attempts before they are recorded. */
export type Notes = Map<MigrationId, Readonly<Record<string, unknown>>>

/** Writes down what was saved, for the record of the step that it was saved for. */
export function noting(backup: StepBackup | undefined, notes: Notes): StepBackup | undefined {
  if (backup === undefined) return undefined
  return {
    isNeeded: (step) => backup.isNeeded(step),
    prepare: (steps, run) => backup.prepare(steps, run),
    async open(step, run) {
      const archive = await backup.open(step, run)
      return {
        write: (part) => archive.write(part),
        discard: () => archive.discard(),
        async finish(saved) {
          const details = await archive.finish(saved)
          notes.set(step.id, { ...notes.get(step.id), backup: details })
          return details
        },
      }
    },
  }
}

/** Gives what saves the steps of a run, where the run or the runner asks for it. @throws TidemarkError TM7016. */
export function backupOf({ backup }: RunnerOptions, execution: ExecutionOptions): StepBackup | undefined {
  const isAsked = execution.backup ?? backup?.when === 'always'
  if (!isAsked) return undefined
  if (backup !== undefined) return backup.steps
  throw new TidemarkError({
    code: 'TM7016',
    message: 'this database cannot be backed up before destructive steps',
    help: 'an embedded database is a folder: copy it, and run without the backup',
  })
}

/** How much work was expected, so that the next rehearsal learns from how long it took. */
export function noteRehearsed(notes: Notes, { plan: saved }: ExecutionOptions): void {
  for (const [id, baseMs] of Object.entries(saved?.rehearsal?.baseMs ?? {}))
    notes.set(id, { rehearsed: { baseMs } })
}

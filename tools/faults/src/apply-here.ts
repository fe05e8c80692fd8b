import { TidemarkError } from '@tidemark/core'
import { createMigrationRunner, type MigrationRunnerOptions } from '@tidemark/pg-driver'

/** What became of a run in this process. */
export interface RunHere {
  /** Ids that the run said are applied, by event or in the details of its error. */
  readonly told: readonly string[]
  /** Undefined when it got through. */
  readonly error: TidemarkError | undefined
}

/**
 * Runs everything pending in this process. @throws what is no `TidemarkError`: that would be a bug of ours.
 */
export async function applyHere(
  options: Omit<MigrationRunnerOptions, 'migrations'> & { readonly migrations: string },
  signal?: AbortSignal,
): Promise<RunHere> {
  const told: string[] = []
  try {
    await createMigrationRunner(options).runMigrations({
      signal,
      onEvent: (event) => {
        if (event.kind === 'step_finished') told.push(event.step.id)
      },
    })
    return { told, error: undefined }
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    const { applied } = error.details
    return { told: [...told, ...(Array.isArray(applied) ? applied.map(String) : [])], error }
  }
}

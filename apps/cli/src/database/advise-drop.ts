import { type Diagnostic, TidemarkError } from '@tidemark/core'
import { refuse } from '../project/refuse.ts'
import { type DropSettings, describeDatabase, whyNotDevelopment } from './refuse-drop.ts'

/**
 * Adds to what is irreversible (TM6001) that the database can be dropped and made again, where that is a database
 * for development.
 *
 * @returns the error to throw.
 */
export function adviseDrop(
  error: unknown,
  settings: DropSettings,
  variables: Readonly<Record<string, string | undefined>>,
): unknown {
  const isIrreversible =
    error instanceof TidemarkError && error.diagnostics.some(({ code }) => code === 'TM6001')
  if (!isIrreversible || whyNotDevelopment(settings, variables) !== null) return error
  const { name } = describeDatabase(settings.directUrl ?? settings.database)
  const advise = (finding: Diagnostic): Diagnostic =>
    finding.code === 'TM6001'
      ? { ...finding, help: `drop the database and apply all again: tidemark reset --drop ${name}` }
      : finding
  return refuse(error.diagnostics.map(advise), error.details)
}

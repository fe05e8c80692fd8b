import { resolve } from 'node:path'
import { suggest, TidemarkError } from '@tidemark/core'
import { FORMAT_NAMES, type FormatName } from '@tidemark/import'
import type { Settings } from '../config/settings.ts'
import { requireDatabase } from '../database/require-database.ts'
import { writeSchemaChange } from './adoption-schema.ts'
import { checkImport, type ImportCheck } from './check-import.ts'
import { adopt, planAdoption } from './import-adopt.ts'
import { type ImportPlan, planImport, writeImport } from './import-project.ts'
import { findImportSource } from './import-source.ts'
import { type ImportOutcome, isEqual } from './import-to-json.ts'

/** What is asked of an import. */
export interface ImportRequest {
  /** As it was written; undefined: the files tell. */
  readonly format: string | undefined
  readonly from: string | undefined
  readonly out: string | undefined
  readonly adopt: boolean
  readonly table: string | undefined
  readonly dryRun: boolean
  /** Prove it on two scratch databases, and write nothing. */
  readonly check: boolean
  /** The command of another tool, which is run and recorded; undefined: files are read. */
  readonly record: string | undefined
  /** The command that rolls back what {@link record} applied. */
  readonly 'record-down': string | undefined
  /** The table of the tool that is recorded. */
  readonly history: string | undefined
  /** Takes each line that a recorded command writes. */
  readonly onOutput: (line: string) => void
  readonly toolVersion: string
  readonly signal: AbortSignal
}

/**
 * Imports the files of another tool and, if asked, what its table says is applied. Everything that can refuse
 * is asked first: files are written only when all of them can be, and recorded last.
 *
 * @throws {TidemarkError} TM7008, TM7020, TM7021, TM7030, TM7034, TM7035, TM7045, TM7046, TM7047, TM1xxx,
 *   TM3xxx, TM5xxx.
 */
export async function importProject(given: Settings, request: ImportRequest): Promise<ImportOutcome> {
  const { out, dryRun } = request
  const settings = out === undefined ? given : { ...given, migrations: resolve(out) }
  const { plan, check } = await planFrom(settings, request)
  const outcome = { plan, ...(check === undefined ? {} : { check }), adoption: undefined, recorded: [] }
  if (request.check || (check !== undefined && !isEqual(check))) return { ...outcome, dryRun: true }
  const adoption = request.adopt ? await planAdoption(requireDatabase(settings), plan, request) : undefined
  if (dryRun) return { ...outcome, dryRun, adoption, recorded: [...(adoption?.applied ?? [])] }
  if (adoption?.change !== undefined) await writeSchemaChange(adoption.change)
  await writeImport(plan)
  const recorded = adoption === undefined ? [] : await adopt(adoption, request)
  return { ...outcome, dryRun, adoption, recorded }
}

async function planFrom(
  settings: Settings,
  request: ImportRequest,
): Promise<{ readonly plan: ImportPlan; readonly check?: ImportCheck }> {
  const { record, 'record-down': downCommand } = request
  if (record !== undefined) {
    const { planRecording } = await import('./import-recording.ts')
    return planRecording(settings, { ...request, command: record, downCommand })
  }
  const source = await findImportSource(readFormat(request.format), request.from)
  const plan = await planImport(settings, source)
  return request.check
    ? { plan, check: await checkImport(settings, plan.migrations, request.signal) }
    : { plan }
}

function readFormat(given: string | undefined): FormatName | undefined {
  if (given === undefined) return undefined
  const format = FORMAT_NAMES.find((name) => name === given.toLowerCase())
  if (format !== undefined) return format
  const near = suggest(given.toLowerCase(), [...FORMAT_NAMES])
  throw new TidemarkError({
    code: 'TM7008',
    message: `unknown format "${given}"`,
    help:
      near === undefined ? `one of ${FORMAT_NAMES.join(', ')}` : `did you mean \`tidemark import ${near}\`?`,
  })
}

import { existsSync } from 'node:fs'
import {
  type CatalogDifference,
  type Diagnostic,
  describeCatalogDifference,
  TidemarkError,
} from '@tidemark/core'
import { type BaselineDraft, draftBaseline } from '@tidemark/shadow'
import { openLive } from '../database/open-live.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { createMigrationFile, shownMigrationPath } from '../project/create-migration-file.ts'
import { readHeaders } from '../project/read-headers.ts'
import type { BaselineDraftJson } from '../schema/shadow-schemas.ts'
import { shadowOptions } from '../shadow/open-project-shadow.ts'

/** What `baseline --from-database` was asked for. */
export interface BaselineRequest {
  readonly id: string
  /** `show` writes nothing. */
  readonly mode: 'write' | 'show'
  readonly signal: AbortSignal
}

/**
 * Writes a first migration from the database, which is only read, after it was proved on a shadow.
 *
 * @throws {TidemarkError} TM7011 where there are migrations already, TM5054 when the migration makes another
 * schema, TM5053 when `pg_dump` fails.
 */
export async function writeBaseline(
  settings: DatabaseSettings,
  { id, mode, signal }: BaselineRequest,
): Promise<BaselineDraftJson> {
  await refuseWhereNotFirst(settings)
  const shown = shownMigrationPath(settings, id)
  const live = await openLive(settings)
  const draft = await draftBaseline({ live, path: shown, shadow: shadowOptions(settings, signal) })
  refuseDifferent(draft)
  const { text, objects, tables, proof } = draft
  const written = mode === 'write' ? await createMigrationFile(settings, { id, text }) : null
  return {
    id,
    written,
    objects,
    tables,
    proved: proof.kind === 'equal',
    why: proof.kind === 'not_checked' ? proof.why : null,
    text,
  }
}

async function refuseWhereNotFirst(settings: DatabaseSettings): Promise<void> {
  const [first] = existsSync(settings.migrations) ? (await readHeaders(settings)).nodes : []
  if (first === undefined) return
  throw new TidemarkError({
    code: 'TM7011',
    message: `there are migrations already, such as "${first.migration.id}": this writes the first one`,
    help: 'use another folder with --dir, or record what the database has: tidemark baseline --through ID',
  })
}

function refuseDifferent({ proof }: BaselineDraft): void {
  if (proof.kind !== 'differs') return
  const help = 'nothing was written; report it, with the lines above'
  throw new TidemarkError({
    code: 'TM5054',
    message: 'the first migration would not make the schema that the database has',
    help,
    diagnostics: proof.differences.map(toDiagnostic),
  })
}

function toDiagnostic(difference: CatalogDifference): Diagnostic {
  const [message = '', ...rest] = describeCatalogDifference(difference)
  const detail = rest.length === 0 ? {} : { detail: rest.join('\n') }
  return { code: 'TM5054', severity: 'error', message, ...detail }
}

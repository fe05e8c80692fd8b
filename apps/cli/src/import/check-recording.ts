import { type Catalog, describeCatalogDifference, type Migration } from '@tidemark/core'
import type { ImportedMigration } from '@tidemark/import'
import { openShadow, type Shadow } from '@tidemark/shadow'
import type { ToolRecording } from '../record/record-tool.ts'
import { type ShadowSettings, shadowOptions } from '../shadow/open-project-shadow.ts'
import { refuseNotChecked } from '../shadow/refuse-not-checked.ts'
import { compareSchemas, type ImportCheck, parseAll, readSchema, withConnection } from './check-import.ts'

/**
 * Applies recorded migrations to an empty scratch database and compares its schema with the one that the tool
 * left; then rolls all of them back, where the tool did, and compares again.
 *
 * @throws {TidemarkError} TM1xxx when a file would be refused, TM5052 when the shadow lacks what one needs, and
 *   the code of a run when one fails.
 */
export async function proveRecording(
  settings: ShadowSettings,
  imported: readonly ImportedMigration[],
  { left, leftBack }: Pick<ToolRecording, 'left' | 'leftBack'>,
  signal: AbortSignal,
): Promise<ImportCheck> {
  const migrations = parseAll(imported, settings.schema)
  const { cache: _, ...options } = shadowOptions(settings, signal)
  const ours = await openShadow({ ...options, migrations })
  try {
    refuseNotChecked(ours)
    const scope = { trackingSchema: settings.schema }
    const compare = async (theirs: Catalog): Promise<readonly string[]> =>
      compareSchemas(theirs, await readSchema(ours), scope).flatMap(describeCatalogDifference)
    const forward = await compare(left)
    const back =
      leftBack === undefined || forward.length > 0
        ? []
        : await goBack(ours, migrations, () => compare(leftBack))
    return {
      engine: ours.engine,
      serverVersion: ours.serverVersion,
      migrations: migrations.length,
      differences: [...forward, ...back],
      notChecked: undefined,
    }
  } finally {
    await ours.close()
  }
}

async function goBack(
  shadow: Shadow,
  migrations: readonly Migration[],
  compare: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  await withConnection(shadow, async (connection) => {
    for (const { down, source, header } of [...migrations].reverse()) {
      const statements = (down?.statements ?? []).map(({ codeStart, codeEnd }) =>
        source.text.slice(codeStart, codeEnd),
      )
      const isWrapped = header.transaction === 'required'
      for (const statement of isWrapped ? ['BEGIN', ...statements, 'COMMIT'] : statements) {
        await connection.query(statement)
      }
      await connection.query('RESET ALL')
    }
  })
  return (await compare()).map((difference) => `after the way back: ${difference}`)
}

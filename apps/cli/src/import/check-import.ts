import {
  type Catalog,
  type CatalogDifference,
  compareCatalogs,
  describeCatalogDifference,
  findValue,
  type Migration,
  parseMigration,
  quoteIdentifier,
  readCatalog,
  scopeCatalog,
  type VariableValues,
} from '@tidemark/core'
import { type ImportedMigration, listOriginalMessages } from '@tidemark/import'
import { openShadow, type Shadow } from '@tidemark/shadow'
import { refuse } from '../project/refuse.ts'
import { type ShadowSettings, shadowOptions } from '../shadow/open-project-shadow.ts'
import { refuseNotChecked } from '../shadow/refuse-not-checked.ts'

/** Whether the imported files make what the originals make. */
export interface ImportCheck {
  readonly engine: Shadow['engine']
  readonly serverVersion: string
  /** How many migrations were applied in both ways. */
  readonly migrations: number
  /** In words; none: the schemas are equal. */
  readonly differences: readonly string[]
  /** Why the originals could not be executed; undefined: they were. */
  readonly notChecked: string | undefined
}

/**
 * Executes the originals on one scratch database and the imported files on another, and compares the schemas.
 * Nothing is written into the project. What is only for some environments is left out of both.
 *
 * @throws {TidemarkError} TM1xxx when an imported file is refused, TM5052 when the shadow lacks what a file
 *   needs, and the code of a run when an imported file fails.
 */
export async function checkImport(
  settings: ShadowSettings,
  imported: readonly ImportedMigration[],
  signal: AbortSignal,
): Promise<ImportCheck> {
  const compared = imported.filter(({ foreign }) => foreign.environments === undefined)
  const migrations = parseAll(compared, settings.schema)
  const { cache: _, ...options } = shadowOptions(settings, signal)
  const ours = await openShadow({ ...options, migrations })
  try {
    refuseNotChecked(ours)
    const theirs = await openShadow(options)
    try {
      await createRoles(theirs, ours.standIns.roles)
      const notChecked = await executeOriginals(theirs, compared, settings.variables)
      const differences =
        notChecked === undefined
          ? compareSchemas(await readSchema(theirs), await readSchema(ours), {
              trackingSchema: settings.schema,
            })
          : []
      return {
        engine: ours.engine,
        serverVersion: ours.serverVersion,
        migrations: migrations.length,
        differences: differences.flatMap(describeCatalogDifference),
        notChecked,
      }
    } finally {
      await theirs.close()
    }
  } finally {
    await ours.close()
  }
}

/**
 * Parses imported files.
 *
 * @throws {TidemarkError} TM1xxx when one is refused.
 */
export function parseAll(
  imported: readonly ImportedMigration[],
  trackingSchema: string,
): readonly Migration[] {
  const parsed = imported.map(({ path, text }) => parseMigration({ path, text }, { trackingSchema }))
  const errors = parsed.flatMap((result) => (result.ok ? [] : result.error))
  if (errors.length > 0) throw refuse(errors)
  return parsed.flatMap((result) => (result.ok ? [result.value.migration] : []))
}

async function createRoles(shadow: Shadow, roles: readonly string[]): Promise<void> {
  await withConnection(shadow, async (connection) => {
    for (const role of roles) {
      const { rows } = await connection.query('SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1', [role])
      if (rows.length === 0) await connection.query(`CREATE ROLE ${quoteIdentifier(role)}`)
    }
  })
}

/** A session for each migration: a tool may go on with any of them another day. */
async function executeOriginals(
  shadow: Shadow,
  imported: readonly ImportedMigration[],
  values: VariableValues,
): Promise<string | undefined> {
  for (const foreign of new Set(imported.map((migration) => migration.foreign))) {
    const original = listOriginalMessages(foreign)
    const { path } = foreign.up.source
    if (original.kind === 'not_sent') return `"${path}" cannot be executed here: ${original.why}`
    try {
      await withConnection(shadow, async (connection) => {
        for (const message of original.messages) {
          await connection.query(fillIn(message, foreign.variables ?? [], values))
        }
      })
    } catch (error) {
      return `"${path}" failed: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return undefined
}

/** A variable without a value has its name as value, as in every shadow. */
function fillIn(message: string, names: readonly string[], values: VariableValues): string {
  return names.reduce((text, name) => {
    const value = findValue(values, name) ?? name
    return text
      .replaceAll(`:'${name}'`, () => `'${value.replaceAll("'", "''")}'`)
      .replaceAll(`:"${name}"`, () => quoteIdentifier(value))
  }, message)
}

/** Compares two schemas, without the tracking tables. */
export function compareSchemas(
  theirs: Catalog,
  ours: Catalog,
  scope: { readonly trackingSchema: string },
): readonly CatalogDifference[] {
  return compareCatalogs(scopeCatalog(theirs, scope), scopeCatalog(ours, scope))
}

/** Reads the schema of a scratch database. */
export function readSchema(shadow: Shadow): Promise<Catalog> {
  return withConnection(shadow, (connection) => readCatalog(connection))
}

/** Does something with a connection to a scratch database, and closes it. */
export async function withConnection<T>(
  shadow: Shadow,
  work: (connection: Awaited<ReturnType<Shadow['connect']>>) => Promise<T>,
): Promise<T> {
  const connection = await shadow.connect()
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

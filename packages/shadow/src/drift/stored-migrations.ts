import {
  formatHeader,
  type Migration,
  type MigrationHeader,
  type MigrationId,
  type MigrationRow,
  parseMigration,
  type StoredMigration,
} from '@tidemark/core'
import type { NotChecked } from '../port/shadow.ts'

/** What a database says is applied, as migrations that can be run again. */
export interface StoredMigrations {
  readonly migrations: readonly Migration[]
  /** Rows whose stored SQL cannot be read. */
  readonly unreadable: readonly NotChecked[]
}

/** Of COPY data the tables keep only the size and hash, in one line before the one that ends it. */
const KEPT_COPY = /^-- tidemark: \d+ bytes, sha256 [0-9a-f]{64}\n/gm

/** Digits before the id of a migration on the shadow, so that it runs in the order of application. */
const PLACE_DIGITS = 6

/**
 * Makes migrations of what a database has stored: exactly the SQL that ran, in the order of application, so that
 * no file is needed. Their ids begin with their place, see {@link originalId}. COPY loads no rows; what the
 * database was to hold afterwards is not asked.
 *
 * @param rows the rows that count, each with its application
 */
export function readStoredMigrations(
  rows: readonly MigrationRow[],
  stored: ReadonlyMap<string, StoredMigration>,
): StoredMigrations {
  const ordered = [...rows].sort((a, b) => placeOf(a) - placeOf(b))
  const ids = new Map(ordered.map(({ id }, at) => [id, `${String(at).padStart(PLACE_DIGITS, '0')}_${id}`]))
  const migrations: Migration[] = []
  const unreadable: NotChecked[] = []
  for (const { id } of ordered) {
    const migration = stored.get(id)?.inForce ?? stored.get(id)
    const parsed = migration === undefined ? undefined : parse(migration, ids)
    if (parsed?.ok === true) migrations.push(parsed.value.migration)
    else unreadable.push({ migrationId: id, why: 'its SQL is not stored in a form that can be run again' })
  }
  return { migrations, unreadable }
}

/**
 * Gives the id that a migration has in the database.
 *
 * @example originalId('000004_005_users') // '005_users'
 */
export function originalId(id: MigrationId): MigrationId {
  return id.slice(PLACE_DIGITS + 1)
}

/** What runs again on change counts from the last time. */
function placeOf({ application, lastAppliedAfter }: MigrationRow): number {
  return Math.max(application?.sequence ?? 0, lastAppliedAfter ?? 0)
}

function parse({ id, upSql, header }: StoredMigration, ids: ReadonlyMap<MigrationId, MigrationId>) {
  const place = ids.get(id) ?? id
  const replayed: MigrationHeader = {
    ...header,
    dependsOn: header.dependsOn.flatMap((dependency) => ids.get(dependency) ?? []),
    run: 'once',
    environments: undefined,
    replaces: [],
    role: null,
  }
  const text = upSql.replace(KEPT_COPY, '')
  return parseMigration({
    path: `${place}.sql`,
    text: `${formatHeader(place, replayed)}\n-- @up\n${text}\n`,
  })
}

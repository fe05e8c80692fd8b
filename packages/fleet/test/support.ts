import { type Migration, type MigrationReader, ok, parseMigration } from '@tidemark/core'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { onTestFinished } from 'vitest'
import { createFleet, type Fleet, type FleetOptions, type FleetTarget } from '../src/index.ts'

/** A reader of migrations in memory: `@up`, or `@up` and `@down`, by id. */
export function readerOf(files: Readonly<Record<string, string>>): MigrationReader {
  const migrations = Object.entries(files).map(([id, text]): Migration => {
    const source = text.includes('-- @up')
      ? text
      : `-- Migration: ${id}\n-- Type: custom_sql\n\n-- @up\n${text}\n`
    const parsed = parseMigration({ path: `migrations/${id}.sql`, text: source })
    if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
    return parsed.value.migration
  })
  return { readMigrations: async () => ok({ migrations, notes: [] }) }
}

/** A database that is dropped when the test is over, with these schemas. */
export async function openDatabase(schemas: readonly string[] = []): Promise<TestDatabase> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  for (const schema of schemas) await database.query(`CREATE SCHEMA "${schema}"`)
  return database
}

/** A tenant with a schema of its own. */
export function tenantsOf({ url }: TestDatabase, names: readonly string[]): readonly FleetTarget[] {
  return names.map((name) => ({ name, database: url, schema: name }))
}

/** A fleet over files in memory. */
export function openFleet(
  files: Readonly<Record<string, string>>,
  options: Omit<FleetOptions, 'migrations'>,
): Fleet {
  return createFleet({ migrations: readerOf(files), ...options })
}

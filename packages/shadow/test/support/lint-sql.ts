import { type Migration, parseMigration, readCatalog } from '@tidemark/core'
import { createLinter, type LintedMigration, type LinterOptions, type LintFinding } from '@tidemark/lint'
import type { Connection } from '@tidemark/pg-driver/engine'
import { afterAll, beforeAll } from 'vitest'
import { type Shadow, traceSection } from '../../src/index.ts'
import { pglite } from './engines.ts'

/** A connection to a scratch database of the file's own, which {@link execute} leaves empty. */
export function useScratch(): { readonly connection: Connection } {
  let shadow: Shadow
  let connection: Connection
  beforeAll(async () => {
    shadow = await pglite.open()
    connection = await shadow.connect()
  })
  afterAll(async () => {
    await connection?.close()
    await shadow?.close()
  })
  return {
    get connection() {
      return connection
    },
  }
}

/** Migrations, one after the other, that have been executed. */
export type Executed = readonly LintedMigration[]

/** Parses a migration from its SQL, with or without a header. */
export function toMigration(id: string, sql: string): Migration {
  const text = /^-- @up$/m.test(sql) ? sql : `-- @up\n${sql}`
  const parsed = parseMigration({ path: `${id}.sql`, text: `${text}\n` })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('; '))
  return parsed.value.migration
}

/** Executes migrations one after the other, looks at each, and makes the database empty again. */
export async function execute(connection: Connection, sqls: readonly string[]): Promise<Executed> {
  try {
    const executed: LintedMigration[] = []
    let before = await readCatalog(connection)
    for (const [place, sql] of sqls.entries()) {
      const migration = toMigration(`${place + 1}`.padStart(3, '0'), sql)
      const observed = await run(connection, migration)
      const after = await readCatalog(connection)
      executed.push({ migration, before, after, observed })
      before = after
    }
    return executed
  } finally {
    await connection.query('ROLLBACK')
    await makeEmpty(connection)
  }
}

async function makeEmpty(connection: Connection): Promise<void> {
  const list = async (query: string) =>
    (await connection.query<{ name: string }>(query)).rows.map(({ name }) => name)
  for (const schema of await list(
    "SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public'",
  )) {
    if (!schema.startsWith('pg_')) await connection.query(`DROP SCHEMA ${schema} CASCADE`)
  }
  await connection.query('DISCARD TEMP; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC')
  for (const role of await list('SELECT quote_ident(rolname) AS name FROM pg_roles WHERE oid >= 16384')) {
    await connection.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  }
}

async function run(connection: Connection, migration: Migration): Promise<LintedMigration['observed']> {
  if (migration.header.transaction === 'required') {
    await connection.query('BEGIN')
    const { statements, failure } = await traceSection(connection, migration, 'up')
    if (failure !== null) throw new Error(`${migration.source.text}: ${failure.message}`)
    await connection.query('COMMIT')
    return statements
  }
  for (const { codeStart, codeEnd } of migration.up.statements) {
    await connection.query(migration.source.text.slice(codeStart, codeEnd))
  }
  return null
}

/** Lints some of what was executed as one plan; what comes before is there already. */
export async function lint(plan: Executed, options: LinterOptions = {}): Promise<readonly LintFinding[]> {
  const linter = await createLinter(options)
  for (const one of plan) linter.add(one)
  return linter.finish()
}

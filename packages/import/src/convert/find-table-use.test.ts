import { formatDiagnostic } from '@tidemark/core'
import { expect, test } from 'vitest'
import { importMigrations } from '../import-migrations.ts'

function findingsOf(text: string): readonly string[] {
  const files = [
    { name: '1_a.sql', path: 'old/1_a.sql', text: `-- migrate:up\n${text}\n-- migrate:down\nSELECT 1;\n` },
  ]
  const { migrations } = importMigrations({ format: 'dbmate', files, out: 'new', trackingSchema: 'public' })
  return migrations.flatMap(({ findings }) => findings.map((finding) => formatDiagnostic(finding)))
}

test("SQL that names the other tool's table is reported, with its place", () => {
  expect(findingsOf('GRANT SELECT ON Schema_Migrations TO reader;')).toEqual([
    `old/1_a.sql:2:17 warning TM7033: it names "schema_migrations", the other tool's own table, which a new database will not have
2 | GRANT SELECT ON Schema_Migrations TO reader;
  |                 ^^^^^^^^^^^^^^^^^
help: remove the statement, or create the table before it`,
  ])
})

test('the same word in a string or a comment is none', () => {
  expect(findingsOf("SELECT 'schema_migrations'; -- schema_migrations")).toEqual([])
})

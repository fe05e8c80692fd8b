import { type Migration, parseMigration } from '@tidemark/core'

/** SQL of one migration of a set. */
export interface MigrationSet {
  readonly name: string
  readonly write: (index: number) => string
}

/** Migrations that create tables. */
export const tableCreating: MigrationSet = {
  name: 'creates a table',
  write: (index) =>
    `CREATE TABLE t${index} (id int PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now());`,
}

/** Light migrations; the first makes the table that the others change. */
export const insertAndAlter: MigrationSet = {
  name: 'light',
  write: (index) => {
    if (index === 0) return 'CREATE TABLE base (id int);'
    return index % 2 === 0
      ? `INSERT INTO base (id) VALUES (${index});`
      : `ALTER TABLE base ADD COLUMN c${index} int;`
  },
}

/** Makes migrations as files would give them. */
export function createMigrations(count: number, write: (index: number) => string): readonly Migration[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${String(index).padStart(5, '0')}_m`
    const parsed = parseMigration({ path: `${id}.sql`, text: `-- @up\n${write(index)}\n` })
    if (!parsed.ok) throw new TypeError(parsed.error[0]?.message)
    return parsed.value.migration
  })
}

import { type Migration, parseMigration } from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import { corpusFolder } from '@tidemark/test-servers'

/** What a migration of a test is made of, besides its id. */
export interface Parts {
  readonly up: string
  readonly down?: string
  readonly dependsOn?: readonly string[]
  readonly transaction?: 'required' | 'none'
  readonly variables?: readonly string[]
  readonly batches?: string
}

/** Parses one migration. */
export function migrationOf(
  id: string,
  { up, down, dependsOn = [], transaction, variables, batches }: Parts,
): Migration {
  const lines = [
    `-- Depends on: [${dependsOn.join(', ')}]`,
    ...(variables === undefined ? [] : [`-- Variables: [${variables.join(', ')}]`]),
    ...(batches === undefined ? [] : [`-- Batches: ${batches}`]),
    ...(transaction === undefined ? [] : [`-- Transaction: ${transaction}`]),
    '-- @up',
    up,
    ...(down === undefined ? [] : ['-- @down', down]),
    '',
  ]
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text: lines.join('\n') })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('; '))
  return parsed.value.migration
}

/** Parses one migration: its id, the SQL of its `@up`, and what it depends on. */
export function migration(id: string, up: string, dependsOn: readonly string[] = []): Migration {
  return migrationOf(id, { up, dependsOn })
}

/** A chain of migrations, each depending on the one before: by id the SQL of each `@up`. */
export function chain(ups: Readonly<Record<string, string>>): readonly Migration[] {
  const ids = Object.keys(ups)
  return ids.map((id, index) => migration(id, ups[id] ?? '', ids.slice(Math.max(index - 1, 0), index)))
}

/** A chain of so many migrations, each with a table. */
export function tables(count: number): readonly Migration[] {
  const names = Array.from({ length: count }, (_, index) => String(index + 1).padStart(4, '0'))
  return chain(Object.fromEntries(names.map((name) => [`${name}_t`, `CREATE TABLE t${name} (id int);`])))
}

/** Reads the migrations of another project. */
export async function corpus(name: string): Promise<readonly Migration[]> {
  const read = await createDirectoryReader({ directory: corpusFolder(name) }).readMigrations()
  if (!read.ok) throw new TypeError(read.error.map(({ message }) => message).join('; '))
  return read.value.migrations
}

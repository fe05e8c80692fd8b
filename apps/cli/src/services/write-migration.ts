import { isMigrationId, listHeads, type MigrationType, TidemarkError } from '@tidemark/core'
import { makeFolder } from '@tidemark/core/node'
import type { Settings } from '../config/settings.ts'
import { createMigrationFile } from './create-migration-file.ts'
import { findMigration } from './find-migration.ts'
import { migrationTemplate } from './migration-template.ts'
import { readHeaders } from './read-headers.ts'

/** What a new migration is to be. */
export interface NewMigration {
  /** Words such as `add orders` or `add_orders`; with a number in front it is kept. */
  readonly name: string
  readonly type: MigrationType
  readonly description: string | undefined
  /** Undefined: the present heads. */
  readonly dependsOn: readonly string[] | undefined
}

/** The file that was written. */
export interface WrittenMigration {
  readonly id: string
  readonly path: string
  readonly dependsOn: readonly string[]
}

/**
 * Writes a migration with the next number, depending on the present heads.
 *
 * @throws {TidemarkError} TM7008 when the name gives no id, TM2007 for an unknown dependency, TM7011 when the file exists.
 */
export async function writeMigration(settings: Settings, asked: NewMigration): Promise<WrittenMigration> {
  await makeFolder(settings.migrations)
  const graph = await readHeaders(settings)
  const id = nextId(
    asked.name,
    graph.nodes.map(({ migration }) => migration.id),
  )
  const dependsOn =
    asked.dependsOn?.map((given) => findMigration(graph, given).migration.id) ??
    listHeads(graph).map((head) => head.id)
  const text = migrationTemplate({ ...asked, id, dependsOn })
  return { id, path: await createMigrationFile(settings, { id, text }), dependsOn }
}

/**
 * Gives the id of a new migration: its words joined by `_`, after a number one above the highest, as wide as those before.
 *
 * @example nextId('add orders', ['007_users']) // '008_add_orders'
 */
export function nextId(name: string, ids: readonly string[]): string {
  const words = name
    .trim()
    .replace(/\.sql$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[_.-]+|[_.-]+$/g, '')
  const numbers = ids.flatMap((id) => /^\d+/.exec(id)?.[0] ?? [])
  const highest = numbers.reduce((max, digits) => (BigInt(digits) > max ? BigInt(digits) : max), 0n)
  const width = Math.max(3, ...numbers.map((digits) => digits.length))
  const id = /^\d/.test(words) ? words : `${String(highest + 1n).padStart(width, '0')}_${words}`
  if (words !== '' && isMigrationId(id)) return id
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${name}" gives no name for a migration`,
    help: 'use letters, digits, `_`, `-` and `.`, such as `tidemark new add_orders`',
  })
}

/** Writes a migration that cannot run in one transaction. */
export function withoutTransaction(sql: string): string {
  return `-- Transaction: none\n-- @up\n${sql}`
}

/** Writes steps of which each is a migration of its own. */
export function inOwnMigrations(...steps: readonly string[]): string {
  return steps.map((sql, place) => `-- migration ${place + 1}\n${sql}`).join('\n\n')
}

/** Makes a CREATE INDEX of the catalog build without blocking writes. */
export function concurrently(definition: string): string {
  return `${definition.replace(/^CREATE (UNIQUE )?INDEX /, 'CREATE $1INDEX CONCURRENTLY ')};`
}

import { bindMigration, type Migration } from '@tidemark/core'

/** Values differ by environment and may be secret: in a shadow each variable has its name as its value. */
export function variablesOf(migrations: readonly Migration[]): Readonly<Record<string, string>> {
  const names = migrations.flatMap(({ header }) => header.variables?.map(({ name }) => name) ?? [])
  return Object.fromEntries(names.map((name) => [name, name]))
}

/** Gives a migration as it runs in a shadow. */
export function bindForShadow(migration: Migration): Migration {
  return bindMigration(migration, variablesOf([migration]))
}

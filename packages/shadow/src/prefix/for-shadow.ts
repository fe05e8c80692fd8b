import { bindMigration, findValue, type Migration, type VariableValues } from '@tidemark/core'

/**
 * Gives the values that the variables of a migration have in a shadow. A secret is not taken there: it has its
 * name as its value, and so has a variable without a value.
 *
 * @example shadowValues(migration, { app_role: 'web' }) // { app_role: 'web', password: 'password' }
 */
export function shadowValues(
  { header }: Migration,
  values: VariableValues,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (header.variables ?? []).map(({ name, secret }) => [
      name,
      (secret ? undefined : findValue(values, name)) ?? name,
    ]),
  )
}

/** Gives a migration as it runs in a shadow. What it is done to twice stays as it is. */
export function bindForShadow(migration: Migration, values: VariableValues = {}): Migration {
  return bindMigration(migration, shadowValues(migration, values))
}

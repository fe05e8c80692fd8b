/**
 * Gives the last name of an id of the catalog as it is written there; the arguments of a function are left out.
 *
 * @example bareName('public."Order"') // '"Order"'
 */
export function bareName(id: string): string {
  const names = id.replace(/\(.*/s, '').match(/"(?:[^"]|"")*"|[^".]+/g) ?? []
  return names.at(-1) ?? id
}

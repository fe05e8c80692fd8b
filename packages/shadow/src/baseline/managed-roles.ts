import { type Catalog, makeCatalog } from '@tidemark/core'
import type { DumpEntry } from '../snapshot/dump-entries.ts'

/** The roles of RDS, Neon and Cloud SQL themselves: a database elsewhere has none of them. */
const ROLE = '(?:rdsadmin|rdsrepladmin|rds_\\w+|cloud_admin|neon_superuser|cloudsql\\w+)'

/** Statements that give something to such a role, or set what it gives. */
const STATEMENTS = new RegExp(
  `^(?:ALTER .* OWNER TO ${ROLE};|(?:GRANT|REVOKE) .* (?:TO|FROM) ${ROLE}(?: WITH GRANT OPTION)?;|ALTER DEFAULT PRIVILEGES FOR ROLE ${ROLE} .*|ALTER DEFAULT PRIVILEGES .* (?:TO|FROM) ${ROLE}(?: WITH GRANT OPTION)?;)$`,
  'gm',
)
const FACET = new RegExp(`^privileges of ${ROLE}$`)
const DEFAULTS = new RegExp(`^for ${ROLE} `)

/** Takes the roles of a service out of an entry of a dump; nothing may be left. */
export function withoutManagedRoles(entry: DumpEntry): readonly DumpEntry[] {
  const sql = entry.sql
    .replace(STATEMENTS, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  return sql === '' ? [] : [{ ...entry, sql }]
}

/** Takes the roles of a service out of a catalog: what they may do, and what they give by default. */
export function catalogWithoutManagedRoles(catalog: Catalog): Catalog {
  return makeCatalog(
    [...catalog.objects.values()].flatMap((object) => {
      if (object.kind === 'default privileges' && DEFAULTS.test(object.id)) return []
      const facets = new Map([...object.facets].filter(([facet]) => !FACET.test(facet)))
      const isEmpty =
        object.kind === 'privileges' &&
        ![...facets.keys()].some((facet) => facet.startsWith('privileges of '))
      return isEmpty ? [] : [{ ...object, facets }]
    }),
  )
}

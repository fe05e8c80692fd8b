import type { QueryPart } from './part.ts'

/** Owners, comments and security labels: the same for every kind of object. */
export function annotations(): QueryPart {
  return {
    facets: [
      `SELECT o.kind, o.id, 'owner', quote_ident(pg_get_userbyid(o.owner)) FROM object o
  WHERE o.owner IS NOT NULL AND o.kind <> 'default privileges'`,
      `SELECT o.kind, o.id, 'comment', d.description
  FROM object o JOIN pg_description d ON d.classoid = o.class AND d.objoid = o.oid AND d.objsubid = o.sub`,
      `SELECT o.kind, o.id, 'security label of ' || l.provider, l.label
  FROM object o JOIN pg_seclabel l ON l.classoid = o.class AND l.objoid = o.oid AND l.objsubid = o.sub`,
    ],
  }
}

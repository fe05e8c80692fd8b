import {
  FIRST_OWN_OID,
  facets,
  isOwn,
  named,
  objects,
  type QueryPart,
  type ServerVersionNum,
} from './part.ts'

const EXTENSIONS = `FROM pg_extension e WHERE e.oid >= ${FIRST_OWN_OID}`

/**
 * Schemas and extensions. PostgreSQL gives everybody USAGE on the schema `public`, before 15 CREATE too: so
 * those are the privileges that it starts with, whoever owns it now.
 */
export function namespaces(version: ServerVersionNum): QueryPart {
  const given = version >= 150_000 ? "'USAGE'" : "'USAGE', 'CREATE'"
  const initial = `acldefault('n'::"char", s.nspowner) || CASE WHEN s.nspname = 'public' THEN
      ARRAY(SELECT makeaclitem(0, s.nspowner, privilege, false) FROM unnest(ARRAY[${given}]) privilege) END`
  return {
    objects: [
      `SELECT 'pg_namespace'::regclass::oid, s.oid, 0, 'schema'::text, quote_ident(s.nspname)::text, s.nspowner::oid,
    s.nspacl, (${initial})::aclitem[]
  FROM pg_namespace s JOIN namespace n ON n.oid = s.oid WHERE ${isOwn('pg_namespace', 's.oid')}`,
      objects({
        class: 'pg_extension',
        oid: 'e.oid',
        kind: "'extension'",
        id: 'quote_ident(e.extname)',
        owner: 'e.extowner',
        from: EXTENSIONS,
      }),
    ],
    facets: [
      facets(
        { schema: 'e.extnamespace::regnamespace' },
        named('e', { kind: "'extension'", id: 'quote_ident(e.extname)', from: EXTENSIONS }),
      ),
    ],
  }
}

import { facets, isOwn, named, objects, type QueryPart } from './part.ts'

const WRAPPERS = `FROM pg_foreign_data_wrapper w WHERE ${isOwn('pg_foreign_data_wrapper', 'w.oid')}`
const SERVERS = `FROM pg_foreign_server s WHERE ${isOwn('pg_foreign_server', 's.oid')}`
const MAPPING_ID =
  "CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END || ' on ' || quote_ident(m.srvname)"
const sortedList = (column: string) =>
  `(SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(${column}) o)`

/**
 * Foreign-data wrappers, servers, user mappings, and the server of foreign tables. Options of servers and
 * mappings may be passwords: each is a facet of its own, `option NAME`, which `toCatalog` hashes. A role that
 * may not see the options of a mapping gets none.
 */
export function foreignData(): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_foreign_data_wrapper',
        oid: 'w.oid',
        kind: "'foreign-data wrapper'",
        id: 'quote_ident(w.fdwname)',
        owner: 'w.fdwowner',
        acl: { column: 'w.fdwacl', letter: `'F'::"char"` },
        from: WRAPPERS,
      }),
      objects({
        class: 'pg_foreign_server',
        oid: 's.oid',
        kind: "'server'",
        id: 'quote_ident(s.srvname)',
        owner: 's.srvowner',
        acl: { column: 's.srvacl', letter: `'S'::"char"` },
        from: SERVERS,
      }),
    ],
    facets: [
      facets(
        {
          handler: 'nullif(w.fdwhandler, 0)::regproc',
          validator: 'nullif(w.fdwvalidator, 0)::regproc',
          options: sortedList('w.fdwoptions'),
        },
        named('w', { kind: "'foreign-data wrapper'", id: 'quote_ident(w.fdwname)', from: WRAPPERS }),
      ),
      facets(
        {
          wrapper: '(SELECT quote_ident(w.fdwname) FROM pg_foreign_data_wrapper w WHERE w.oid = s.srvfdw)',
          type: 's.srvtype',
          version: 's.srvversion',
        },
        named('s', { kind: "'server'", id: 'quote_ident(s.srvname)', from: SERVERS }),
      ),
      `SELECT 'server', quote_ident(s.srvname), 'option ' || o.option_name, o.option_value
  FROM pg_foreign_server s CROSS JOIN LATERAL pg_options_to_table(s.srvoptions) o WHERE ${isOwn('pg_foreign_server', 's.oid')}`,
      `SELECT 'user mapping', ${MAPPING_ID}, 'server', quote_ident(m.srvname) FROM pg_user_mappings m`,
      `SELECT 'user mapping', ${MAPPING_ID}, 'option ' || o.option_name, o.option_value
  FROM pg_user_mappings m CROSS JOIN LATERAL pg_options_to_table(m.umoptions) o`,
      facets(
        {
          server: '(SELECT quote_ident(s.srvname) FROM pg_foreign_server s WHERE s.oid = f.ftserver)',
          'foreign options': sortedList('f.ftoptions'),
        },
        'pg_foreign_table f JOIN relation r ON r.oid = f.ftrelid',
      ),
    ],
  }
}

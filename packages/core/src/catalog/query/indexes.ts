import { facets, type QueryPart } from './part.ts'

/** Indexes, also those of constraints. */
export function indexes(): QueryPart {
  return {
    facets: [
      facets(
        {
          table: 'i.indrelid::regclass',
          definition: 'pg_get_indexdef(r.oid)',
          constraint: `(SELECT k.conrelid::regclass || ' ' || quote_ident(k.conname) FROM pg_constraint k
            WHERE k.conindid = r.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))`,
          'attached to': `(SELECT h.inhparent::regclass FROM pg_inherits h WHERE h.inhrelid = r.oid)`,
          validity: "CASE WHEN NOT i.indisvalid THEN 'invalid' END",
          clustered: "CASE WHEN i.indisclustered THEN 'yes' END",
          'replica identity': "CASE WHEN i.indisreplident THEN 'yes' END",
          'statistics targets': `(SELECT string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attstattarget >= 0)`,
        },
        'relation r JOIN pg_index i ON i.indexrelid = r.oid',
      ),
    ],
  }
}

import { facets, objects, type QueryPart } from './part.ts'

/**
 * What the other parts are about: `namespace`, the schemas that are not PostgreSQL's; `member`, what belongs
 * to an extension; `relation`, every table, view, sequence and index in them, with its name.
 */
export const COMMON_TABLES = `member AS MATERIALIZED (
  SELECT classid AS class, objid AS oid FROM pg_depend
  WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
), namespace AS MATERIALIZED (
  SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relation AS MATERIALIZED (
  SELECT c.*, n.nspname, format('%I.%I', n.nspname, c.relname) AS id,
    CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view'
      WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
      WHEN 'c' THEN 'composite type' ELSE 'index' END AS kind
  FROM pg_class c JOIN namespace n ON n.oid = c.relnamespace
  WHERE c.relkind <> 't'
    AND NOT EXISTS (SELECT FROM member m WHERE m.class = 'pg_class'::regclass AND m.oid = c.oid)
    AND NOT EXISTS (SELECT FROM pg_index i JOIN member m ON m.class = 'pg_class'::regclass AND m.oid = i.indrelid
      WHERE i.indexrelid = c.oid)
    AND NOT EXISTS (SELECT FROM member m WHERE m.class = 'pg_type'::regclass AND m.oid = c.reltype)
)`

const sortedList = (column: string) =>
  `(SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(${column}) o)`

/** Tables, views, sequences and indexes: what belongs to none of their parts. */
export function relations(): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_class',
        oid: 'r.oid',
        kind: 'r.kind',
        id: 'r.id',
        owner: "CASE WHEN r.kind <> 'index' THEN r.relowner END",
        acl: { column: 'r.relacl', letter: `CASE r.kind WHEN 'sequence' THEN 's'::"char" ELSE 'r' END` },
        from: "FROM relation r WHERE r.kind <> 'composite type'",
      }),
    ],
    facets: [
      facets(
        {
          persistence: "CASE r.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END",
          'partition key': "CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END",
          'partition bound': 'CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END',
          'of type': 'nullif(r.reloftype, 0)::regtype',
          'access method': `CASE WHEN r.relkind IN ('r', 'p', 'm') THEN
            (SELECT nullif(a.amname, 'heap') FROM pg_am a WHERE a.oid = r.relam) END`,
          tablespace: '(SELECT s.spcname FROM pg_tablespace s WHERE s.oid = r.reltablespace)',
          options: sortedList('r.reloptions'),
          'toast options': sortedList('(SELECT t.reloptions FROM pg_class t WHERE t.oid = r.reltoastrelid)'),
          'row security': `CASE WHEN r.relrowsecurity OR r.relforcerowsecurity THEN concat_ws(', ',
            CASE WHEN r.relrowsecurity THEN 'enabled' ELSE 'disabled' END, CASE WHEN r.relforcerowsecurity THEN 'forced' END) END`,
          'replica identity': `CASE WHEN r.relkind IN ('r', 'p', 'm') THEN
            CASE r.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'an index' END END`,
          query: "CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END",
        },
        'relation r',
      ),
      `SELECT r.kind, r.id, 'inherits', string_agg(i.inhparent::regclass::text
      || CASE WHEN i.inhdetachpending THEN ' (detaching)' ELSE '' END, ', ' ORDER BY i.inhseqno)
  FROM pg_inherits i JOIN relation r ON r.oid = i.inhrelid WHERE r.kind <> 'index' GROUP BY r.kind, r.id`,
      facets(
        {
          sequence: `concat_ws(' ', 'as', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement,
            'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END)`,
        },
        'relation r JOIN pg_sequence s ON s.seqrelid = r.oid',
      ),
      facets(
        {
          'owned by':
            "CASE WHEN d.deptype = 'a' THEN d.refobjid::regclass || '.' || quote_ident(a.attname) END",
          'identity of':
            "CASE WHEN d.deptype = 'i' THEN d.refobjid::regclass || '.' || quote_ident(a.attname) END",
        },
        `relation r
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')
  JOIN pg_attribute a ON d.refclassid = 'pg_class'::regclass AND a.attrelid = d.refobjid AND a.attnum = d.refobjsubid`,
      ).concat(" AND r.relkind = 'S'"),
    ],
  }
}

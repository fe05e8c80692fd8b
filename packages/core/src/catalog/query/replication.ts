import { facets, isOwn, named, objects, type QueryPart, type ServerVersionNum } from './part.ts'

const PUBLICATIONS = 'FROM pg_publication p'
/** Those of this database. The columns are named one by one: not everybody may read all of them. */
const SUBSCRIPTIONS = `pg_subscription s
  JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
  CROSS JOIN LATERAL (VALUES ('subscription', quote_ident(s.subname))) k(kind, id)`
const EVENT_TRIGGERS = `FROM pg_event_trigger e WHERE ${isOwn('pg_event_trigger', 'e.oid')}`

/** Publications, subscriptions and event triggers: they belong to the whole database. */
export function replication(version: ServerVersionNum): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_publication',
        oid: 'p.oid',
        kind: "'publication'",
        id: 'quote_ident(p.pubname)',
        owner: 'p.pubowner',
        from: PUBLICATIONS,
      }),
      objects({
        class: 'pg_subscription',
        oid: 's.oid',
        kind: "'subscription'",
        id: 'quote_ident(s.subname)',
        owner: 's.subowner',
        from: `FROM ${SUBSCRIPTIONS}`,
      }),
      objects({
        class: 'pg_event_trigger',
        oid: 'e.oid',
        kind: "'event trigger'",
        id: 'quote_ident(e.evtname)',
        owner: 'e.evtowner',
        from: EVENT_TRIGGERS,
      }),
    ],
    facets: [...publications(version), ...subscriptions(version), eventTriggers()],
  }
}

function publications(version: ServerVersionNum): readonly string[] {
  const rows = named('p', { kind: "'publication'", id: 'quote_ident(p.pubname)', from: PUBLICATIONS })
  const detail =
    version >= 150_000
      ? `concat_ws(' ', coalesce((SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C") || ')'
        FROM pg_attribute a WHERE a.attrelid = l.prrelid AND a.attnum = ANY (l.prattrs)), 'all columns'),
      'where ' || pg_get_expr(l.prqual, l.prrelid))`
      : "'all columns'"
  const schemas = `SELECT 'publication', quote_ident(p.pubname), 'schema ' || l.pnnspid::regnamespace, 'all tables'
  FROM pg_publication_namespace l JOIN pg_publication p ON p.oid = l.pnpubid`
  return [
    facets(
      {
        tables: "CASE WHEN p.puballtables THEN 'all' END",
        operations: `concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
          CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)`,
        'via partition root': "CASE WHEN p.pubviaroot THEN 'yes' END",
        ...(version >= 180_000
          ? { 'generated columns': "CASE p.pubgencols WHEN 's' THEN 'stored' END" }
          : {}),
      },
      rows,
    ),
    `SELECT 'publication', quote_ident(p.pubname), 'table ' || l.prrelid::regclass, ${detail}
  FROM pg_publication_rel l JOIN pg_publication p ON p.oid = l.prpubid`,
    ...(version >= 150_000 ? [schemas] : []),
  ]
}

/**
 * Only superusers may read `subconninfo`, and a query that names it fails for others: so it is read by a query
 * of its own, where that is allowed.
 */
const CONNECTION = `CASE WHEN has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') THEN
      substring(query_to_xml(format('SELECT encode(convert_to(subconninfo, ''UTF8''), ''hex'') AS value FROM pg_subscription WHERE oid = %s',
        s.oid), false, false, '')::text FROM '<value>([0-9a-f]*)</value>') END`

function subscriptions(version: ServerVersionNum): readonly string[] {
  const yes = (column: string) => `CASE WHEN s.${column} THEN 'yes' END`
  return [
    facets(
      {
        publications: `(SELECT string_agg(quote_ident(p), ', ' ORDER BY p COLLATE "C") FROM unnest(s.subpublications) p)`,
        state: "CASE WHEN NOT s.subenabled THEN 'disabled' END",
        slot: 's.subslotname',
        binary: yes('subbinary'),
        streaming: version >= 160_000 ? "nullif(s.substream, 'f')" : yes('substream'),
        'synchronous commit': "nullif(s.subsynccommit, 'off')",
        'option connection': CONNECTION,
        ...(version >= 150_000
          ? {
              'two phase': "CASE WHEN s.subtwophasestate <> 'd' THEN 'yes' END",
              'disable on error': yes('subdisableonerr'),
            }
          : {}),
        ...(version >= 160_000
          ? {
              'password required': "CASE WHEN NOT s.subpasswordrequired THEN 'no' END",
              'run as owner': yes('subrunasowner'),
              origin: "nullif(s.suborigin, 'any')",
            }
          : {}),
        ...(version >= 170_000 ? { failover: yes('subfailover') } : {}),
      },
      SUBSCRIPTIONS,
    ),
  ]
}

function eventTriggers(): string {
  return facets(
    {
      event: 'e.evtevent',
      function: 'e.evtfoid::regproc',
      tags: "array_to_string(e.evttags, ', ')",
      state:
        "CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END",
    },
    named('e', { kind: "'event trigger'", id: 'quote_ident(e.evtname)', from: EVENT_TRIGGERS }),
  )
}

import { facets, isOwn, named, objects, type QueryPart, type ServerVersionNum } from './part.ts'

/** One kind of object that has a schema, a name, perhaps an owner, and some plain columns. */
interface NamedKind {
  readonly class: string
  readonly kind: string
  /** The prefix of its columns, such as `cfg` of `cfgname` and `cfgnamespace`. */
  readonly prefix: string
  readonly owner: 'has an owner' | 'none'
  /** Over the row `x`. */
  readonly facets: Readonly<Record<string, string>>
}

function namedKinds(version: ServerVersionNum): readonly NamedKind[] {
  return [
    {
      class: 'pg_ts_config',
      kind: 'text search configuration',
      prefix: 'cfg',
      owner: 'has an owner',
      facets: {
        parser: `(SELECT format('%I.%I', s.nspname, p.prsname) FROM pg_ts_parser p
          JOIN pg_namespace s ON s.oid = p.prsnamespace WHERE p.oid = x.cfgparser)`,
        mappings: `(SELECT string_agg(m.maptokentype || ': ' || m.mapdict::regdictionary, ', ' ORDER BY m.maptokentype, m.mapseqno)
          FROM pg_ts_config_map m WHERE m.mapcfg = x.oid)`,
      },
    },
    {
      class: 'pg_ts_dict',
      kind: 'text search dictionary',
      prefix: 'dict',
      owner: 'has an owner',
      facets: {
        template: `(SELECT format('%I.%I', s.nspname, t.tmplname) FROM pg_ts_template t
          JOIN pg_namespace s ON s.oid = t.tmplnamespace WHERE t.oid = x.dicttemplate)`,
        options: 'x.dictinitoption',
      },
    },
    {
      class: 'pg_ts_parser',
      kind: 'text search parser',
      prefix: 'prs',
      owner: 'none',
      facets: {
        functions: "concat_ws(', ', x.prsstart, x.prstoken, x.prsend, x.prsheadline, x.prslextype)",
      },
    },
    {
      class: 'pg_ts_template',
      kind: 'text search template',
      prefix: 'tmpl',
      owner: 'none',
      facets: { functions: "concat_ws(', ', x.tmplinit, x.tmpllexize)" },
    },
    {
      class: 'pg_collation',
      kind: 'collation',
      prefix: 'coll',
      owner: 'has an owner',
      facets: {
        provider:
          "CASE x.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'default' END",
        deterministic: "CASE WHEN NOT x.collisdeterministic THEN 'no' END",
        locale: localeOf(version),
        rules: version >= 160_000 ? 'x.collicurules' : 'NULL',
      },
    },
    {
      class: 'pg_conversion',
      kind: 'conversion',
      prefix: 'con',
      owner: 'has an owner',
      facets: {
        definition: `format('%s to %s by %s', pg_encoding_to_char(x.conforencoding), pg_encoding_to_char(x.contoencoding), x.conproc)`,
        default: "CASE WHEN x.condefault THEN 'yes' END",
      },
    },
  ]
}

/** The one locale, or the collation and the character type where they differ. */
function localeOf(version: ServerVersionNum): string {
  const icu = version >= 170_000 ? 'x.colllocale' : version >= 150_000 ? 'x.colliculocale' : 'NULL::text'
  return `concat_ws(', ', ${icu}, x.collcollate, nullif(x.collctype, x.collcollate))`
}

/** Text search, collations and conversions. */
export function textSearch(version: ServerVersionNum): QueryPart {
  const kinds = namedKinds(version)
  const from = ({ class: table, prefix }: NamedKind) =>
    `FROM ${table} x JOIN namespace n ON n.oid = x.${prefix}namespace WHERE ${isOwn(table, 'x.oid')}`
  const id = ({ prefix }: NamedKind) => `format('%I.%I', n.nspname, x.${prefix}name)`
  return {
    objects: kinds.map((one) =>
      objects({
        class: one.class,
        oid: 'x.oid',
        kind: `'${one.kind}'`,
        id: id(one),
        ...(one.owner === 'none' ? {} : { owner: `x.${one.prefix}owner` }),
        from: from(one),
      }),
    ),
    facets: kinds.map((one) =>
      facets(one.facets, named('x', { kind: `'${one.kind}'`, id: id(one), from: from(one) })),
    ),
  }
}

import { FIRST_OWN_OID, facets, isOwn, named, objects, type QueryPart } from './part.ts'

/** An operator without function is only named by another, and waits for its definition. */
const OPERATORS = `FROM pg_operator o JOIN namespace n ON n.oid = o.oprnamespace
  WHERE o.oprcode <> 0 AND ${isOwn('pg_operator', 'o.oid')}`
const CLASSES = `FROM pg_opclass o JOIN namespace n ON n.oid = o.opcnamespace JOIN pg_am m ON m.oid = o.opcmethod
  WHERE ${isOwn('pg_opclass', 'o.oid')}`
const CLASS_ID = "format('%I.%I using %I', n.nspname, o.opcname, m.amname)"
const FAMILIES = `FROM pg_opfamily f JOIN namespace n ON n.oid = f.opfnamespace JOIN pg_am m ON m.oid = f.opfmethod
  WHERE ${isOwn('pg_opfamily', 'f.oid')}`
const FAMILY_ID = "format('%I.%I using %I', n.nspname, f.opfname, m.amname)"
const METHODS = `FROM pg_am m WHERE m.oid >= ${FIRST_OWN_OID} AND ${isOwn('pg_am', 'm.oid')}`

const familyName = (oid: string) =>
  `(SELECT format('%I.%I', s.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace s ON s.oid = f.opfnamespace WHERE f.oid = ${oid})`

const FAMILY_OPERATORS = `(SELECT string_agg(format('operator %s %s for %s, %s%s', p.amopstrategy, p.amopopr::regoperator,
      p.amoplefttype::regtype, p.amoprighttype::regtype,
      CASE p.amoppurpose WHEN 'o' THEN ' order by ' || ${familyName('p.amopsortfamily')} ELSE '' END),
    E'\\n' ORDER BY p.amopstrategy, p.amopopr::regoperator::text COLLATE "C")
  FROM pg_amop p WHERE p.amopfamily = f.oid)`
const FAMILY_FUNCTIONS = `(SELECT string_agg(format('function %s %s for %s, %s', p.amprocnum, p.amproc::regprocedure,
      p.amproclefttype::regtype, p.amprocrighttype::regtype),
    E'\\n' ORDER BY p.amprocnum, p.amproclefttype::regtype::text COLLATE "C", p.amprocrighttype::regtype::text COLLATE "C")
  FROM pg_amproc p WHERE p.amprocfamily = f.oid)`

/** Operators, their classes and families, and access methods. */
export function operators(): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_operator',
        oid: 'o.oid',
        kind: "'operator'",
        id: 'o.oid::regoperator',
        owner: 'o.oprowner',
        from: OPERATORS,
      }),
      objects({
        class: 'pg_opclass',
        oid: 'o.oid',
        kind: "'operator class'",
        id: CLASS_ID,
        owner: 'o.opcowner',
        from: CLASSES,
      }),
      objects({
        class: 'pg_opfamily',
        oid: 'f.oid',
        kind: "'operator family'",
        id: FAMILY_ID,
        owner: 'f.opfowner',
        from: FAMILIES,
      }),
      objects({
        class: 'pg_am',
        oid: 'm.oid',
        kind: "'access method'",
        id: 'quote_ident(m.amname)',
        from: METHODS,
      }),
    ],
    facets: [
      facets(
        {
          function: 'o.oprcode::regprocedure',
          commutator: 'nullif(o.oprcom, 0)::regoperator',
          negator: 'nullif(o.oprnegate, 0)::regoperator',
          restrict: 'nullif(o.oprrest, 0)::regproc',
          join: 'nullif(o.oprjoin, 0)::regproc',
          options: `nullif(concat_ws(', ', CASE WHEN o.oprcanmerge THEN 'merges' END, CASE WHEN o.oprcanhash THEN 'hashes' END), '')`,
        },
        named('o', { kind: "'operator'", id: 'o.oid::regoperator', from: OPERATORS }),
      ),
      facets(
        {
          type: 'format_type(o.opcintype, NULL)',
          family: familyName('o.opcfamily'),
          'stored type': 'format_type(nullif(o.opckeytype, 0), NULL)',
          default: "CASE WHEN o.opcdefault THEN 'yes' END",
        },
        named('o', { kind: "'operator class'", id: CLASS_ID, from: CLASSES }),
      ),
      facets(
        { members: `nullif(concat_ws(E'\\n', ${FAMILY_OPERATORS}, ${FAMILY_FUNCTIONS}), '')` },
        named('f', { kind: "'operator family'", id: FAMILY_ID, from: FAMILIES }),
      ),
      facets(
        { type: "CASE m.amtype WHEN 't' THEN 'table' ELSE 'index' END", handler: 'm.amhandler' },
        named('m', { kind: "'access method'", id: 'quote_ident(m.amname)', from: METHODS }),
      ),
    ],
  }
}

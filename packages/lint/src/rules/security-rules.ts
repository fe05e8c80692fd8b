import type { CatalogObject } from '@tidemark/core'
import type { Node } from 'libpg-query'
import type { TableView } from '../catalog/catalog-view.ts'
import { readIndexKey } from '../catalog/index-columns.ts'
import { nameKey, shownName, shownRelation, splitIdentifiers } from '../catalog/names.ts'
import type { SchemaRule } from '../model/rule.ts'
import type { PlanSubject } from '../subject/plan-subject.ts'
import { columnOf, findAll, listRelations } from '../tree/walk.ts'
import { concurrently, withoutTransaction } from './safe-sql.ts'

/** Roles that the API servers of Supabase and PostgREST act as. */
const API_ROLES = ['anon', 'authenticated', 'web_anon'] as const
const API_FACETS = API_ROLES.map((role) => `privileges of ${role}`)

/** The schemas that an API serves: as configured, or those that its roles may use. */
function listExposed({ schema, exposedSchemas }: PlanSubject): ReadonlySet<string> {
  if (exposedSchemas !== undefined) return new Set(exposedSchemas)
  const granted = [...schema.catalog.objects.values()].filter(
    ({ kind, facets }) =>
      kind === 'schema' && API_FACETS.some((facet) => facets.get(facet)?.includes('USAGE') === true),
  )
  return new Set(granted.flatMap(({ id }) => splitIdentifiers(id).slice(0, 1)))
}

/** Whether the roles of the API may do anything with a table; where schemas are configured, that is taken for so. */
function isServed({ exposedSchemas }: PlanSubject, { facets }: CatalogObject): boolean {
  return exposedSchemas !== undefined || API_FACETS.some((facet) => (facets.get(facet) ?? 'none') !== 'none')
}

function hasRowSecurity({ object }: TableView): boolean {
  return object.facets.get('row security')?.startsWith('enabled') === true
}

/** Tables of which an API serves every row. */
export const noRowSecurity: SchemaRule = {
  id: 'no-row-security',
  severity: 'error',
  summary: 'A table in a schema that an API serves has no row level security.',
  *check(subject) {
    const exposed = listExposed(subject)
    for (const table of subject.schema.tables.values()) {
      if (table.kind !== 'table' || !exposed.has(table.schema) || hasRowSecurity(table)) continue
      if (!isServed(subject, table.object)) continue
      const from = subject.origin(table.object, {
        facets: ['row security', ...API_FACETS],
        names: [table.name],
      })
      if (from === undefined) continue
      yield {
        ...from,
        message: `the API serves every row of ${shownRelation(table)}: it has no row level security`,
        safeSql: `-- @up\nALTER TABLE ${shownRelation(table)} ENABLE ROW LEVEL SECURITY;`,
      }
    }
  },
}

/** Views through which the rows of others are seen. */
export const viewBypassesRowSecurity: SchemaRule = {
  id: 'view-bypasses-row-security',
  severity: 'error',
  summary: 'A view in a schema that an API serves reads tables with row level security as its owner.',
  *check(subject) {
    const exposed = listExposed(subject)
    for (const view of subject.schema.tables.values()) {
      const { object, schema } = view
      const query = object.facets.get('query')
      if (query === undefined || !exposed.has(schema) || !isServed(subject, object)) continue
      if (/security_invoker=(true|on|1)/.test(object.facets.get('options') ?? '')) continue
      const secured = listRelations(subject.parser.parse(query)).flatMap(({ schema: from = '', name }) => {
        const table = subject.schema.tables.get(nameKey({ schema: from, name }))
        return table !== undefined && hasRowSecurity(table) ? [table] : []
      })
      const origin = subject.origin(object, { facets: ['query', 'options'], names: [view.name] })
      const [first] = secured
      if (first === undefined || origin === undefined) continue
      yield {
        ...origin,
        message: `${shownRelation(view)} shows rows of ${shownRelation(first)} that its policies hide: it reads as its owner`,
        safeSql:
          view.kind === 'view'
            ? `-- @up\nALTER VIEW ${shownRelation(view)} SET (security_invoker = true);`
            : undefined,
      }
    }
  },
}

/** Policies that are evaluated row by row. */
export const policyWithoutIndex: SchemaRule = {
  id: 'policy-without-index',
  severity: 'warning',
  summary: 'No index begins with a column that a policy compares.',
  *check(subject) {
    for (const table of subject.schema.tables.values()) {
      for (const policy of table.policies) {
        const column = findUnindexed(subject, table, policy)
        const name = splitIdentifiers(policy.id).at(-1) ?? ''
        const from =
          column === undefined ? undefined : subject.origin(policy, { facets: ['using'], names: [name] })
        if (column === undefined || from === undefined) continue
        const sql = `CREATE INDEX ${shownName(`${table.name}_${column}_idx`)} ON ${shownRelation(table)} USING btree (${shownName(column)})`
        yield {
          ...from,
          message: `the policy ${shownName(name)} compares ${shownName(column)} of ${shownRelation(table)}, and no index begins with it: queries read the whole table`,
          safeSql: subject.isBusy(table) ? withoutTransaction(concurrently(sql)) : `-- @up\n${sql};`,
        }
      }
    }
  },
}

function findUnindexed(
  { parser }: PlanSubject,
  table: TableView,
  { facets }: CatalogObject,
): string | undefined {
  const using = facets.get('using')
  const tree = using === undefined ? undefined : parser.parse(`SELECT ${using}`)
  const compared = listCompared(tree).filter((column) => table.columns.has(column))
  const leading = new Set(table.indexes.map((index) => readIndexKey(index, parser).columns[0]))
  // One that an index finds is enough.
  return compared.some((column) => leading.has(column)) ? undefined : compared[0]
}

/** Columns that are compared with what is the same for every row. Queries inside the condition have their own. */
function listCompared(tree: Node | undefined): readonly string[] {
  return [...findAll(tree, 'A_Expr')].flatMap((expression) => {
    if (typeof expression !== 'object' || expression === null) return []
    const {
      kind,
      name,
      lexpr,
      rexpr,
    }: { kind?: unknown; name?: readonly Node[]; lexpr?: Node; rexpr?: Node } = expression
    const isEqual = (name ?? []).some((one) => 'String' in one && one.String.sval === '=')
    if (kind !== 'AEXPR_OP' || !isEqual) return []
    return [
      [lexpr, rexpr],
      [rexpr, lexpr],
    ].flatMap(([side, other]) => {
      const column = columnOf(side)
      const isFixed = columnOf(other) === undefined
      return column === undefined || !isFixed || isQualified(side) || isConstant(other) ? [] : [column]
    })
  })
}

/** A column of a table that a query inside the condition reads. */
function isQualified(node: Node | undefined): boolean {
  return node !== undefined && 'ColumnRef' in node && (node.ColumnRef.fields ?? []).length > 1
}

/** A flag such as `published = true` is no key. */
function isConstant(node: Node | undefined): boolean {
  if (node === undefined) return true
  return 'A_Const' in node || ('TypeCast' in node && isConstant(node.TypeCast.arg))
}

/** Privileges that every role has. */
export const grantToPublic: SchemaRule = {
  id: 'grant-to-public',
  severity: 'warning',
  summary: 'A privilege is granted to PUBLIC: every role that can connect has it.',
  *check(subject) {
    const facet = 'privileges of PUBLIC'
    for (const object of subject.schema.catalog.objects.values()) {
      const granted = object.facets.get(facet) ?? 'none'
      if (granted === 'none' || ALWAYS.has(`${object.kind} ${granted}`)) continue
      const name = splitIdentifiers(object.id)
      const named = subject.origin(object, {
        facets: [facet],
        names: ['public', 'grant', name[1] ?? name[0] ?? ''],
      })
      if (named === undefined) continue
      yield {
        ...named,
        statement:
          named.statement ??
          subject.origin(object, { facets: [facet], names: ['grant', 'public'] })?.statement ??
          null,
        message: `every role may ${granted} ${object.kind === 'default privileges' ? 'what is made later' : `the ${object.kind} ${object.id}`}`,
        safeSql:
          object.kind === 'default privileges'
            ? undefined
            : `-- grant it to the roles that need it\n-- @up\nREVOKE ${granted} ON ${object.kind === 'view' || object.kind === 'materialized view' ? 'TABLE' : object.kind.toUpperCase()} ${object.id} FROM PUBLIC;`,
      }
    }
  },
}

/** What PUBLIC has of these from the beginning. */
const ALWAYS: ReadonlySet<string> = new Set(['function EXECUTE', 'procedure EXECUTE', 'schema USAGE'])

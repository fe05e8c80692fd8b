import { isDeepStrictEqual } from 'node:util'
import { loadModule, parseSync } from 'libpg-query'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasCode, readStatementFacts, type StatementFacts, scanSql } from '../src/index.ts'
import { hasCorpora, listCorpus } from './corpora.ts'

// The parser's tree is JSON whose empty fields are left out: it is read field by field, without its types.
type Tree = Readonly<Record<string, unknown>>

interface Parsed {
  readonly code: string
  readonly facts: StatementFacts
  readonly type: string
  readonly node: Tree
}

/** What both sides say of a statement, in the same words. */
interface Judgement {
  readonly control: boolean
  readonly query: boolean
  readonly index: unknown
  readonly dropped: unknown
  readonly truncated: unknown
  readonly table: unknown
  readonly copy: unknown
  readonly columns: unknown
  readonly rowSecurity: boolean
  readonly unfiltered: unknown
  readonly refuses: boolean
  readonly settings: unknown
}

describe.skipIf(!hasCorpora)('facts, against the tree of the real parser', () => {
  beforeAll(() => loadModule())

  it('agree for every statement of the corpora that it accepts', () => {
    const disagreements: unknown[] = []
    let count = 0
    for (const { path, text } of [...listCorpus('pg-regress'), ...listCorpus('ours')]) {
      for (const parsed of parseAll(text)) {
        count += 1
        const ours = judgeFacts(parsed.facts)
        const theirs = judgeTree(parsed)
        if (!isDeepStrictEqual(ours, theirs)) disagreements.push({ path, code: parsed.code, ours, theirs })
      }
    }
    expect(disagreements).toEqual([])
    expect(count).toBeGreaterThan(30_000)
  })
})

function* parseAll(text: string): Generator<Parsed> {
  for (const statement of scanSql(text, { markers: true }).statements) {
    if (!hasCode(text, statement)) continue
    const code = text.slice(statement.codeStart, statement.codeEnd)
    const [type, node] = Object.entries(treeOf(code))[0] ?? []
    if (type === undefined) continue
    yield { code, facts: readStatementFacts(text, statement), type, node: asTree(node) }
  }
}

function treeOf(code: string): Tree {
  try {
    return asTree(parseSync(code).stmts?.[0]?.stmt)
  } catch {
    return {}
  }
}

function judgeFacts(facts: StatementFacts): Judgement {
  const { indexBuild, createdTable } = facts
  const only = <K extends string>(...kinds: readonly K[]) =>
    facts.destructions.filter(({ kind }) => kinds.some((wanted) => wanted === kind))
  return {
    control: facts.transactionControl !== undefined,
    query: facts.isQuery,
    index: indexBuild && {
      name: indexBuild.name === undefined ? undefined : cut(indexBuild.name),
      table: nameOf(indexBuild.table),
      flags: [indexBuild.unique, indexBuild.concurrently, indexBuild.ifNotExists, indexBuild.only],
    },
    dropped: only('drop').flatMap((drop) =>
      drop.kind === 'drop' && RELATIONS.has(drop.object) ? drop.names.map(nameOf) : [],
    ),
    truncated: only('truncate').flatMap((it) => (it.kind === 'truncate' ? it.tables.map(nameOf) : [])),
    table: createdTable && {
      name: nameOf(createdTable),
      temporary: createdTable.temporary,
      unlogged: createdTable.unlogged,
    },
    copy: facts.copy,
    columns: only('drop_column', 'change_type').map((it) => ('name' in it ? [it.kind, cut(it.name)] : [])),
    rowSecurity: facts.enablesRowSecurity !== undefined,
    unfiltered: only('delete_all', 'update_all')
      .map((it) => ('table' in it ? `${it.kind} ${nameOf(it.table)}` : ''))
      .sort(),
    refuses: facts.refusesTransaction !== undefined,
    settings: facts.command === 'SET' || facts.command === 'RESET' ? facts.sessionTouches.length : 0,
  }
}

function judgeTree({ type, node }: Parsed): Judgement {
  const actions = type === 'AlterTableStmt' ? list(node['cmds']).map((it) => asTree(it['AlterTableCmd'])) : []
  return {
    control: type === 'TransactionStmt' && !/SAVEPOINT|RELEASE|ROLLBACK_TO/.test(String(node['kind'])),
    query: type === 'SelectStmt' && intoOf(node) === undefined,
    index: type === 'IndexStmt' ? indexOf(node) : undefined,
    dropped: type === 'DropStmt' && RELATION_TYPES.has(String(node['removeType'])) ? droppedOf(node) : [],
    truncated:
      type === 'TruncateStmt' ? list(node['relations']).map((it) => rangeOf(asTree(it['RangeVar']))) : [],
    table: tableOf(type, node),
    copy: type === 'CopyStmt' ? copyOf(node) : undefined,
    columns: actions.flatMap(({ subtype, name }) => {
      if (subtype === 'AT_DropColumn') return [['drop_column', name]]
      return subtype === 'AT_AlterColumnType' ? [['change_type', name]] : []
    }),
    rowSecurity: actions.some(({ subtype }) => subtype === 'AT_EnableRowSecurity'),
    unfiltered: EXPRESSIONS.has(type) && runs(type, node) ? [...unfilteredIn({ [type]: node })].sort() : [],
    refuses: refusesOf(type, node, actions),
    settings: type === 'VariableSetStmt' && !isTransactionSet(node) ? 1 : 0,
  }
}

const RELATIONS = new Set([
  'table',
  'foreign table',
  'view',
  'materialized view',
  'sequence',
  'index',
  'schema',
])
const RELATION_TYPES = new Set(
  ['TABLE', 'FOREIGN_TABLE', 'VIEW', 'MATVIEW', 'SEQUENCE', 'INDEX', 'SCHEMA'].map((it) => `OBJECT_${it}`),
)
const EXPRESSIONS = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'ExplainStmt',
  // Of these the query inside.
  'CopyStmt',
  'PrepareStmt',
])

/** EXPLAIN runs what it explains only with ANALYZE. */
function runs(type: string, node: Tree): boolean {
  return type !== 'ExplainStmt' || list(node['options']).some((it) => optionName(it) === 'analyze')
}

/** Facts hold names in full, since the server cuts them in its own encoding. The parser cuts them in UTF-8. */
function cut(name: string): string {
  let shown = name
  while (Buffer.byteLength(shown) > 63) shown = [...shown].slice(0, -1).join('')
  return shown
}

function nameOf({ schema, name }: { readonly schema?: string; readonly name: string }): string {
  return schema === undefined ? cut(name) : `${cut(schema)}.${cut(name)}`
}

function rangeOf(range: Tree): string {
  const { schemaname, relname } = range
  return schemaname === undefined ? String(relname) : `${String(schemaname)}.${String(relname)}`
}

function indexOf(node: Tree): unknown {
  const relation = asTree(node['relation'])
  const flags = [node['unique'], node['concurrent'], node['if_not_exists']].map((it) => it === true)
  return { name: node['idxname'], table: rangeOf(relation), flags: [...flags, relation['inh'] !== true] }
}

function droppedOf(node: Tree): readonly string[] {
  return list(node['objects']).map((object) => {
    const parts = 'List' in object ? list(asTree(object['List'])['items']) : [object]
    return parts
      .map((part) => String(asTree(part['String'])['sval']))
      .slice(-2)
      .join('.')
  })
}

function intoOf(node: Tree): Tree | undefined {
  if (node['intoClause'] !== undefined) return asTree(node['intoClause'])
  return node['larg'] === undefined ? undefined : intoOf(asTree(node['larg']))
}

function tableOf(type: string, node: Tree): unknown {
  const range = rangeOfTable(type, node)
  if (range === undefined) return undefined
  const temporary = range['relpersistence'] === 't' || range['schemaname'] === 'pg_temp'
  return { name: rangeOf(range), temporary, unlogged: range['relpersistence'] === 'u' }
}

function rangeOfTable(type: string, node: Tree): Tree | undefined {
  if (type === 'CreateStmt') return asTree(node['relation'])
  if (type === 'SelectStmt') {
    const into = intoOf(node)
    return into && asTree(into['rel'])
  }
  if (type !== 'CreateTableAsStmt' || node['objtype'] !== 'OBJECT_TABLE') return undefined
  return asTree(asTree(node['into'])['rel'])
}

function copyOf(node: Tree): string {
  const isFrom = node['is_from'] === true
  const standard = isFrom ? 'stdin' : 'stdout'
  const end = node['is_program'] === true ? 'program' : node['filename'] === undefined ? standard : 'file'
  return `${isFrom ? 'from' : 'to'}_${end}`
}

/**
 * Walks the tree for DELETE and UPDATE without WHERE; the bodies of functions and rules are no part of it.
 */
function* unfilteredIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* unfilteredIn(item)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const [key, child] of Object.entries(value)) {
    if (key === 'DeleteStmt' || key === 'UpdateStmt') {
      const node = asTree(child)
      const kind = key === 'DeleteStmt' ? 'delete_all' : 'update_all'
      if (node['whereClause'] === undefined || isTrue(node['whereClause']))
        yield `${kind} ${rangeOf(asTree(node['relation']))}`
    }
    yield* unfilteredIn(child)
  }
}

function isTrue(condition: unknown): boolean {
  return asTree(asTree(asTree(condition)['A_Const'])['boolval'])['boolval'] === true
}

function refusesOf(type: string, node: Tree, actions: readonly Tree[]): boolean {
  if (type === 'IndexStmt' || type === 'DropStmt') return node['concurrent'] === true
  if (type === 'VacuumStmt') return node['is_vacuumcmd'] === true
  if (type === 'DiscardStmt') return node['target'] === 'DISCARD_ALL'
  if (type === 'ClusterStmt') return node['relation'] === undefined
  if (type === 'ReindexStmt') return /SCHEMA|DATABASE|SYSTEM/.test(String(node['kind'])) || isConcurrent(node)
  if (type === 'CreateSubscriptionStmt') return !isOff(node, 'create_slot') && !isOff(node, 'connect')
  if (type === 'AlterSubscriptionStmt') return refusesAlter(node)
  if (type === 'AlterDatabaseStmt') return list(node['options']).some((it) => optionName(it) === 'tablespace')
  if (actions.some((it) => asTree(asTree(it['def'])['PartitionCmd'])['concurrent'] === true)) return true
  return ALWAYS_REFUSED.has(type)
}

const ALWAYS_REFUSED = new Set([
  'AlterSystemStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'DropSubscriptionStmt',
])

function refusesAlter(node: Tree): boolean {
  const kind = String(node['kind'])
  if (/REFRESH/.test(kind)) return true
  if (/PUBLICATION/.test(kind)) return !isOff(node, 'refresh')
  return /OPTIONS/.test(kind) && list(node['options']).some((it) => /failover|two_phase/.test(optionName(it)))
}

function isConcurrent(node: Tree): boolean {
  return list(node['params']).some((it) => optionName(it) === 'concurrently')
}

function optionName(option: Tree): string {
  return String(asTree(option['DefElem'])['defname'])
}

function isOff(node: Tree, name: string): boolean {
  const option = list(node['options']).find((it) => optionName(it) === name)
  const value = asTree(asTree(asTree(option?.['DefElem'])['arg'])['String'])['sval']
  return value === 'false' || value === 'off'
}

/** SET TRANSACTION ends with the transaction; SET SESSION CHARACTERISTICS does not. */
function isTransactionSet(node: Tree): boolean {
  return node['kind'] === 'VAR_SET_MULTI' && /^TRANSACTION/.test(String(node['name']))
}

function list(value: unknown): readonly Tree[] {
  return Array.isArray(value) ? value.map(asTree) : []
}

function asTree(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

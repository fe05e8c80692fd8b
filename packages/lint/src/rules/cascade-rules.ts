import { type CatalogObject, compareCatalogs } from '@tidemark/core'
import type { CatalogView } from '../catalog/catalog-view.ts'
import { nameKey, shownName, shownRelation, splitIdentifiers } from '../catalog/names.ts'
import type { Hit, StepRule } from '../model/rule.ts'
import { findStatement, readWords } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { listCommands } from '../tree/walk.ts'

/** Kinds that a reader of the report knows by name. */
const SHOWN: ReadonlySet<string> = new Set([
  'table',
  'view',
  'materialized view',
  'foreign table',
  'function',
  'procedure',
  'aggregate',
  'policy',
  'constraint',
  'trigger',
  'type',
  'domain',
  'enum',
  'sequence',
  'index',
  'column',
])

/** What CASCADE drops, and no statement names. */
export const cascadeDrops: StepRule = {
  id: 'cascade-drops',
  severity: 'error',
  summary: 'CASCADE drops what the statement does not name.',
  *check({ before, after, statements, isBusy }): Iterable<Hit> {
    const cascade = statements.find(dropsByCascade)
    if (cascade === undefined) return
    const gone = compareCatalogs(before.catalog, after.catalog).flatMap((one) => {
      if (one.change !== 'removed') return []
      const inside = one.object.kind === 'schema' ? one.parts.filter(({ kind }) => isOfItself(kind)) : []
      return [one.object, ...inside]
    })
    const unnamed = gone.filter(({ kind, id }) => {
      const own = splitIdentifiers(id)
      const [schema = '', name = ''] = own
      // A part is named by its own name; all else by its second.
      const word = PARTS.has(kind) ? (own[2] ?? name) : name
      const table = before.tables.get(nameKey({ schema, name }))
      return (
        SHOWN.has(kind) &&
        !goesWithColumn(before, after, { kind, id }) &&
        !cascade.words().has(word) &&
        findStatement(statements, [word]) === null &&
        (table === undefined || isBusy(table))
      )
    })
    if (unnamed.length === 0) return
    yield {
      statement: cascade.place,
      message: `CASCADE drops ${unnamed.length === 1 ? 'an object' : `${unnamed.length} objects`} that no statement names`,
      details: unnamed.map(({ kind, id }) => `the ${kind} ${id}`),
      safeSql: `-- name what goes, and no more than that\n-- @up\n${unnamed.map(dropOf).join('\n')}\n${cascade.text.replace(/\s+CASCADE\b/i, '')}`,
    }
  },
}

/** `DROP … CASCADE`, also in code and of a part of a table; `ON DELETE CASCADE` is none. */
function dropsByCascade({ facts, text, tree }: LintSubject['statements'][number]): boolean {
  if (facts.command === 'DO') return /\bDROP\b[^;]*\bCASCADE\b/i.test(text)
  if (!/^(DROP|ALTER) /.test(facts.command)) return false
  const node = tree()
  if (node === undefined) return /\bCASCADE\b/i.test(text)
  if ('DropStmt' in node) return node.DropStmt.behavior === 'DROP_CASCADE'
  return listCommands(node).some(
    ({ subtype, behavior }) => subtype?.startsWith('AT_Drop') === true && behavior === 'DROP_CASCADE',
  )
}

/** A constraint or an index goes with a column of its own table, without CASCADE. */
function goesWithColumn(
  before: CatalogView,
  after: CatalogView,
  { kind, id }: Pick<CatalogObject, 'kind' | 'id'>,
): boolean {
  const [schema = '', name = '', part = ''] = splitIdentifiers(id)
  const index = kind === 'index' ? before.indexes.get(nameKey({ schema, name })) : undefined
  const table = index?.table ?? before.tables.get(nameKey({ schema, name }))
  const now = table && after.tables.get(nameKey(table))
  if (table === undefined || now === undefined) return false
  const words = readWords(
    index?.definition ?? (kind === 'constraint' ? (table.constraints.get(part)?.definition ?? '') : ''),
  )
  return [...table.columns.keys()].some((column) => !now.columns.has(column) && words.has(column))
}

/** Whether an object is more than a part of a table. */
function isOfItself(kind: string): boolean {
  return !PARTS.has(kind) && kind !== 'index'
}

const PARTS: ReadonlySet<string> = new Set(['column', 'constraint', 'trigger', 'policy'])

function dropOf({ kind, id }: CatalogObject): string {
  const [schema = '', name = '', part = ''] = splitIdentifiers(id)
  const table = shownRelation({ schema, name })
  if (kind === 'constraint' || kind === 'column') {
    return `ALTER TABLE ${table} DROP ${kind.toUpperCase()} ${shownName(part)};`
  }
  if (kind === 'policy' || kind === 'trigger')
    return `DROP ${kind.toUpperCase()} ${shownName(part)} ON ${table};`
  if (kind === 'enum') return `DROP TYPE ${table};`
  return `DROP ${kind.toUpperCase()} ${/^(function|procedure|aggregate)$/.test(kind) ? id : table};`
}

const TRUNCATES = /^(TRUNCATE|DO)$/

/** What TRUNCATE empties, and the statement does not name. */
export const truncateCascade: StepRule = {
  id: 'truncate-cascade',
  severity: 'error',
  summary: 'TRUNCATE … CASCADE empties tables that the statement does not name.',
  *check({ statements, before, after, isBusy }) {
    for (const { place, facts, effects, words, text } of statements) {
      if (!TRUNCATES.test(facts.command) || !/\bTRUNCATE\b[^;]*\bCASCADE\b/i.test(text)) continue
      // Other statements of a block lock tables, too; what is emptied has a new file.
      const emptied = new Set(effects.rewrites.map(nameKey))
      const unnamed = effects.locks
        .filter(({ relation }) => facts.command === 'TRUNCATE' || emptied.has(nameKey(relation)))
        .filter(
          ({ mode, relation }) => mode === 'ACCESS EXCLUSIVE' && relation.kind === 'table' && !relation.isNew,
        )
        .map(({ relation }) => relation)
        .filter((relation) => !words().has(relation.name) && isBusy(relation, place))
        .filter((relation) => {
          const parent = (
            before.tables.get(nameKey(relation)) ?? after.tables.get(nameKey(relation))
          )?.object.facets.get('inherits')
          return parent === undefined || !splitIdentifiers(parent).some((name) => words().has(name))
        })
      if (unnamed.length === 0) continue
      yield {
        statement: place,
        message: `TRUNCATE also empties ${unnamed.map(shownRelation).join(', ')}`,
        safeSql: `-- name every table that is to be empty\n-- @up\n${text.replace(/\s+CASCADE\b/i, '').replace(/;?\s*$/, '')}, ${unnamed.map(shownRelation).join(', ')};`,
      }
    }
  },
}

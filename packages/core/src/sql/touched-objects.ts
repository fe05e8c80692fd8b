import type { Span } from '../text/span.ts'
import { readNames } from './facts/drop-facts.ts'
import { readCreateHead, readObjectType } from './facts/object-type.ts'
import { formatRelationName, type RelationName } from './facts/relation-name.ts'
import { TokenCursor } from './facts/token-cursor.ts'

/** An object that a statement makes, changes, fills or removes. */
export interface TouchedObject extends RelationName {
  /**
   * `relation` for tables, views, sequences and what belongs to a table; else the type, such as `function`.
   */
  readonly kind: string
}

const RELATIONS = new Set(['table', 'view', 'materialized view', 'foreign table', 'sequence'])
const OF_TABLE = new Set(['trigger', 'policy', 'rule'])
const NAMELESS = new Set(['default privileges', 'system', 'owned', 'user mapping', ''])

/**
 * Lists the objects that the text of one statement names as its subject: the table of an INSERT or of a
 * trigger, the function of a CREATE FUNCTION. What it only reads or refers to is left out, and bodies of
 * functions and DO blocks are not looked into.
 *
 * @example listTouchedObjects('ALTER TABLE app.a ADD b int', { start: 0, end: 27 }) // [{ kind: 'relation', schema: 'app', name: 'a' }]
 */
export function listTouchedObjects(text: string, span: Span): readonly TouchedObject[] {
  const cursor = new TokenCursor(text, span)
  const first = cursor.word
  cursor.advance()
  switch (first) {
    case 'create':
      return readCreated(cursor)
    case 'alter':
    case 'drop':
      return readAltered(cursor)
    case 'comment':
      return cursor.accept('on') ? readAltered(cursor) : []
    case 'insert':
    case 'merge':
      return cursor.accept('into') ? relations(one(cursor)) : []
    case 'delete':
      return cursor.accept('from') ? relations(one(cursor)) : []
    case 'update':
    case 'copy':
      return relations(one(cursor))
    case 'truncate':
      cursor.accept('table')
      return relations(many(cursor))
    case 'refresh':
      cursor.accept('materialized', 'view')
      cursor.accept('concurrently')
      return relations(one(cursor))
    case 'grant':
    case 'revoke':
      return readGranted(cursor)
    default:
      return []
  }
}

/**
 * Writes an object for people; a name without a schema is that of `public`.
 *
 * @example formatTouchedObject({ kind: 'relation', schema: 'public', name: 'a' }) // 'a'
 */
export function formatTouchedObject({ kind, schema, name }: TouchedObject): string {
  const written = formatRelationName(
    schema === undefined || schema === 'public' ? { name } : { schema, name },
  )
  return kind === 'relation' ? written : `${kind} ${written}`
}

function readCreated(cursor: TokenCursor): readonly TouchedObject[] {
  const { type } = readCreateHead(cursor)
  if (type === 'index' || OF_TABLE.has(type)) {
    if (!cursor.skipTo(type === 'rule' ? 'to' : 'on')) return []
    cursor.advance()
    return relations(one(cursor))
  }
  if (NAMELESS.has(type)) return []
  cursor.accept('if', 'not', 'exists')
  return objects(type, one(cursor))
}

function readAltered(cursor: TokenCursor): readonly TouchedObject[] {
  const type = readObjectType(cursor)
  if (NAMELESS.has(type)) return []
  cursor.accept('concurrently')
  cursor.accept('if', 'exists')
  if (OF_TABLE.has(type) || type === 'constraint') {
    if (!cursor.skipTo('on')) return []
    cursor.advance()
    return relations(one(cursor))
  }
  if (type === 'column') return relations(one(cursor).map(tableOfColumn))
  cursor.accept('only')
  return objects(type, readNames(cursor))
}

/** Of `a.b` as a column the last part is the column. */
function tableOfColumn({ schema, name }: RelationName): RelationName {
  return { name: schema ?? name }
}

function readGranted(cursor: TokenCursor): readonly TouchedObject[] {
  if (!cursor.skipTo('on')) return []
  cursor.advance()
  if (cursor.isWord('all')) return []
  const type = cursor.acceptOneOf('table', 'sequence', 'function', 'procedure', 'routine', 'schema', 'type')
  return objects(type ?? 'table', readNames(cursor))
}

function objects(type: string, names: readonly RelationName[]): readonly TouchedObject[] {
  if (RELATIONS.has(type)) return relations(names)
  const kind = type === 'procedure' || type === 'routine' ? 'function' : type
  return names.map((name) => ({ ...name, kind }))
}

function relations(names: readonly RelationName[]): readonly TouchedObject[] {
  return names.map((name) => ({ ...name, kind: 'relation' }))
}

function one(cursor: TokenCursor): readonly RelationName[] {
  cursor.accept('only')
  const name = cursor.readName()
  return name === undefined ? [] : [name]
}

function many(cursor: TokenCursor): readonly RelationName[] {
  const names: RelationName[] = []
  do names.push(...one(cursor))
  while (cursor.acceptText('*') || cursor.acceptText(','))
  return names
}

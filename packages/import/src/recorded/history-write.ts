import {
  listTouchedObjects,
  type RelationName,
  scanSql,
  type Token,
  tokens,
  unquoteName,
} from '@tidemark/core'
import type { RecordedStatement } from './recorded-statement.ts'

/** A table of the scratch database, with its columns in their order. */
export interface TableColumns extends RelationName {
  readonly columns: readonly string[]
}

/** A write to a table, as far as its text says. */
export interface TableWrite {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly table: RelationName
  /** The columns that get a literal, of each row. */
  readonly rows: readonly ReadonlyMap<string, string>[]
  /** Every literal of the statement. */
  readonly literals: readonly string[]
}

const KINDS = new Map([
  ['insert', 'insert'],
  ['copy', 'insert'],
  ['update', 'update'],
  ['delete', 'delete'],
] as const)

/**
 * Reads an INSERT, COPY, UPDATE or DELETE; undefined for other statements.
 *
 * @param tables say which columns a row has, where the statement lists none.
 */
export function readTableWrite(
  { text, data }: Pick<RecordedStatement, 'text' | 'data'>,
  tables: readonly TableColumns[],
): TableWrite | undefined {
  const [statement] = scanSql(text).statements
  if (statement === undefined) return undefined
  const span = { start: statement.codeStart, end: statement.codeEnd }
  const words = [...tokens(text, span)].filter(({ kind }) => !/comment|semicolon/.test(kind))
  const read = (token: Token | undefined): string =>
    token === undefined ? '' : text.slice(token.start, token.end)
  const command = read(words[0]).toLowerCase()
  const kind = [...KINDS].find(([word]) => word === command)?.[1]
  const [object] = kind === undefined ? [] : listTouchedObjects(text, span)
  if (kind === undefined || object === undefined) return undefined
  const { kind: _, ...table } = object
  const columns = findColumns(tables, table)
  const rows =
    kind === 'update'
      ? [readAssigned(words, read)]
      : kind === 'delete'
        ? []
        : command === 'copy'
          ? readCopied({ words, read, columns }, data ?? '')
          : readInserted({ words, read, columns })
  return { kind, table, rows, literals: words.flatMap((token) => readLiteral(token, read) ?? []) }
}

/** Gives the columns of a table; without a schema, of the first table of that name. */
export function findColumns(
  tables: readonly TableColumns[],
  { schema, name }: RelationName,
): readonly string[] {
  const isIt = (one: RelationName): boolean =>
    one.name === name && (schema === undefined || one.schema === schema)
  return tables.find(isIt)?.columns ?? []
}

type Read = (token: Token | undefined) => string

interface Statement {
  readonly words: readonly Token[]
  readonly read: Read
  /** Of the table. */
  readonly columns: readonly string[]
}

/** The rows of VALUES, or the one of a SELECT of literals. */
function readInserted({ words, read, columns }: Statement): readonly ReadonlyMap<string, string>[] {
  const at = findWord(words, read, /^(?:values|select)$/i)
  if (at === -1) return []
  const end = findWord(words, read, /^(?:on|returning|from|where|union|limit|order)$/i, at)
  const behind = words.slice(at + 1, end === -1 ? undefined : end)
  const names = readNames({ words: words.slice(0, at), read, columns })
  const rows = /^values$/i.test(read(words[at])) ? readLists(behind, read) : [splitAtCommas(behind, read)]
  return rows.map((row) =>
    toRow(
      names,
      row.map((element) => readElement(element, read)),
    ),
  )
}

/** The columns that are listed behind the table's name, else all of them. */
function readNames({ words, read, columns }: Statement): readonly string[] {
  const [listed] = readLists(words, read)
  return listed === undefined ? columns : listed.map(([token]) => unquoteName(read(token)))
}

function toRow(
  names: readonly string[],
  values: readonly (string | undefined)[],
): ReadonlyMap<string, string> {
  return new Map(
    values.flatMap((value, index): readonly (readonly [string, string])[] => {
      const name = names[index]
      return value === undefined || name === undefined ? [] : [[name, value]]
    }),
  )
}

/** The rows of a COPY in the text format; other formats say nothing here. */
function readCopied(
  { words, read, columns }: Statement,
  data: string,
): readonly ReadonlyMap<string, string>[] {
  const at = findWord(words, read, /^from$/i)
  if (at === -1 || words.slice(at).some((token) => /^'?(?:csv|binary|delimiters?)'?$/i.test(read(token))))
    return []
  const names = readNames({ words: words.slice(0, at), read, columns })
  const lines = data.split('\n').filter((line) => line !== '' && line !== '\\.')
  return lines.map((line) =>
    toRow(
      names,
      line.split('\t').map((field) => (field === '\\N' ? undefined : field.replace(/\\(.)/g, '$1'))),
    ),
  )
}

/** The place of a word outside of parentheses. */
function findWord(words: readonly Token[], read: Read, pattern: RegExp, from = 0): number {
  let depth = 0
  return words.findIndex((token, index) => {
    if (token.kind === 'open') depth += 1
    if (token.kind === 'close') depth -= 1
    return depth === 0 && index >= from && token.kind === 'word' && pattern.test(read(token))
  })
}

/** The lists in parentheses of a statement, each with the tokens of its elements. */
function readLists(words: readonly Token[], read: Read): readonly (readonly (readonly Token[])[])[] {
  const lists: (readonly (readonly Token[])[])[] = []
  let depth = 0
  let start = 0
  for (const [index, token] of words.entries()) {
    if (token.kind === 'open' && read(token) === '(') {
      if (depth === 0) start = index + 1
      depth += 1
    } else if (token.kind === 'close' && read(token) === ')') {
      depth -= 1
      if (depth === 0) lists.push(splitAtCommas(words.slice(start, index), read))
    }
  }
  return lists
}

function splitAtCommas(words: readonly Token[], read: Read): readonly (readonly Token[])[] {
  const elements: Token[][] = [[]]
  let depth = 0
  for (const token of words) {
    if (token.kind === 'open') depth += 1
    if (token.kind === 'close') depth -= 1
    if (depth === 0 && read(token) === ',') elements.push([])
    else elements.at(-1)?.push(token)
  }
  return elements
}

/** An element that is a literal, with or without a cast: `'1'::text`, `('1')`, `CAST('1' AS text)`, `text '1'`. */
function readElement(element: readonly Token[], read: Read): string | undefined {
  const at = element.findIndex((token) => readLiteral(token, read) !== undefined)
  const before = element.slice(0, at)
  const isPlain = before.every(
    (token) => token.kind === 'open' || /^(?:cast|text|varchar|bigint|int)$/i.test(read(token)),
  )
  return isPlain ? readLiteral(element[at], read) : undefined
}

/** The `column = literal` of a SET. */
function readAssigned(words: readonly Token[], read: Read): ReadonlyMap<string, string> {
  const assigned = new Map<string, string>()
  for (const [index, token] of words.entries()) {
    if (/^where$/i.test(read(token))) break
    const [column, value] = [words[index - 1], words[index + 1]]
    if (read(token) !== '=' || column === undefined || value === undefined) continue
    const literal = readLiteral(value.kind === 'open' ? words[index + 2] : value, read)
    if (literal !== undefined) assigned.set(unquoteName(read(column)), literal)
  }
  return assigned
}

function readLiteral(token: Token | undefined, read: Read): string | undefined {
  const text = read(token)
  if (token?.kind === 'number') return text
  if (token?.kind === 'dollar_string') return text.replace(/^(\$[^$]*\$)([\s\S]*)\1$/, '$2')
  if (token?.kind !== 'string') return undefined
  const content = text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'")
  return /^e'/i.test(text) ? content.replace(/\\(.)/g, '$1') : content
}

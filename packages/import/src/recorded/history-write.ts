import {
  listTouchedObjects,
  type RelationName,
  scanSql,
  type Token,
  tokens,
  unquoteName,
} from '@tidemark/core'
import type { RecordedStatement } from './recorded-statement.ts'

/** A write to a table, as far as its text says. */
export interface TableWrite {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly table: RelationName
  /** The columns that get a literal, of each row. */
  readonly rows: readonly ReadonlyMap<string, string>[]
  /** Every literal of the statement. */
  readonly literals: readonly string[]
}

/** Reads an INSERT, UPDATE or DELETE; undefined for other statements. */
export function readTableWrite({ text }: Pick<RecordedStatement, 'text'>): TableWrite | undefined {
  const [statement] = scanSql(text).statements
  if (statement === undefined) return undefined
  const { codeStart: start, codeEnd: end } = statement
  const [word = ''] = /^\w+/.exec(text.slice(start, end)) ?? []
  const kind = word.toLowerCase()
  if (kind !== 'insert' && kind !== 'update' && kind !== 'delete') return undefined
  const [object] = listTouchedObjects(text, { start, end })
  if (object === undefined) return undefined
  const words = [...tokens(text, { start, end })].filter((token) => !/comment/.test(token.kind))
  const read = (token: Token): string => text.slice(token.start, token.end)
  const { kind: _, ...table } = object
  return {
    kind,
    table,
    rows:
      kind === 'insert' ? readInserted(words, read) : kind === 'update' ? [readAssigned(words, read)] : [],
    literals: words.flatMap((token) => readLiteral(token, read) ?? []),
  }
}

type Read = (token: Token) => string

function readInserted(words: readonly Token[], read: Read): readonly ReadonlyMap<string, string>[] {
  const [columns, ...rows] = readLists(words, read)
  const names = (columns ?? []).map(([token]) => (token === undefined ? '' : unquoteName(read(token))))
  return rows.map(
    (row) =>
      new Map(
        row.flatMap(([token], index): readonly (readonly [string, string])[] => {
          const literal = token && readLiteral(token, read)
          return literal === undefined ? [] : [[names[index] ?? '', literal]]
        }),
      ),
  )
}

/** The lists in parentheses of a statement, each with the tokens of its elements. */
function readLists(words: readonly Token[], read: Read): readonly (readonly (readonly Token[])[])[] {
  const lists: Token[][][] = []
  let depth = 0
  for (const token of words) {
    if (token.kind === 'open') depth += 1
    if (token.kind === 'open' && depth === 1 && read(token) === '(') lists.push([[]])
    else if (token.kind === 'close') depth -= 1
    else if (depth === 1 && read(token) === ',') lists.at(-1)?.push([])
    else if (depth > 0) lists.at(-1)?.at(-1)?.push(token)
  }
  return lists
}

/** The `column = literal` of a SET. */
function readAssigned(words: readonly Token[], read: Read): ReadonlyMap<string, string> {
  const assigned = new Map<string, string>()
  for (const [index, token] of words.entries()) {
    if (/^where$/i.test(read(token))) break
    const [column, value] = [words[index - 1], words[index + 1]]
    if (read(token) !== '=' || column === undefined || value === undefined) continue
    const literal = readLiteral(value, read)
    if (literal !== undefined) assigned.set(unquoteName(read(column)), literal)
  }
  return assigned
}

function readLiteral(token: Token, read: Read): string | undefined {
  const text = read(token)
  if (token.kind === 'number') return text
  if (token.kind !== 'string') return undefined
  const content = text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'")
  return /^e'/i.test(text) ? content.replace(/\\(.)/g, '$1') : content
}

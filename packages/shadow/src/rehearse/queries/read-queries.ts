import { lineAndColumn, scanSql } from '@tidemark/core'
import { z } from 'zod'
import type { ApplicationQuery } from './query.ts'
import { withoutSqlcWords } from './sqlc.ts'

/** What was found in a file of queries. */
export interface ReadQueries {
  /** Each text once, in the order in which they come. */
  readonly queries: readonly ApplicationQuery[]
  /** Lines in which no statement was found; a text that was cut, or a message of something else. */
  readonly unread: number
}

/** Where a statement begins that can be prepared. */
const PREPARED =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(?:select|insert|update|delete|merge|with|values|table)\b/i

/**
 * Finds the statements of an application in a text: SQL, also as sqlc takes it; JSON, an array or a value a line, as
 * the logs of Kysely, Drizzle, Prisma and loggers around them write it; or the lines that Drizzle and Prisma print.
 * Values of parameters are not looked at. What cannot be prepared, such as BEGIN, is left out.
 *
 * @param path how messages name the file
 * @example readQueries('SELECT 1;', 'queries.sql').queries[0]?.source // 'queries.sql:1'
 */
export function readQueries(text: string, path: string): ReadQueries {
  const source = text.replace(/^\uFEFF/, '')
  const array = /^\s*\[/.test(source) ? parseJson(source) : undefined
  if (Array.isArray(array)) return fromArray(array, path)
  if (/^\s*\{/.test(source) || PRINTED.test(source.trimStart())) return fromLines(source, path)
  return collect(
    scanSql(source).statements.map(({ codeStart, codeEnd }) => ({
      text: withoutSqlcWords(source.slice(codeStart, codeEnd)),
      line: lineAndColumn({ path, text: source }, codeStart).line,
    })),
    path,
  )
}

interface Found {
  /** Undefined where no statement was found. */
  readonly text: string | undefined
  readonly line: number
}

function collect(found: readonly Found[], path: string): ReadQueries {
  const queries = new Map<string, ApplicationQuery>()
  let unread = 0
  for (const { text, line } of found) {
    const trimmed = text?.replace(/\s*;?\s*$/, '').trimStart()
    if (trimmed === undefined) unread += 1
    else if (PREPARED.test(trimmed) && !queries.has(trimmed))
      queries.set(trimmed, { text: trimmed, source: `${path}:${line}`, role: null })
  }
  return { queries: [...queries.values()], unread }
}

/** Undefined where it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fromArray(entries: readonly unknown[], path: string): ReadQueries {
  return collect(
    entries.map((entry, index) => ({ text: findText(entry), line: index + 1 })),
    path,
  )
}

function fromLines(source: string, path: string): ReadQueries {
  const lines = source.split(/\r?\n/).map((text, index) => ({ text, line: index + 1 }))
  return collect(
    lines
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, line }) => ({ text: textOfLine(text.trim()), line })),
    path,
  )
}

/** `Query: select 1 -- params: []` of Drizzle, `prisma:query SELECT 1` of Prisma. */
const PRINTED = /^(?:prisma:query\s+|Query:\s+)/

function textOfLine(line: string): string | undefined {
  return line.startsWith('{') ? findText(parseJson(line)) : printedText(line)
}

function printedText(line: string): string | undefined {
  return PRINTED.test(line) ? line.replace(PRINTED, '').replace(/ -- params: \[.*\]$/s, '') : undefined
}

const Entry = z.object({
  query: z.union([z.string(), z.object({ sql: z.string() })]).optional(),
  sql: z.string().optional(),
  statement: z.string().optional(),
  msg: z.string().optional(),
  message: z.string().optional(),
})

/** The statement of an entry; a message counts where it is one that Drizzle or Prisma prints. */
function findText(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry
  const parsed = Entry.safeParse(entry)
  if (!parsed.success) return undefined
  const { query, sql, statement, msg, message } = parsed.data
  const printed = printedText(msg ?? message ?? '')
  return (typeof query === 'object' ? query.sql : query) ?? sql ?? statement ?? printed
}

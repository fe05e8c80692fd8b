import { readFile } from 'node:fs/promises'
import { maskSecrets, scanSql, TidemarkError } from '@tidemark/core'
import { connectToServer, explainConnectFailure } from '@tidemark/pg-driver/engine'
import type { FleetTarget } from './fleet-target.ts'
import { type ParsedTarget, parseTargets, type TargetOrigin } from './parse-targets.ts'

/**
 * Where targets come from: a list; a function of code; a query that gives a row for each; a file with JSON (a
 * list) or NDJSON (an object a line). A query and a file are not believed: they may name only hosts of `hosts`.
 */
export type TargetSource =
  | readonly FleetTarget[]
  | (() => readonly FleetTarget[] | Promise<readonly FleetTarget[]>)
  | { readonly query: string; readonly database: string }
  | { readonly file: string }

/** How {@link readTargets} reads. */
export interface ReadTargetsOptions {
  /** Required for a query and for a file. */
  readonly hosts?: readonly string[] | undefined
  /** Given the URLs of the targets before any of them is used, for those who mask what they hold. */
  readonly onTargets?: ((urls: readonly string[]) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const CONNECT_LIMIT_MS = 10_000

/**
 * Reads the targets and checks each.
 *
 * @throws TidemarkError TM7071 when they cannot be read, TM7003 without the hosts that a query or a file needs.
 */
export async function readTargets(
  source: TargetSource,
  { hosts, onTargets, signal }: ReadTargetsOptions,
): Promise<readonly ParsedTarget[]> {
  const parse = (entries: readonly unknown[], origin: TargetOrigin): readonly ParsedTarget[] => {
    onTargets?.(entries.flatMap(urlsOf))
    return parseTargets(entries, origin)
  }
  if (typeof source === 'function') return parse(listOf(await calledSource(source)), { kind: 'code' })
  if (!('query' in source) && !('file' in source)) return parse(listOf(source), { kind: 'code' })
  if (hosts === undefined || hosts.length === 0) {
    throw new TidemarkError({
      code: 'TM7003',
      message: 'targets from a query or a file need "hosts"',
      help: 'list the hosts that they may lead to, such as ["*.db.internal"]: who writes the targets must not choose where connections go',
    })
  }
  const entries = 'query' in source ? await queryTargets(source, signal) : await readFileTargets(source.file)
  return parse(entries, { kind: 'outside', hosts })
}

function urlsOf(entry: unknown): readonly string[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { database, directUrl }: { readonly database?: unknown; readonly directUrl?: unknown } = entry
  return [database, directUrl].filter((url) => typeof url === 'string')
}

async function calledSource(source: () => unknown): Promise<unknown> {
  try {
    return await source()
  } catch (cause) {
    const said = maskSecrets(cause instanceof Error ? cause.message : String(cause))
    throw cannotRead(`the function failed: ${said}`, 'fix the function of the configuration', cause)
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw cannotRead('they are not a list', 'give a list of objects with name and database')
}

async function queryTargets(
  { query, database }: { readonly query: string; readonly database: string },
  signal: AbortSignal | undefined,
): Promise<readonly unknown[]> {
  const { length } = scanSql(query).statements
  if (length !== 1) throw cannotRead(`the query has ${length} statements`, 'write one SELECT')
  const connection = await connectToServer({
    url: database,
    applicationName: 'tidemark fleet',
    timeoutMs: CONNECT_LIMIT_MS,
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw explainConnectFailure(error, database, CONNECT_LIMIT_MS)
  })
  try {
    await connection.query('SET default_transaction_read_only = on')
    const { rows } = await connection.query(query)
    return rows.map(withSearchPath)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw cannotRead(
      `the query failed: ${said}`,
      'try it with psql; it gives name and database, and may give schema, searchPath, ring and tags',
      cause,
    )
  } finally {
    await connection.close()
  }
}

/** An alias without quotes is in lower case. */
function withSearchPath(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { searchpath, search_path: spelled = searchpath, ...others } = row
  return spelled === undefined ? others : { searchPath: spelled, ...others }
}

async function readFileTargets(file: string): Promise<readonly unknown[]> {
  let text: string
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  } catch (cause) {
    const said = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw cannotRead(
      `"${file}" cannot be read (${said})`,
      'check the path, which belongs to the folder of the configuration',
      cause,
    )
  }
  return text.trimStart().startsWith('[') ? listOf(parseJson(text, file)) : parseLines(text, file)
}

function parseLines(text: string, file: string): readonly unknown[] {
  return text.split('\n').flatMap((line, place) => {
    return line.trim() === '' ? [] : [parseJson(line, `${file}:${place + 1}`)]
  })
}

/** The message of the parser quotes the text, which holds passwords. */
function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw cannotRead(`"${place}" is not JSON`, 'write one list, or one object a line')
  }
}

function cannotRead(reason: string, help: string, cause?: unknown): TidemarkError {
  const said = cause instanceof Error ? { cause } : {}
  return new TidemarkError({
    code: 'TM7071',
    message: `the targets of the fleet cannot be read: ${reason}`,
    help,
    ...said,
  })
}

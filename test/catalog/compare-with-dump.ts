import {
  type CatalogDifference,
  compareCatalogs,
  describeCatalogDifference,
  differenceKey,
  readCatalog,
} from '@tidemark/core'
import pg from 'pg'
import { normalizeDump } from './pg-dump.ts'

/** One statement after which the dump and the catalog do not agree on whether anything changed. */
export interface Disagreement {
  readonly kind: 'only the dump differs' | 'only the catalog differs'
  readonly statement: string
  /** What differs, for reading. */
  readonly shown: readonly string[]
}

/** What came of a script. */
export interface DumpComparison {
  readonly compared: number
  readonly disagreements: readonly Disagreement[]
}

/** How a script is run. */
export interface CompareOptions {
  readonly url: string
  readonly statements: readonly string[]
  readonly dump: (url: string) => Promise<string>
  /** Statements that are not sent at all. */
  readonly isSkipped?: (statement: string) => boolean
  readonly timeoutMs?: number
}

/** The same for all catalogs, so that passwords are compared. */
const SECRET_KEY = 'key of the test'

/** May change a schema. What another statement changes is seen after the next of these. */
const MAY_CHANGE =
  /^\s*(create|alter|drop|comment|grant|revoke|security|reassign|do|begin|import|cluster|refresh|call|commit|end|abort|rollback|select\s.*\binto\b|analyze|reindex|vacuum|prepare)\b/is

/**
 * Executes statements one by one. After each that is committed and may have changed a schema, a dump and the
 * catalog are compared with those before it: both have to differ, or none.
 */
export async function compareWithDump(options: CompareOptions): Promise<DumpComparison> {
  const script = await connect(options.url)
  const reader = await connect(options.url)
  const look = async () => {
    const dumping = options.dump(options.url)
    const [text, catalog] = await Promise.all([dumping, readCatalog(reader, { secretKey: SECRET_KEY })])
    return { dump: normalizeDump(text), catalog }
  }
  const disagreements: Disagreement[] = []
  let compared = 0
  try {
    let last = await look()
    let isDirty = false
    let seen = await readLastTransaction(reader)
    for (const statement of options.statements) {
      if (options.isSkipped?.(statement) || !(await succeeds(script, statement, options.timeoutMs))) continue
      if (script.getTransactionStatus() !== 'I') continue
      isDirty ||= MAY_CHANGE.test(statement)
      const written = await readLastTransaction(reader)
      if (!isDirty || written === seen) continue
      ;[isDirty, seen] = [false, written]
      const now = await look()
      const differences = compareCatalogs(last.catalog, now.catalog)
      compared += 1
      if (now.dump !== last.dump && differences.length === 0) {
        disagreements.push({
          kind: 'only the dump differs',
          statement,
          shown: changedLines(last.dump, now.dump),
        })
      }
      if (now.dump === last.dump && differences.length > 0) {
        disagreements.push({
          kind: 'only the catalog differs',
          statement,
          shown: differences.flatMap(describe),
        })
      }
      last = now
    }
  } finally {
    await script.end()
    await reader.end()
  }
  return { compared, disagreements }
}

/** Moves on with each transaction that writes anything. */
async function readLastTransaction(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ next: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
  )
  return rows[0]?.next
}

function describe(difference: CatalogDifference): readonly string[] {
  const [sentence = differenceKey(difference)] = describeCatalogDifference(difference)
  return [sentence]
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'tidemark test' })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function succeeds(client: pg.Client, statement: string, timeoutMs = 20_000): Promise<boolean> {
  try {
    await client.query(`SET statement_timeout = ${timeoutMs}`).catch(() => undefined)
    await client.query(statement)
    return true
  } catch {
    return false
  }
}

function changedLines(before: string, after: string): readonly string[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const [inA, inB] = [new Set(a), new Set(b)]
  const changed = [
    ...a.filter((line) => !inB.has(line)).map((line) => `- ${line}`),
    ...b.filter((line) => !inA.has(line)).map((line) => `+ ${line}`),
  ]
  if (changed.length > 0) return changed
  return a.flatMap((line, at) => (line === b[at] ? [] : `moved ${line}`))
}

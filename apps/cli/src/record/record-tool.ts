import { type Catalog, TidemarkError } from '@tidemark/core'
import {
  countSteps,
  findHistory,
  type RecordedHistory,
  type RecordedStatement,
  type Recording,
  type TableColumns,
} from '@tidemark/import'
import type { Shadow } from '@tidemark/shadow'
import { type RecordingProxy, startProxy } from './proxy/start-proxy.ts'
import { listTables, readLeft } from './read-left.ts'
import { runTool } from './run-tool.ts'

/** What is recorded. */
export interface RecordRequest {
  /** Applies all migrations. */
  readonly command: string
  /** Rolls back one migration, or all; undefined: the way back is not recorded. */
  readonly downCommand: string | undefined
  /** The tool's table; undefined: one of the known ones. */
  readonly history: string | undefined
  readonly signal: AbortSignal
  readonly onOutput: (line: string) => void
  /** Says why SQL may not run on the scratch database; undefined where it may. */
  readonly refuse: (sql: string) => string | undefined
}

const WAITING =
  'tidemark: a connection waits for the transaction of another one, and the embedded PostgreSQL has one session. If nothing goes on, press Ctrl-C and set `shadow` to a server (docs/shadow.md).'

/** What a tool did on a scratch database. */
export interface ToolRecording extends Recording {
  /** The schema that it left, without its own tables. */
  readonly left: Catalog
  /** The schema after the way back; undefined: it was not recorded, or does not reach the beginning. */
  readonly leftBack: Catalog | undefined
  /** Why the way back ended early. */
  readonly stopped: string | undefined
}

/**
 * Runs a tool's commands against a scratch database, and records what they send.
 *
 * @throws {TidemarkError} TM7045 when the tool does not connect, TM7046 when it fails, TM7047 when it writes
 *   to no table that says what it applied.
 */
export async function recordTool(shadow: Shadow, request: RecordRequest): Promise<ToolRecording> {
  const { refuse, onOutput } = request
  const proxy = await startProxy(shadow, { refuse, onWaiting: () => onOutput(WAITING) })
  const stop = (): void => void proxy.close()
  request.signal.addEventListener('abort', stop, { once: true })
  try {
    await run(proxy, request.command, request)
    const up = [...proxy.tape.statements]
    const history = requireHistory(up, await listTables(shadow), request)
    const after = await readLeft(shadow, history)
    const facts = { history, functions: after.functions, ownSchema: after.ownSchema }
    const steps = countSteps(up, { ...facts, up, down: undefined }, 'up')
    if (steps === 0) throw nothingApplied(request.command)
    const back = await recordBack(proxy, { request, facts: { ...facts, up, down: undefined }, steps })
    const isWhole = back !== undefined && back.left === 0
    return {
      ...facts,
      up,
      down: back?.statements,
      left: after.catalog,
      leftBack: isWhole ? (await readLeft(shadow, history)).catalog : undefined,
      stopped: back?.stopped,
    }
  } finally {
    request.signal.removeEventListener('abort', stop)
    await proxy.close()
  }
}

async function run(proxy: RecordingProxy, command: string, request: RecordRequest): Promise<void> {
  const before = proxy.connections
  await runTool(command, { ...request, proxy })
  await proxy.settle()
  if (proxy.connections > before) return
  throw new TidemarkError({
    code: 'TM7045',
    message: `\`${command}\` made no connection to the scratch database`,
    help: 'it may have used another database: look there. Let its configuration read DATABASE_URL, or PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE',
  })
}

function requireHistory(
  statements: readonly RecordedStatement[],
  tables: readonly TableColumns[],
  { command, history: named }: RecordRequest,
): RecordedHistory {
  const found = findHistory(statements, { named, tables })
  if (found.kind === 'found') return found.history
  if (found.kind === 'unreadable') throw unreadable(command, named)
  const written = found.kind === 'several' ? found.names : found.written
  const list = written.map((name) => `"${name}"`).join(', ')
  const message =
    found.kind === 'several'
      ? `\`${command}\` wrote to several tables that may be its history: ${list}`
      : named !== undefined
        ? `\`${command}\` sent no INSERT, UPDATE or COPY for "${named}"`
        : `\`${command}\` wrote to no known table of a migration tool`
  const help =
    written.length === 0
      ? 'run the command that applies all migrations; if they are applied already, it did not use the scratch database'
      : `name the table in which it lists what it applied: \`--history TABLE\`; it wrote to ${list}`
  throw new TidemarkError({ code: 'TM7047', message, help })
}

function unreadable(command: string, named: string | undefined): TidemarkError {
  return new TidemarkError({
    code: 'TM7047',
    message: `\`${command}\` wrote to "${named}", but its statements do not show which migration they are for`,
    help: 'a row must be written with values, such as INSERT … VALUES or an UPDATE, and not be computed or read from another table',
  })
}

function nothingApplied(command: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7047',
    message: `\`${command}\` applied no migration`,
    help: 'run the command that applies all migrations, in the folder of the project',
  })
}

interface BackRequest {
  readonly request: RecordRequest
  readonly facts: Recording
  /** How many migrations there are. */
  readonly steps: number
}

interface RecordedBack {
  readonly statements: readonly RecordedStatement[]
  /** How many migrations were not rolled back. */
  readonly left: number
  readonly stopped: string | undefined
}

/** Runs the command of the way back until nothing is left: most tools take one step at a time. */
async function recordBack(
  proxy: RecordingProxy,
  { request, facts, steps }: BackRequest,
): Promise<RecordedBack | undefined> {
  const { downCommand } = request
  if (downCommand === undefined) return undefined
  const start = proxy.tape.statements.length
  let left = steps
  while (left > 0) {
    const before = proxy.tape.statements.length
    const failure = await run(proxy, downCommand, request).then(
      () => undefined,
      (error: unknown) => error,
    )
    request.signal.throwIfAborted()
    const done = countSteps(proxy.tape.statements.slice(before), facts, 'down')
    left -= done
    const statements = proxy.tape.statements.slice(start)
    if (failure !== undefined && left === steps) throw failure
    if (failure !== undefined) return { statements, left, stopped: reasonOf(failure) }
    if (done === 0) return { statements, left, stopped: `\`${downCommand}\` rolled back nothing more` }
  }
  return { statements: proxy.tape.statements.slice(start), left, stopped: undefined }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import {
  type Diagnostic,
  describeDestruction,
  type LockHolder,
  listHeads,
  type Migration,
  type MigrationAttempt,
  type MigrationGraph,
  type MigrationId,
  type MigrationSection,
  type MigrationState,
  maskSecrets,
  type PlanTarget,
  readStatementFacts,
  type TouchedRelation,
} from '@tidemark/core'
import type {
  CheckReport,
  HeldLock,
  RehearsalReport,
  SchemaEvolution,
  SchemaStep,
  TracedStatement,
} from '@tidemark/shadow'
import type {
  ReportAttempt,
  ReportDocument,
  ReportFleetTarget,
  ReportMigration,
  ReportSection,
} from './document/report-document.ts'
import { toChange } from './to-change.ts'
import { toLocks, toRehearsal } from './to-rehearsal.ts'

/** What a report is made of. What is absent was not looked at. */
export interface ReportInput {
  readonly toolVersion: string
  /** The name that it is headed with. */
  readonly project: string
  readonly generatedAt: Date
  readonly graph: MigrationGraph
  /** What was found about files and database. */
  readonly findings?: readonly Diagnostic[]
  /** How the schema came to be, on a shadow. */
  readonly evolution?: SchemaEvolution
  readonly check?: CheckReport
  readonly database?: ReportDatabase
  /** How the targets of a fleet are. */
  readonly fleet?: readonly ReportFleetTarget[]
  /** Who ran what. Default: left out. */
  readonly details?: 'included' | 'left_out'
}

/** What a report says of a database. */
export interface ReportDatabase {
  readonly target: PlanTarget
  readonly states: ReadonlyMap<MigrationId, MigrationState>
  /** In any order. */
  readonly attempts: readonly MigrationAttempt[]
  readonly drift?: readonly string[]
  /** What the pending migrations do on a copy of its schema. */
  readonly rehearsal?: RehearsalReport
  /** What other sessions hold at the moment. */
  readonly locks?: readonly HeldLock[]
  readonly tables?: ReportDocument['tables']
  readonly runner?: LockHolder | null
}

/** Longer sections are cut. */
const MAX_SECTION = 100_000

/**
 * Makes the document of a report: everything that is shown, and nothing that was not asked for. Secrets are masked,
 * rows and the names of those who ran migrations are left out.
 *
 * @example
 * const document = makeReport({ graph, project: 'shop', toolVersion: '0.2.0', generatedAt: new Date() })
 * document.migrations.map(({ id }) => id) // ['001_users', '002_orders']
 */
export function makeReport(input: ReportInput): ReportDocument {
  const { graph, database, evolution, details = 'left_out' } = input
  const withDetails = details === 'included'
  const ordered = graph.nodes.map(({ migration }) => migration)
  const known = new Set(ordered.map(({ id }) => id))
  const steps = new Map(evolution?.steps.map((step) => [step.migrationId, step]))
  const others = [...(database?.states ?? [])].filter(([id]) => !known.has(id))
  const runner = database?.runner
  return {
    formatVersion: 1,
    generatedAt: input.generatedAt.toISOString(),
    toolVersion: input.toolVersion,
    project: input.project,
    target: database === undefined ? null : toTarget(database.target, withDetails),
    shadow:
      evolution === undefined
        ? null
        : { engine: evolution.shadow.engine, version: evolution.shadow.serverVersion },
    migrations: [
      ...ordered.map((migration) => toMigration(migration, steps.get(migration.id), input)),
      ...others.map(([id, state]) => toUnknown(id, state)),
    ],
    heads: listHeads(graph).map(({ id }) => id),
    attempts: (database?.attempts ?? [])
      .toSorted((a, b) => b.sequence - a.sequence)
      .map((attempt) => toAttempt(attempt, withDetails)),
    drift: database?.drift === undefined ? null : [...database.drift],
    rehearsal: database?.rehearsal === undefined ? null : toRehearsal(database.rehearsal, graph),
    locks: database?.locks === undefined ? null : toLocks(database.locks, withDetails),
    fleet: input.fleet?.map((one) => ({ ...one, problems: one.problems.map(maskSecrets) })) ?? null,
    tables: [...(database?.tables ?? [])],
    runner:
      runner == null
        ? null
        : {
            pid: runner.pid,
            since: runner.since?.toISOString() ?? null,
            statement: runner.query === null ? null : maskSecrets(runner.query),
          },
  }
}

function toTarget(
  { host, port, database, schema, user }: PlanTarget,
  withDetails: boolean,
): ReportDocument['target'] {
  return { host, port, database, schema, user: withDetails ? user : null }
}

function toMigration(
  migration: Migration,
  step: SchemaStep | undefined,
  { database, findings = [], check }: ReportInput,
): ReportMigration {
  const { id, header, source, up, down, verify } = migration
  const state = database?.states.get(id)
  const verdict = check?.reversibility?.find(({ migrationId }) => migrationId === id)?.verdict
  return {
    id,
    path: source.path,
    description: header.description,
    type: header.type,
    tags: [...header.tags],
    dependsOn: [...header.dependsOn],
    environments: [...(header.environments ?? [])],
    transaction: header.transaction,
    run: header.run,
    blocking: header.blocking,
    reversible: (down?.statements.length ?? 0) > 0,
    ...stateOf(state, database !== undefined),
    up: toSection(migration, up, step?.statements ?? []),
    down: down === undefined ? null : toSection(migration, down, []),
    verify: verify === undefined ? null : toSection(migration, verify, []),
    findings: [
      ...findings.filter((finding) => finding.source?.path === source.path).map(toFinding),
      ...(check?.findings ?? [])
        .filter(({ migrationId }) => migrationId === id)
        .map(({ rule, severity, message }) => ({
          code: rule,
          severity,
          message: maskSecrets(message),
          help: null,
        })),
      ...(check?.gaps ?? []).filter(({ migrationId }) => migrationId === id).map(toUnchecked),
    ],
    changes: step === undefined || step.notExecuted !== null ? null : step.differences.map(toChange),
    notExecuted: step === undefined ? null : (step.notExecuted ?? step.failure?.message ?? null),
    reversibility: verdict ?? null,
  }
}

/** What was not checked is never taken for right. */
function toUnchecked({ part, why }: CheckReport['gaps'][number]): ReportMigration['findings'][number] {
  const message = maskSecrets(`not checked: ${part === null ? why : `${part}: ${why}`}`)
  return { code: 'not-checked', severity: 'warning', message, help: null }
}

/** A migration that the database has and no file. */
function toUnknown(id: MigrationId, state: MigrationState): ReportMigration {
  const header = state.row?.header
  return {
    id,
    path: null,
    description: header?.description ?? '',
    type: header?.type ?? state.row?.type ?? 'custom_sql',
    tags: [...(header?.tags ?? [])],
    dependsOn: [...(header?.dependsOn ?? state.row?.dependsOn ?? [])],
    environments: [...(header?.environments ?? [])],
    transaction: header?.transaction ?? 'required',
    run: header?.run ?? 'once',
    blocking: header?.blocking ?? true,
    reversible: state.row?.reversible ?? false,
    ...stateOf(state, true),
    up: null,
    down: null,
    verify: null,
    findings: [],
    changes: null,
    notExecuted: null,
    reversibility: null,
  }
}

function stateOf(
  state: MigrationState | undefined,
  isRead: boolean,
): Pick<ReportMigration, 'state' | 'appliedAt' | 'durationMs'> {
  if (!isRead) return { state: null, appliedAt: null, durationMs: null }
  const row = state?.row
  const kind = state?.kind === 'older' ? 'applied' : (state?.kind ?? 'pending')
  return {
    state: kind,
    appliedAt: row?.appliedAt?.toISOString() ?? null,
    durationMs: row?.appliedAt == null ? null : row.executionTimeMs,
  }
}

function toFinding({ code, severity, message, help }: Diagnostic): ReportMigration['findings'][number] {
  return { code, severity, message: maskSecrets(message), help: help ?? null }
}

function toSection(
  { source }: Migration,
  { body, statements }: MigrationSection,
  traced: readonly TracedStatement[],
): ReportSection {
  const whole = source.text.slice(body.start, body.end)
  const traces = new Map(traced.map((one) => [one.statement, one]))
  const kept = statements.filter(({ codeEnd }) => codeEnd - body.start <= MAX_SECTION)
  const masked = maskStatements(whole.slice(0, MAX_SECTION), body.start, kept)
  let line = 1 + countLines(source.text.slice(0, body.start))
  let at = body.start
  return {
    text: masked.text,
    line,
    cut: Math.max(0, whole.length - MAX_SECTION),
    statements: kept.map((statement, index) => {
      line += countLines(source.text.slice(at, statement.codeStart))
      at = statement.codeStart
      const trace = traces.get(index)
      return {
        ...(masked.places[index] ?? { start: 0, end: 0 }),
        line,
        destroys: readStatementFacts(source.text, statement).destructions.map((one) =>
          maskSecrets(describeDestruction(one)),
        ),
        trace: trace === undefined ? null : toTrace(trace),
      }
    }),
  }
}

/** Masking changes how long a statement is; everything between statements stays. */
function maskStatements(
  text: string,
  offset: number,
  statements: MigrationSection['statements'],
): { readonly text: string; readonly places: readonly { readonly start: number; readonly end: number }[] } {
  const places: { start: number; end: number }[] = []
  let masked = ''
  let at = 0
  for (const { codeStart, codeEnd } of statements) {
    masked += text.slice(at, codeStart - offset)
    const start = masked.length
    masked += maskSecrets(text.slice(codeStart - offset, codeEnd - offset))
    places.push({ start, end: masked.length })
    at = codeEnd - offset
  }
  return { text: masked + text.slice(at), places }
}

function toTrace({ durationMs, effects }: TracedStatement): ReportSection['statements'][number]['trace'] {
  return {
    durationMs: Math.round(durationMs * 100) / 100,
    locks: effects.locks.map(({ relation, mode }) => ({
      relation: nameOf(relation),
      mode,
      created: relation.isNew,
    })),
    rewrites: effects.rewrites.map(nameOf),
    scans: effects.scans.filter(isOld).map(nameOf),
    indexBuilds: effects.indexBuilds.filter(({ table }) => isOld(table)).map(({ index }) => nameOf(index)),
  }
}

/** What a migration made itself costs nobody anything. */
function isOld({ isNew }: TouchedRelation): boolean {
  return !isNew
}

function nameOf({ schema, name }: TouchedRelation): string {
  return `${schema}.${name}`
}

function toAttempt(attempt: MigrationAttempt, withDetails: boolean): ReportAttempt {
  const { migrationId, runId, executedAt, direction, status, executionTimeMs, errorMessage } = attempt
  return {
    migrationId,
    runId,
    at: executedAt.toISOString(),
    direction,
    status,
    durationMs: executionTimeMs,
    error: errorMessage === null ? null : maskSecrets(errorMessage),
    by: withDetails ? attempt.executedBy : null,
  }
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

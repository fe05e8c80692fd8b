import {
  buildGraph,
  type CatalogDifference,
  classify,
  type MigrationAttempt,
  type MigrationGraph,
  parseMigration,
} from '@tidemark/core'
import {
  makeReport,
  type ReportDatabase,
  type ReportDocument,
  type ReportFleetTarget,
  type ReportInput,
} from '@tidemark/report'
import type { RehearsalReport, SchemaEvolution, SchemaStep } from '@tidemark/shadow'

/** The files of a project by id. */
export type Files = Readonly<Record<string, string>>

/** Resolves files as `tidemark` does. */
export function graphOf(files: Files): MigrationGraph {
  const migrations = Object.entries(files).map(([id, text]) => {
    const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
    if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('; '))
    return parsed.value.migration
  })
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new TypeError(graph.error.map(({ message }) => message).join('; '))
  return graph.value
}

/** A table with columns, as a catalog has it when it is new. */
export function newTable(
  id: string,
  columns: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): CatalogDifference {
  const facets = new Map(Object.entries({ 'column order': Object.keys(columns).join(', '), ...more }))
  const parts = Object.entries(columns).map(([name, type]) => ({
    kind: 'column',
    id: `${id}.${name}`,
    facets: new Map([['type', type]]),
  }))
  const key = { kind: 'constraint', id: `${id} pk`, facets: new Map([['definition', 'PRIMARY KEY (id)']]) }
  return { change: 'added', object: { kind: 'table', id, facets }, parts: [...parts, key] }
}

interface ReportParts extends Pick<ReportDatabase, 'rehearsal' | 'locks'>, Pick<ReportInput, 'fleet'> {
  readonly graph: MigrationGraph
  readonly steps?: readonly SchemaStep[]
  readonly attempts?: readonly MigrationAttempt[]
  readonly database?: 'read' | 'left_out'
}

/** A document as `tidemark report` makes it. */
export function reportOf({
  graph,
  steps,
  attempts = [],
  database = 'read',
  fleet,
  ...found
}: ReportParts): ReportDocument {
  const evolution: SchemaEvolution | undefined =
    steps === undefined ? undefined : { shadow: { engine: 'pglite', serverVersion: '18.3' }, steps }
  return makeReport({
    graph,
    project: 'shop',
    toolVersion: '1.2.3',
    generatedAt: new Date('2026-11-30T12:00:00Z'),
    ...(evolution === undefined ? {} : { evolution }),
    ...(fleet === undefined ? {} : { fleet }),
    ...(database === 'left_out'
      ? {}
      : {
          database: {
            target: {
              host: 'db.example',
              port: 5432,
              database: 'shop',
              user: 'ada',
              schema: 'public',
              systemIdentifier: null,
            },
            states: classify({ graph, history: { kind: 'absent' } }),
            attempts,
            ...found,
          },
        }),
  })
}

/** A rehearsal of one statement that rewrites a table while everybody waits. */
export function rehearsalOf(migrationId: string, words: string): RehearsalReport {
  const shadow = { engine: 'pglite', serverVersion: '18.3' } as const
  const relation = {
    schema: 'public',
    name: words,
    kind: 'table',
    rows: 210_000_000,
    bytes: 90_194_313_216,
    indexes: 6,
    indexBytes: null,
  }
  return {
    target: {
      serverVersion: '15.8',
      role: 'ada',
      isStandby: false,
      mark: { fingerprint: '', role: 'ada', reading: '', recordedAt: new Date(0) },
    },
    shadow,
    copiedFrom: 'stored_sql',
    drift: {
      drift: [],
      accepted: [],
      outdated: [],
      notOurs: [],
      notChecked: [],
      serverVersion: '15.8',
      shadow,
    },
    differences: [],
    migrations: [
      {
        migrationId,
        transaction: 'required',
        outcome: 'ran',
        statements: [
          {
            statement: 0,
            locks: [{ relation, mode: 'ACCESS EXCLUSIVE', basis: 'seen' }],
            work: [{ kind: 'rewrite', relation }],
            blocks: 'everybody',
            duration: { lowMs: 60_000, highMs: 180_000 },
          },
        ],
      },
    ],
    baseMs: {},
    holders: [],
    queries: null,
    speed: { kind: 'unknown' },
    findings: [
      {
        rule: 'blocks-others',
        severity: 'warning',
        migrationId,
        statement: 0,
        message: `everybody waits for ${words}`,
        details: [words],
        error: null,
      },
    ],
    gaps: [{ migrationId, why: words }],
  }
}

/** A lock that another session holds. */
export function heldLock(name: string): NonNullable<ReportDatabase['locks']>[number] {
  const session = {
    pid: 4711,
    applicationName: name,
    role: 'ada',
    state: 'idle in transaction',
    kind: 'client backend',
    seconds: 197,
  }
  return { schema: 'public', name, mode: 'ROW EXCLUSIVE', session }
}

/** A fleet of so many targets, of which some are behind, and one cannot be read. */
export function fleetOf(count: number, version: string): readonly ReportFleetTarget[] {
  return Array.from({ length: count }, (_, place): ReportFleetTarget => {
    const target = { name: `tenant-${place}`, version, pending: 0, problems: [] }
    if (place === 3) {
      return { ...target, state: 'unreachable', version: null, problems: ['connection refused (TM5001)'] }
    }
    return place % 10 === 4
      ? { ...target, state: 'pending', version: null, pending: 2 }
      : { ...target, state: 'current' }
  })
}

/** A step that changes the schema. */
export function step(migrationId: string, differences: readonly CatalogDifference[] = []): SchemaStep {
  return { migrationId, checksum: '', differences, statements: [], failure: null, notExecuted: null }
}

/** An attempt, newest last by its sequence. */
export function attempt(sequence: number, changes: Partial<MigrationAttempt>): MigrationAttempt {
  return {
    id: String(sequence),
    migrationId: '001_users',
    executedAt: new Date(Date.UTC(2026, 10, 1, 12, sequence)),
    status: 'completed',
    executionTimeMs: 12 * sequence,
    errorMessage: null,
    direction: 'up',
    runId: `run-${Math.floor(sequence / 3)}`,
    executedBy: 'ada',
    checksum: null,
    details: null,
    sequence,
    ...changes,
  }
}

/** A project of so many migrations, in branches that join. */
export function largeProject(count: number): Files {
  const idOf = (place: number) => `${String(place).padStart(4, '0')}_change_${place}`
  return Object.fromEntries(
    Array.from({ length: count }, (_, place) => {
      const above =
        place === 0
          ? []
          : place % 7 === 0 && place > 7
            ? [idOf(place - 1), idOf(place - 5)]
            : [idOf(Math.max(0, place - 1 - (place % 4)))]
      return [
        idOf(place),
        `-- Depends on: [${above.join(', ')}]\n-- @up\nCREATE TABLE t${place} (id int PRIMARY KEY, name text);\n-- @down\nDROP TABLE t${place};\n`,
      ]
    }),
  )
}

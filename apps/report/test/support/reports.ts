import {
  buildGraph,
  type CatalogDifference,
  classify,
  type MigrationAttempt,
  type MigrationGraph,
  parseMigration,
} from '@tidemark/core'
import { makeReport, type ReportDocument } from '@tidemark/report'
import type { SchemaEvolution, SchemaStep } from '@tidemark/shadow'

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

interface ReportParts {
  readonly graph: MigrationGraph
  readonly steps?: readonly SchemaStep[]
  readonly attempts?: readonly MigrationAttempt[]
  readonly database?: 'read' | 'left_out'
}

/** A document as `tidemark report` makes it. */
export function reportOf({ graph, steps, attempts = [], database = 'read' }: ReportParts): ReportDocument {
  const evolution: SchemaEvolution | undefined =
    steps === undefined ? undefined : { shadow: { engine: 'pglite', serverVersion: '18.3' }, steps }
  return makeReport({
    graph,
    project: 'shop',
    toolVersion: '1.2.3',
    generatedAt: new Date('2026-11-30T12:00:00Z'),
    ...(evolution === undefined ? {} : { evolution }),
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
          },
        }),
  })
}

/** A step that changes the schema. */
export function step(migrationId: string, differences: readonly CatalogDifference[] = []): SchemaStep {
  return { migrationId, differences, statements: [], failure: null, notExecuted: null }
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

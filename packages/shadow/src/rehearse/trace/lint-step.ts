import { type Catalog, type Migration, quoteIdentifier, readCatalog, scopeCatalog } from '@tidemark/core'
import {
  createLinter,
  type LinterOptions,
  type LintFinding,
  type LintRuleId,
  type TableSize,
} from '@tidemark/lint'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { TargetRelation } from '../target/target.ts'
import type { StepTrace } from './trace-step.ts'

/** Rules on work that grows with a table: how much that is, the rehearsal says itself. */
export const WORK_RULES: ReadonlySet<LintRuleId> = new Set([
  'index-not-concurrent',
  'constraint-builds-index',
  'refresh-not-concurrent',
  'scan-under-lock',
  'fk-without-not-valid',
  'not-null-by-scan',
  'rewrite',
  'volatile-default',
  'type-change-rewrite',
  'type-change-scan',
])

/** Other rules on what makes others wait, where a table is large. */
const WAIT_RULES: ReadonlySet<LintRuleId> = new Set([
  'drop-index-not-concurrent',
  'locks-many-tables',
  'locks-unnamed-table',
  'work-under-lock',
  'data-and-schema',
  'unbatched-dml',
])

/** What {@link createStepLinter} works on. */
export interface StepLintGround {
  /** Of the copy. */
  readonly connection: Connection
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
  /** All relations of the target. */
  readonly relations: readonly TargetRelation[]
  readonly severities: LinterOptions['severities']
}

/** Applies rules of lint to the steps of a rehearsal. */
export interface StepLinter {
  /** Called before a step runs: gives what takes its traces. */
  begin(migration: Migration): Promise<(traces: readonly StepTrace[]) => Promise<readonly LintFinding[]>>
}

/**
 * Looks with the rules of lint at steps whose text names a table of the target that is not small; the schema is read
 * for these alone, since that takes longer than the step. What the target does not have is made by the plan.
 */
export function createStepLinter(ground: StepLintGround): StepLinter {
  const sizes = new Map(ground.relations.map((relation) => [idOf(relation), sizeOf(relation)]))
  const large = ground.relations.filter(isLarge).map(({ name }) => name.toLowerCase())
  const read = async () =>
    scopeCatalog(await readCatalog(ground.connection), { trackingSchema: ground.trackingSchema })
  return {
    begin: async (migration) => {
      const text = migration.source.text.toLowerCase()
      if (migration.large !== undefined || !large.some((name) => text.includes(name))) return async () => []
      const before = await read()
      return async (traces) => {
        const linter = await createLinter({ severities: ground.severities, sizes: withNew(sizes, before) })
        const observed = traces.map(({ place, effects }) => ({ statement: place, effects }))
        linter.add({ migration, before, after: await read(), observed })
        return linter.finish().filter(({ rule }) => WORK_RULES.has(rule) || WAIT_RULES.has(rule))
      }
    },
  }
}

function idOf({ schema, name }: TargetRelation): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

function sizeOf({ rows, bytes }: TargetRelation): TableSize {
  return { rows: rows ?? undefined, bytes: bytes ?? undefined }
}

function isLarge({ rows, bytes }: TargetRelation): boolean {
  return (bytes === null || bytes >= LARGE.bytes) && (rows === null || rows >= LARGE.rows)
}

/** Below one of them nobody notices that they wait; what is not known counts as large. */
export const LARGE = { rows: 1000, bytes: 8 * 1024 * 1024 }

/** With the tables that the plan has made, which are empty. */
function withNew(
  sizes: ReadonlyMap<string, TableSize>,
  { objects }: Catalog,
): ReadonlyMap<string, TableSize> {
  const known = new Set([...sizes.keys()].map((id) => id.replaceAll('"', '')))
  const made = [...objects.values()].filter(
    ({ kind, id }) => /table|view/.test(kind) && !known.has(id.replaceAll('"', '')),
  )
  return new Map([...sizes, ...made.map(({ id }) => [id, { rows: 0, bytes: 0 }] as const)])
}

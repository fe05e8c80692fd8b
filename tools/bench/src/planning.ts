import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildGraph,
  type History,
  type Migration,
  type MigrationRow,
  parseMigration,
  planApply,
} from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'

/** One line of the table. */
export interface PlanningRow {
  readonly work: string
  readonly files: number
  readonly seconds: number
  /** Time over that of a tenth of the files. */
  readonly growth: number | null
}

/** Reads, parses, resolves and plans files of 1.5 kB from disk; the best of several times. */
export async function measureFromDisk(count: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  try {
    for (let place = 0; place < count; place += 1) writeFile(directory, place)
    return await best(async () => {
      const read = await createDirectoryReader({ directory }).readMigrations()
      if (!read.ok) throw new Error(read.error[0]?.message)
      plan(read.value.migrations, { kind: 'absent' })
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Resolves and plans parsed migrations in memory, none of them applied, or all. */
export async function measureInMemory(count: number, history: 'absent' | 'applied'): Promise<number> {
  const migrations = Array.from({ length: count }, (_, place) => sketch(place))
  const rows = history === 'absent' ? undefined : migrations.map(toRow)
  return best(async () => {
    plan(migrations, rows === undefined ? { kind: 'absent' } : { kind: 'present', rows })
  })
}

function plan(migrations: readonly Migration[], history: History): void {
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new Error(graph.error[0]?.message)
  const made = planApply({ graph: graph.value, history })
  const expected = history.kind === 'absent' ? migrations.length : 0
  if (!made.ok || made.value.steps.length !== expected) throw new Error('not the plan that was expected')
}

async function best(work: () => Promise<void>): Promise<number> {
  let seconds = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round += 1) {
    globalThis.gc?.()
    const started = process.hrtime.bigint()
    await work()
    seconds = Math.min(seconds, Number(process.hrtime.bigint() - started) / 1e9)
  }
  return seconds
}

const idAt = (place: number) => `${String(place).padStart(6, '0')}_table_${place}`

/** Branches of ten that meet again: what a team's history looks like. */
function dependenciesOf(place: number): readonly string[] {
  if (place === 0) return []
  const start = place - (place % 10)
  if (place !== start) return [idAt(start)]
  return Array.from({ length: 9 }, (_, other) => idAt(start - 9 + other))
}

function textOf(place: number): string {
  const columns = Array.from(
    { length: 12 },
    (_, column) => `  column_${column} text NOT NULL DEFAULT 'value ${column}', -- why it is there\n`,
  )
  const name = `table_${place}`
  return `-- Migration: ${idAt(place)}
-- Description: Create the table ${name}
-- Type: create_table
-- Depends on: [${dependenciesOf(place).join(', ')}]

-- @up
CREATE TABLE ${name} (
${columns.join('')}  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
CREATE POLICY ${name}_own ON ${name} USING (column_0 = current_setting('request.jwt.claims', true));
CREATE FUNCTION touch_${place}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.column_1 := now()::text;
  RETURN NEW;
END
$$;

-- @down
DROP TABLE ${name};
DROP FUNCTION touch_${place}();

-- @verify
SELECT count(*) = 0 FROM ${name};
`
}

function writeFile(directory: string, place: number): void {
  const folder = join(directory, `part_${Math.floor(place / 1000)}`)
  if (place % 1000 === 0) mkdirSync(folder)
  writeFileSync(join(folder, `${idAt(place)}.sql`), textOf(place))
}

/** One parsed file in many guises: only the graph is measured. */
function sketch(place: number): Migration {
  const dependsOn = dependenciesOf(place)
  return {
    ...template,
    id: idAt(place),
    header: { ...template.header, dependsOn },
    dependsOnSpans: dependsOn.map(() => ({ start: 0, end: 0 })),
    checksum: String(place).padStart(64, '0'),
  }
}

function toRow(migration: Migration): MigrationRow {
  return {
    id: migration.id,
    status: 'completed',
    checksum: migration.checksum,
    type: migration.header.type,
    dependsOn: migration.header.dependsOn,
    header: migration.header,
    replacedBy: null,
    reversible: true,
    appliedAt: new Date(0),
    executionTimeMs: 1,
    errorMessage: null,
    direction: null,
    statementsDone: null,
    runId: null,
    earlierChecksums: [],
  }
}

const template = parseTemplate()

function parseTemplate(): Migration {
  const parsed = parseMigration({ path: `migrations/${idAt(0)}.sql`, text: textOf(0) })
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  return parsed.value.migration
}

/** Every measurement of this file, one line each. */
export async function measurePlanning(): Promise<readonly PlanningRow[]> {
  const rows: PlanningRow[] = []
  const add = async (work: string, sizes: readonly number[], measure: (count: number) => Promise<number>) => {
    let before: number | null = null
    for (const files of sizes) {
      const seconds = await measure(files)
      rows.push({
        work,
        files,
        seconds: round(seconds),
        growth: before === null ? null : round(seconds / before),
      })
      before = seconds
    }
  }
  await add('read, parse, resolve, plan', [1_000, 10_000], measureFromDisk)
  await add('resolve, plan: all pending', [10_000, 100_000], (count) => measureInMemory(count, 'absent'))
  await add('resolve, plan: all applied', [10_000, 100_000], (count) => measureInMemory(count, 'applied'))
  return rows
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

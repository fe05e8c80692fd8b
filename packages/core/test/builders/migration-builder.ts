import { sha256Hex } from '../../src/checksum/checksum.ts'
import { DEFAULT_HEADER } from '../../src/migration/header/default-header.ts'
import type { Migration, MigrationHeader, MigrationSection } from '../../src/migration/model/migration.ts'
import type { BatchProgress, MigrationRow, StoredMigration } from '../../src/plan/history/history.ts'
import { scanSql } from '../../src/sql/scan.ts'
import type { Span } from '../../src/text/span.ts'

/** What a test says about a migration; the rest has defaults. */
export interface MigrationSketch extends Partial<MigrationHeader> {
  readonly path?: string
  readonly up?: string
  readonly down?: string | null
  readonly verify?: string | null
}

/** Builds a migration as the parser would, from an id and what matters to the test. */
export function migration(id: string, sketch: MigrationSketch = {}): Migration {
  const { path, up, down, verify, ...header } = sketch
  const full: MigrationHeader = { ...defaults(id), ...header }
  const text = renderText(id, full, { up: up ?? 'SELECT 1;', down, verify })
  return {
    id,
    source: { path: path ?? `migrations/${id}.sql`, text },
    header: full,
    dependsOnSpans: listSpans(text, '-- Depends on: [', full.dependsOn),
    replacesSpans: listSpans(text, '-- Replaces: [', full.replaces),
    up: section(text, 'up') ?? empty(),
    down: section(text, 'down'),
    verify: section(text, 'verify'),
    checksum: sha256Hex(text),
  }
}

/** Builds the row that a successful run of this migration leaves behind. */
export function completedRow(of: Migration, change: Partial<MigrationRow> = {}): MigrationRow {
  return {
    id: of.id,
    status: 'completed',
    checksum: of.checksum,
    type: of.header.type,
    dependsOn: of.header.dependsOn,
    header: of.header,
    replacedBy: null,
    reversible: (of.down?.statements.length ?? 0) > 0,
    appliedAt: new Date('2026-01-01T00:00:00Z'),
    executionTimeMs: 1,
    errorMessage: null,
    direction: null,
    statementsDone: null,
    runId: null,
    earlierChecksums: [],
    ...change,
  }
}

/** Builds what the database stored when this migration was applied. */
export function storedOf(of: Migration): StoredMigration {
  const cut = (part: MigrationSection | undefined) =>
    part === undefined ? null : of.source.text.slice(part.body.start, part.body.end).trim()
  return {
    id: of.id,
    checksum: of.checksum,
    upSql: cut(of.up) ?? '',
    downSql: cut(of.down),
    verifySql: cut(of.verify),
    header: of.header,
  }
}

function defaults(id: string): MigrationHeader {
  return { ...DEFAULT_HEADER, description: id }
}

interface Sections {
  readonly up: string
  readonly down: string | null | undefined
  readonly verify: string | null | undefined
}

function renderText(id: string, header: MigrationHeader, { up, down, verify }: Sections): string {
  const lines = [`-- Migration: ${id}`, `-- Depends on: [${header.dependsOn.join(', ')}]`]
  if (header.replaces.length > 0) lines.push(`-- Replaces: [${header.replaces.join(', ')}]`)
  if (header.tags.length > 0) lines.push(`-- Tags: [${header.tags.join(', ')}]`)
  if (!header.blocking) lines.push('-- Blocking: false')
  if (header.run === 'on_change') lines.push('-- Run: on_change')
  if (header.transaction === 'none') lines.push('-- Transaction: none')
  if (header.role !== null) lines.push(`-- Role: ${header.role}`)
  if (header.environments !== undefined) lines.push(`-- Environments: [${header.environments.join(', ')}]`)
  lines.push('-- @up', up)
  if (down !== null) lines.push('-- @down', down ?? 'SELECT 2;')
  if (verify != null) lines.push('-- @verify', verify)
  return `${lines.join('\n')}\n`
}

function listSpans(text: string, before: string, names: readonly string[]): readonly Span[] {
  let start = text.indexOf(before) + before.length
  return names.map((name) => {
    const span = { start, end: start + name.length }
    start = span.end + 2
    return span
  })
}

function section(text: string, name: string): MigrationSection | undefined {
  const line = `-- @${name}\n`
  const start = text.indexOf(line)
  if (start === -1) return undefined
  const from = start + line.length
  const next = text.indexOf('-- @', from)
  const body = { start: from, end: next === -1 ? text.length : next }
  const statements = scanSql(text.slice(body.start, body.end))
    .statements.filter((one) => one.codeEnd > one.codeStart)
    .map((one) => ({
      start: one.start + from,
      end: one.end + from,
      codeStart: one.codeStart + from,
      codeEnd: one.codeEnd + from,
      terminated: one.terminated,
    }))
  return { marker: { start, end: from - 1 }, body, statements }
}

function empty(): MigrationSection {
  return { marker: { start: 0, end: 0 }, body: { start: 0, end: 0 }, statements: [] }
}

/** A walk in batches that is half done. */
export const batchProgress: BatchProgress = {
  direction: 'up',
  table: 'orders',
  column: 'id',
  cursor: '500',
  first: '1',
  last: '1000',
  rows: 500,
  batches: 1,
  walks: 1,
  size: 500,
  percent: 50,
}

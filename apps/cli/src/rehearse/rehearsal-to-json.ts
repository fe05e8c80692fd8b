import { describeCatalogDifference, findNode, lineAndColumn, type MigrationGraph } from '@tidemark/core'
import type { RehearsalFinding, RehearsedMigration, SizedRelation } from '@tidemark/shadow'
import type { RehearsalJson } from '../schema/rehearsal-schemas.ts'
import { targetToJson } from '../text/target.ts'
import type { ProjectRehearsal } from './rehearse-project.ts'

/** The document of `rehearse --json`; what `rehearse` prints, and what a saved plan carries, is made from it too. */
export function rehearsalToJson(
  { graph, plan, target, report, result, rehearsedAt, unread }: ProjectRehearsal,
  written: string | null,
): RehearsalJson {
  return {
    result,
    target: targetToJson(target),
    targetVersion: report.target.serverVersion,
    standby: report.target.isStandby,
    shadow: { engine: report.shadow.engine, version: report.shadow.serverVersion },
    copiedFrom: report.copiedFrom,
    rehearsedAt: rehearsedAt.toISOString(),
    digest: plan.digest,
    drift: report.drift.drift.map(({ object, difference }) => ({
      object,
      sentences: [...describeCatalogDifference(difference)],
    })),
    differences: [...report.differences],
    migrations: report.migrations.map((migration) => migrationToJson(migration, graph)),
    holders: report.holders.map(({ relation, mode, wanted, session }) => ({
      schema: relation.schema,
      name: relation.name,
      holds: mode,
      wanted,
      session: { ...session },
    })),
    queries: report.queries && {
      compared: report.queries.compared,
      broken: [...report.queries.broken],
      notCompared: [...report.queries.notCompared],
      unread,
    },
    speed: report.speed.kind,
    findings: report.findings.map((finding) => findingToJson(finding, graph)),
    gaps: report.gaps.map(({ migrationId, why }) => ({ id: migrationId, why })),
    written,
  }
}

function migrationToJson(
  { migrationId, transaction, outcome, statements }: RehearsedMigration,
  graph: MigrationGraph,
): RehearsalJson['migrations'][number] {
  const batches = findNode(graph, migrationId)?.migration.header.batches
  return {
    id: migrationId,
    path: pathOf(graph, migrationId) ?? '',
    transaction,
    batches: batches === undefined ? null : { table: batches.table, column: batches.column },
    outcome,
    statements: statements.map(({ statement, locks, work, blocks, duration }) => ({
      line: lineOf(graph, migrationId, statement) ?? 1,
      locks: locks.map(({ relation, mode, basis }) => ({ ...relationToJson(relation), mode, basis })),
      work: work.map(({ kind, relation }) => ({ ...relationToJson(relation), does: kind })),
      blocks,
      durationMs: duration && { low: Math.round(duration.lowMs), high: Math.round(duration.highMs) },
    })),
  }
}

function relationToJson({ schema, name, kind, rows, bytes, indexes, indexBytes }: SizedRelation) {
  return { schema, name, kind, rows: rows === null ? null : Math.round(rows), bytes, indexes, indexBytes }
}

function findingToJson(
  { rule, severity, migrationId, statement, message, details, error }: RehearsalFinding,
  graph: MigrationGraph,
): RehearsalJson['findings'][number] {
  const place = migrationId === null ? null : migrationId
  return {
    rule,
    severity,
    id: migrationId,
    path: place === null ? null : pathOf(graph, place),
    line:
      error?.location?.line ??
      (place === null || statement === null ? null : lineOf(graph, place, statement)),
    message,
    details: [...details],
  }
}

function pathOf(graph: MigrationGraph, id: string): string | null {
  return findNode(graph, id)?.migration.source.path ?? null
}

function lineOf(graph: MigrationGraph, id: string, statement: number): number | null {
  const migration = findNode(graph, id)?.migration
  const found = migration?.up.statements[statement]
  if (migration === undefined || found === undefined) return null
  return lineAndColumn(migration.source, found.codeStart).line
}

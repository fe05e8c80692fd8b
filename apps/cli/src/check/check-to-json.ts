import {
  documentationPage,
  findNode,
  lineAndColumn,
  type Migration,
  type MigrationGraph,
  type TouchedRelation,
} from '@tidemark/core'
import { isLintRuleId } from '@tidemark/lint'
import type { CheckFinding, RowReversibility, TracedMigration } from '@tidemark/shadow'
import type { CheckJson } from '../schema/check-schemas.ts'
import type { CheckOutcome } from './check.ts'
import type { FixedFile, FixOutcome } from './fix/fix-outcome.ts'
import { placeOfFinding } from './place-of-finding.ts'

/** Gives a check as its JSON document. */
export function checkToJson({ graph, report, result, fix }: CheckOutcome): CheckJson {
  if (report === null) return { ...EMPTY, result, fix: fix && fixToJson(fix) }
  const { order, closure, reversibility, statements } = report
  return {
    result,
    cached: report.cached,
    shadow: { engine: report.shadow.engine, version: report.shadow.serverVersion },
    checked: [...report.checked],
    parts: [...report.parts],
    findings: report.findings.map((finding) => findingToJson(finding, graph)),
    gaps: report.gaps.map(({ part, migrationId, why }) => ({ part, id: migrationId, why })),
    order: order && { pairs: order.pairs, executed: order.results.length, replays: order.replays },
    closure: closure && { executed: closure.executed },
    reversibility:
      reversibility?.map(({ migrationId, verdict, secondUp, rows }) => ({
        id: migrationId,
        verdict,
        secondUp: secondUp?.kind ?? null,
        rows: rows && rowsToJson(rows),
      })) ?? null,
    statements: statements?.map((traced) => tracedToJson(traced, graph)) ?? null,
    fix: fix && fixToJson(fix),
  }
}

const EMPTY: Omit<CheckJson, 'result' | 'fix'> = {
  cached: false,
  shadow: null,
  checked: [],
  parts: [],
  findings: [],
  gaps: [],
  order: null,
  closure: null,
  reversibility: null,
  statements: null,
}

function fixToJson({ written, left, patch }: FixOutcome): NonNullable<CheckJson['fix']> {
  const toJson = ({ id, path, add, remove, rewritten }: FixedFile) => ({
    id,
    path,
    add: [...add],
    remove: [...remove],
    rewritten: [...rewritten],
  })
  return { written: written.map(toJson), left: left.map((one) => ({ ...toJson(one), why: one.why })), patch }
}

/** Gives a finding as JSON. */
export function findingToJson(finding: CheckFinding, graph: MigrationGraph): CheckJson['findings'][number] {
  const { part, rule, severity, migrationId, others, message, details, edits, safeSql, error } = finding
  const migration = findNode(graph, migrationId)?.migration
  const place = migration && placeOfFinding(migration, finding)
  const line =
    error?.location?.line ??
    (migration === undefined || place === undefined
      ? null
      : lineAndColumn(migration.source, place.start).line)
  return {
    part,
    rule,
    severity,
    id: migrationId,
    others: [...others],
    path: migration?.source.path ?? '',
    line,
    message,
    details: [...details],
    safeSql,
    page: isLintRuleId(rule) ? documentationPage(`rules/${rule}`) : null,
    edits: edits.map((edit) => ({ kind: edit.kind, id: edit.migrationId, dependsOn: edit.dependsOn })),
  }
}

function rowsToJson({ verdict, seeded, unseeded, lost, failsOnAnyRow }: RowReversibility) {
  return {
    verdict,
    seeded: [...seeded],
    unseeded: [...unseeded],
    lost: lost.map((loss) => ({ ...loss, columns: [...loss.columns] })),
    failsOnAnyRow,
  }
}

function tracedToJson(
  { migrationId, untraced, statements }: TracedMigration,
  graph: MigrationGraph,
): NonNullable<CheckJson['statements']>[number] {
  const migration = findNode(graph, migrationId)?.migration
  return {
    id: migrationId,
    untraced,
    statements: statements.map(({ statement, durationMs, effects }) => ({
      line: migration === undefined ? 1 : lineOfStatement(migration, statement),
      durationMs: Math.round(durationMs * 10) / 10,
      locks: effects.locks.map(({ relation, mode }) => ({ relation: relationToJson(relation), mode })),
      rewrites: effects.rewrites.map(relationToJson),
      scans: effects.scans.map(relationToJson),
      indexBuilds: effects.indexBuilds.map(({ index, table }) => ({
        index: relationToJson(index),
        table: relationToJson(table),
      })),
      rows: effects.rows.map(({ table, ...counts }) => ({ table: relationToJson(table), ...counts })),
    })),
  }
}

function relationToJson({ schema, name, kind, isNew }: TouchedRelation) {
  return { schema, name, kind, new: isNew }
}

function lineOfStatement(migration: Migration, place: number): number {
  const statement = migration.up.statements[place]
  return lineAndColumn(migration.source, statement?.codeStart ?? 0).line
}

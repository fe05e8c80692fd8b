import { findNode, LOCK_MODES, lineAndColumn, type MigrationGraph, maskSecrets } from '@tidemark/core'
import {
  describeSession,
  describeWork,
  type HeldLock,
  nameOf,
  type RehearsalReport,
  type RehearsedMigration,
} from '@tidemark/shadow'
import type { ReportDocument, ReportRehearsal } from './document/report-document.ts'

/** Gives a rehearsal as the document has it: without the texts of queries, which may hold data. */
export function toRehearsal(
  { shadow, target, migrations, findings, gaps }: RehearsalReport,
  graph: MigrationGraph,
): ReportRehearsal {
  return {
    shadowVersion: shadow.serverVersion,
    targetVersion: target.serverVersion,
    migrations: migrations.map((migration) => toMigration(migration, graph)),
    findings: findings.map(({ rule, severity, migrationId, message, details }) => ({
      code: rule,
      severity,
      id: migrationId,
      message: maskSecrets(message),
      details: details.map(maskSecrets),
    })),
    gaps: gaps.map(({ migrationId, why }) =>
      maskSecrets(migrationId === null ? why : `${migrationId}: ${why}`),
    ),
  }
}

function toMigration(
  { migrationId, outcome, statements }: RehearsedMigration,
  graph: MigrationGraph,
): ReportRehearsal['migrations'][number] {
  const migration = findNode(graph, migrationId)?.migration
  return {
    id: migrationId,
    outcome,
    statements: statements.map(({ statement, locks, work, blocks, duration }) => {
      const start = migration?.up.statements[statement]?.codeStart
      return {
        line:
          migration === undefined || start === undefined ? 1 : lineAndColumn(migration.source, start).line,
        locks: locks.map(({ relation, mode }) => ({ relation: nameOf(relation), mode })),
        work: work.map(describeWork),
        blocks,
        durationMs: duration && { low: Math.round(duration.lowMs), high: Math.round(duration.highMs) },
      }
    }),
  }
}

/** Puts the strongest locks first. */
export function toLocks(
  held: readonly HeldLock[],
  withDetails: boolean,
): NonNullable<ReportDocument['locks']> {
  return held
    .toSorted((a, b) => LOCK_MODES.indexOf(b.mode) - LOCK_MODES.indexOf(a.mode))
    .map(({ mode, session, ...relation }) => ({
      relation: nameOf(relation),
      mode,
      session: describeSession({
        ...session,
        role: withDetails ? session.role : null,
        seconds: session.seconds === null ? null : roundDown(session.seconds),
      }),
    }))
}

/** A page that is kept current must not change every second. */
function roundDown(seconds: number): number {
  const unit = seconds < 60 ? 10 : 60
  return Math.floor(seconds / unit) * unit
}

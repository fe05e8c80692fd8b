import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { GraphNode } from '../../graph/migration-graph.ts'
import type { MigrationRow } from '../history/history.ts'
import type { AppliedRows } from '../history/list-applied-rows.ts'
import { compareFile } from '../history/row-state.ts'
import { findLateDependencies } from './find-late-dependencies.ts'
import { findOrphanFindings, type OrphanInput } from './find-orphan-findings.ts'
import { judgeChange } from './judge-change.ts'

/** Shared, because it is the answer for nearly every migration. */
const NOTHING: readonly Diagnostic[] = []

/** What {@link findStateFindings} reads. */
export interface StateInput extends OrphanInput {
  readonly applied: AppliedRows
}

/** Everything that is odd about what is applied: changed files, late dependencies, older files, orphans. */
export function findStateFindings(input: StateInput): readonly Diagnostic[] {
  return [...input.graph.nodes.flatMap((node) => findNodeFindings(node, input)), ...findOrphanFindings(input)]
}

function findNodeFindings(node: GraphNode, input: StateInput): readonly Diagnostic[] {
  const { due, stored, applied } = input
  const { migration } = node
  const row = applied[node.index]
  if (row === undefined || row.id !== migration.id || due.has(node.index)) return NOTHING
  if (
    row.checksum === migration.checksum &&
    node.dependencies.every((place) => applied[place] !== undefined)
  ) {
    return NOTHING
  }
  const late = findLateDependencies(node, row, input)
  if (row.checksum === migration.checksum) return late
  if (migration.header.run === 'on_change')
    return compareFile(migration, row) === 'older' ? [describeOlder(node, row)] : late
  return [...judgeChange({ migration, stored: stored.get(migration.id), late: late.length > 0 }), ...late]
}

function describeOlder({ migration }: GraphNode, row: MigrationRow): Diagnostic {
  return {
    code: 'TM4004',
    severity: 'warning',
    message: `"${migration.id}" is older than what is applied and is skipped (file ${migration.checksum.slice(0, 8)}, applied ${row.checksum.slice(0, 8)})`,
    source: migration.source,
    span: { start: 0, end: 0 },
    help: `to apply it anyway: tidemark up --rerun ${migration.id}`,
  }
}

import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { GraphNode } from '../graph/migration-graph.ts'
import { isOlder } from './find-due.ts'
import { findLateDependencies } from './find-late-dependencies.ts'
import { findOrphanFindings, type OrphanInput } from './find-orphan-findings.ts'
import type { MigrationRow } from './history.ts'
import { findAppliedRow } from './history-index.ts'
import { judgeChange } from './judge-change.ts'

/** Everything that is odd about what is applied: drift, late dependencies, older files, orphans. */
export function findStateFindings(input: OrphanInput): readonly Diagnostic[] {
  return [...input.graph.nodes.flatMap((node) => findNodeFindings(node, input)), ...findOrphanFindings(input)]
}

function findNodeFindings(
  node: GraphNode,
  { graph, index, due, stored }: OrphanInput,
): readonly Diagnostic[] {
  const { migration } = node
  const row = due.has(node.index) ? undefined : findAppliedRow(index, migration.id)
  if (row === undefined || row.id !== migration.id) return []
  const late = findLateDependencies(node, row, { graph, index })
  if (row.checksum === migration.checksum) return late
  if (migration.header.run === 'on_change') return isOlder(node, row) ? [describeOlder(node, row)] : late
  return [...judgeChange({ migration, stored: stored.get(migration.id), late: late.length > 0 }), ...late]
}

function describeOlder({ migration }: GraphNode, row: MigrationRow): Diagnostic {
  return {
    code: 'TM4004',
    severity: 'warning',
    message: `"${migration.id}" is older than what is applied and is left alone (file ${migration.checksum.slice(0, 8)}, applied ${row.checksum.slice(0, 8)})`,
    source: migration.source,
    span: { start: 0, end: 0 },
    help: `to apply it all the same: tidemark up --rerun ${migration.id}`,
  }
}

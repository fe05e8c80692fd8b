import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { suggest } from '../../diagnostic/suggest.ts'
import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { findNode } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { findPresentRow, type HistoryIndex } from '../history/history-index.ts'
import type { ApplyOptions } from '../pending/apply-options.ts'
import { describeUnknownId } from './describe-unknown-id.ts'

/**
 * Finds options that name what does not exist or cannot be done.
 *
 * @returns TM2007, TM2009, TM2010.
 * @throws TypeError when `steps` is not a whole number from 1.
 */
export function checkApplyOptions(
  graph: MigrationGraph,
  index: HistoryIndex,
  options: ApplyOptions,
): readonly Diagnostic[] {
  const { target, steps, tags = [], rerun = [] } = options
  if (steps !== undefined && (!Number.isSafeInteger(steps) || steps < 1)) {
    throw new TypeError(`steps must be a whole number from 1, not ${steps}`)
  }
  const ids = target === undefined ? rerun : [target, ...rerun]
  return [
    ...ids.flatMap((id) => (graph.indexes.has(id) ? [] : describeUnknownId(graph, id))),
    ...checkTags(graph, tags),
    ...rerun.flatMap((id) => checkRerun(graph, index, id)),
  ]
}

function checkTags(graph: MigrationGraph, tags: readonly string[]): readonly Diagnostic[] {
  if (tags.length === 0) return []
  const known = new Set(graph.nodes.flatMap((node) => node.migration.header.tags))
  return tags.flatMap((tag) => (known.has(tag) ? [] : describeUnknownTag(tag, known)))
}

function describeUnknownTag(tag: string, known: ReadonlySet<string>): Diagnostic {
  const near = suggest(tag, known)
  return {
    code: 'TM2009',
    severity: 'error',
    message: `no migration has the tag "${tag}"`,
    help:
      near === undefined ? 'tags are written in the header: "-- Tags: [a, b]"' : `did you mean "${near}"?`,
  }
}

function checkRerun(graph: MigrationGraph, index: HistoryIndex, id: MigrationId): readonly Diagnostic[] {
  const migration = findNode(graph, id)?.migration
  if (migration === undefined) return []
  const once = migration.header.run === 'once'
  if (!once && findPresentRow(index, migration.id) !== undefined) return []
  return [
    {
      code: 'TM2010',
      severity: 'error',
      message: once
        ? `"${id}" runs once: it cannot be run again`
        : `"${id}" is not applied: it cannot be run again`,
      source: migration.source,
      span: { start: 0, end: 0 },
      help: once
        ? `only files with "Run: on_change" can; to roll it back and apply it again: tidemark redo ${id}`
        : 'apply it without --rerun',
    },
  ]
}

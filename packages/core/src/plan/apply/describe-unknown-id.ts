import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { suggest } from '../../diagnostic/suggest.ts'
import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { nameEnvironments } from '../../migration/model/environments.ts'
import type { MigrationId } from '../../migration/model/migration.ts'

/** TM2007: an id was asked for that no file has, with the nearest one that exists. */
export function describeUnknownId(graph: MigrationGraph, id: MigrationId): Diagnostic {
  const squash = graph.ignored.find((migration) => migration.id === id)
  if (squash !== undefined) {
    return {
      code: 'TM2007',
      severity: 'error',
      message: `"${id}" is ignored while files that it replaces are still there`,
      source: squash.source,
      span: squash.replacesSpans[0] ?? { start: 0, end: 0 },
      help: 'name one of the files that it replaces, or delete them all',
    }
  }
  const elsewhere = graph.elsewhere.find((migration) => migration.id === id)
  if (elsewhere !== undefined) {
    const { environment } = graph
    return {
      code: 'TM2007',
      severity: 'error',
      message: `"${id}" is for other environments (${nameEnvironments(elsewhere.header)}) than ${environment === undefined ? 'this one, which has no name' : `"${environment}"`}`,
      source: elsewhere.source,
      span: { start: 0, end: 0 },
      help: `name one of its environments: --env ${elsewhere.header.environments?.[0] ?? ''}`,
    }
  }
  const near = suggest(id, graph.indexes.keys())
  return {
    code: 'TM2007',
    severity: 'error',
    message: `no migration has the id "${id}"`,
    help: near === undefined ? 'list the ids with: tidemark status' : `did you mean "${near}"?`,
  }
}

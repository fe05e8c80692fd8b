import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { suggest } from '../../diagnostic/suggest.ts'
import { findNode, type MigrationGraph } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import type { BatchProgress, MigrationRow } from '../history/history.ts'
import { isElsewhereRow } from '../history/is-elsewhere-row.ts'
import type { AppliedOrder } from './applied-order.ts'

/** TM6003 or TM2007: an id that was asked for is not applied, or nobody knows it. */
export function describeNotApplied(order: AppliedOrder, id: MigrationId): Diagnostic {
  const known = order.index.rows.has(id) || order.graph.indexes.has(id) || isFileElsewhere(order.graph, id)
  const near = suggest(
    id,
    order.rows.map((row) => row.id),
  )
  if (!known) {
    return {
      code: 'TM2007',
      severity: 'error',
      message: `no migration has the id "${id}"`,
      help: near === undefined ? 'list the ids with: tidemark status' : `did you mean "${near}"?`,
    }
  }
  return {
    code: 'TM6003',
    severity: 'error',
    message: `"${id}" is not applied`,
    ...place(order, id),
    help: 'there is nothing to roll back; see: tidemark status',
  }
}

/** TM6005: a squash replaces this id, so it cannot be rolled back on its own. */
export function describeSetAside(order: AppliedOrder, id: MigrationId, squash: MigrationId): Diagnostic {
  return {
    code: 'TM6005',
    severity: 'error',
    message: `"${id}" is part of the squash "${squash}" and cannot be rolled back on its own`,
    ...place(order, squash),
    help: `roll back the squash instead: tidemark down --target ${squash}`,
  }
}

/** TM6004: no applied migration belongs to this run. */
export function describeUnknownRun(runId: string): Diagnostic {
  return {
    code: 'TM6004',
    severity: 'error',
    message: `no applied migration belongs to the run "${runId}"`,
    help: 'list the runs with: tidemark history --runs',
  }
}

/** TM6004: the beginning of an id that several runs have. */
export function describeManyRuns(asked: string, runIds: readonly string[]): Diagnostic {
  return {
    code: 'TM6004',
    severity: 'error',
    message: `"${asked}" is the beginning of ${runIds.length} runs: ${runIds.join(', ')}`,
    help: 'write more of the id',
  }
}

/** TM6001: there is no SQL that undoes this migration. */
export function describeIrreversible(
  order: AppliedOrder,
  id: MigrationId,
  source: 'stored' | 'files',
): Diagnostic {
  return {
    code: 'TM6001',
    severity: 'error',
    message: `"${id}" is irreversible: ${source === 'stored' ? 'no @down was stored with it' : 'its file has no @down'}`,
    ...place(order, id),
    help: `write a new migration that reverts it, or revert it by hand, then: tidemark mark ${id} --as rolled_back`,
  }
}

/** TM6002: applied migrations that are not rolled back depend on this one. */
export function describeDependents(
  order: AppliedOrder,
  id: MigrationId,
  { dependents, command }: { readonly dependents: readonly MigrationId[]; readonly command: 'down' | 'redo' },
): Diagnostic {
  const names = dependents.map((one) => `"${one}"`).join(', ')
  const isApart = isElsewhereRow(order.graph)
  const apart = dependents.filter((one) => order.rows.some((row) => row.id === one && isApart(row)))
  return {
    code: 'TM6002',
    severity: 'error',
    message: `${names} ${dependents.length === 1 ? 'is' : 'are'} applied and ${dependents.length === 1 ? 'depends' : 'depend'} on "${id}"`,
    ...place(order, id),
    help:
      apart.length > 0
        ? `roll back what is for other environments first: ${apart.map((one) => `tidemark down --target ${one}`).join('; ')}`
        : `roll ${dependents.length === 1 ? 'it' : 'them'} back too: tidemark ${command === 'redo' ? 'redo' : 'down --target'} ${id} --cascade`,
  }
}

/** TM6002: what depends on this one is neither applied nor pending from its beginning. */
export function describePartlyDone(
  order: AppliedOrder,
  id: MigrationId,
  dependents: readonly MigrationId[],
): Diagnostic {
  const names = dependents.map((one) => `"${one}"`).join(', ')
  const isOne = dependents.length === 1
  return {
    code: 'TM6002',
    severity: 'error',
    message: `${names} ${isOne ? 'is' : 'are'} partly done and ${isOne ? 'depends' : 'depend'} on "${id}"`,
    ...place(order, id),
    help: `finish ${isOne ? 'it' : 'them'} with tidemark up; to start ${isOne ? 'it' : 'them'} over, undo by hand what is done and run tidemark mark ${dependents.join(' ')} --as pending`,
  }
}

/** TM6012: what is for other environments is rolled back by its id alone. */
export function describeElsewhere(
  rows: readonly Pick<MigrationRow, 'id'>[],
  severity: 'error' | 'warning',
): Diagnostic {
  const names = rows.map(({ id }) => `"${id}"`).join(', ')
  return {
    code: 'TM6012',
    severity,
    message: `${names} ${rows.length === 1 ? 'is' : 'are'} for other environments and ${rows.length === 1 ? 'is' : 'are'} not rolled back along with others`,
    help: `name the environment with --env, or roll ${rows.length === 1 ? 'it' : 'them'} back by id: ${rows.map(({ id }) => `tidemark down --target ${id}`).join('; ')}`,
  }
}

/** TM6006: the text that a rollback needs was not handed in, or the file is gone. */
export function describeNoText(
  order: AppliedOrder,
  id: MigrationId,
  { source, command }: { readonly source: 'stored' | 'files'; readonly command: 'down' | 'redo' },
): Diagnostic {
  const fromFiles =
    command === 'down' ? '--from-files' : `tidemark down --target ${id} --from-files; then apply it again`
  return {
    code: 'TM6006',
    severity: 'error',
    message:
      source === 'stored'
        ? `no SQL is stored for "${id}"`
        : `the file of "${id}" is missing, so its @down cannot be read`,
    ...place(order, id),
    help:
      source === 'stored'
        ? `roll back from the files: ${fromFiles}`
        : 'run it without --from-files to use the stored SQL',
  }
}

/** TM4010: the statements that are done are not those of the file. */
export function describeChangedBeginning(
  order: AppliedOrder,
  id: MigrationId,
  { done, isStored }: { readonly done: number; readonly isStored: boolean },
): Diagnostic {
  const isOne = done === 1
  const noun = isOne ? 'the first statement' : `the first ${done} statements`
  const other = isStored
    ? `or continue with the stored SQL: tidemark down --target ${id}`
    : `or do the rest by hand, then: tidemark mark ${id} --as rolled_back`
  return {
    code: 'TM4010',
    severity: 'error',
    message: `${noun} of the @down of "${id}" ${isOne ? 'is' : 'are'} already done, and that part of the file has changed since`,
    ...place(order, id),
    help: `restore the ${isOne ? 'statement that is' : 'statements that are'} done, and change only what comes after ${isOne ? 'it' : 'them'}; ${other}`,
  }
}

/** TM4010, a warning: a walk in batches goes on with another `@down` than it began with. */
export function describeChangedWalk(
  order: AppliedOrder,
  id: MigrationId,
  { column, cursor, rows }: BatchProgress,
): Diagnostic {
  return {
    code: 'TM4010',
    severity: 'warning',
    message: `the @down of "${id}" has changed since it was partly done: up to ${column} = ${cursor} (${rows} ${rows === 1 ? 'row' : 'rows'}) as it was before, the rest as it is now`,
    ...place(order, id),
    help: `if the rows that are done are right, run it; else continue with the stored SQL: tidemark down --target ${id}`,
  }
}

function isFileElsewhere({ elsewhere }: MigrationGraph, id: MigrationId): boolean {
  return elsewhere.some((file) => file.id === id)
}

function place(order: AppliedOrder, id: MigrationId): Pick<Diagnostic, 'source' | 'span'> {
  const node = findNode(order.graph, id)
  return node === undefined ? {} : { source: node.migration.source, span: { start: 0, end: 0 } }
}

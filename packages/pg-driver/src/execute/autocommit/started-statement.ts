import { sha256Hex } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import type { StatementProgress } from '../../statement/tracking-tables.ts'
import type { ExecutionMode } from './execution-mode.ts'
import {
  dropIndexConcurrently,
  findIndex,
  findIndexToBuild,
  type IndexState,
  listIndexesOf,
  listReindexRemains,
} from './index-state.ts'
import { findAttachment, settleDetach } from './partition-state.ts'

/** A statement that runs by itself, and its place among the statements. */
export interface StandaloneStatement {
  readonly index: number
  readonly text: string
  readonly mode: ExecutionMode
}

/**
 * Looks at what a statement is about to change, so that a later run can separate its effect from what was
 * there before.
 */
export async function describeBefore(
  connection: Connection,
  { index, text, mode }: StandaloneStatement,
): Promise<StatementProgress> {
  const common = { started: index, statement: fingerprint(text) }
  switch (mode.kind) {
    case 'build_index': {
      const { table } = mode.build
      const before = await findIndexToBuild(connection, mode.build)
      return { ...common, invalidIndexes: namesOfInvalid(await listIndexesOf(connection, table)), ...before }
    }
    case 'drop_index':
      return { ...common, invalidIndexes: [], ...identityOf(await findIndex(connection, mode.index)) }
    case 'reindex':
      return {
        ...common,
        invalidIndexes: namesOfInvalid(await listReindexRemains(connection, mode.reindex)),
        reindexing: mode.reindex,
      }
    case 'detach': {
      const detaching = await findAttachment(connection, mode.detach)
      return { ...common, invalidIndexes: [], ...(detaching && { detaching }) }
    }
    default:
      return { ...common, invalidIndexes: [] }
  }
}

/**
 * Looks for the effect of a statement that an earlier attempt had started. What it left half done is dropped:
 * an index that is invalid and was not before. A detach that is pending is made final.
 *
 * @returns `done` when the effect is there; `again` when the statement has to run (again).
 */
export async function settleStarted(
  connection: Connection,
  { text, mode }: StandaloneStatement,
  progress: StatementProgress,
): Promise<'done' | 'again'> {
  const isSame = progress.statement === fingerprint(text)
  const index = progress.index === undefined ? undefined : await findIndex(connection, progress.index)
  if (index !== undefined && isRemains(index, progress)) {
    // An index that was there and valid before is half dropped, not half built.
    if (index.oid !== progress.oid) await dropIndexConcurrently(connection, progress.index ?? index.name)
    return 'again'
  }
  if (progress.reindexing !== undefined) {
    const remains = await listReindexRemains(connection, progress.reindexing)
    for (const one of remains) if (isRemains(one, progress)) await dropIndexConcurrently(connection, one.name)
  }
  if (!isSame) return 'again'
  if (progress.detaching !== undefined) return settleDetach(connection, progress.detaching)
  if (mode.kind === 'build_index') {
    return index?.valid === true && index.oid !== progress.oid ? 'done' : 'again'
  }
  return mode.kind === 'drop_index' && progress.oid !== undefined && index === undefined ? 'done' : 'again'
}

function isRemains({ valid, name }: IndexState, { invalidIndexes }: StatementProgress): boolean {
  return !valid && !invalidIndexes.includes(name)
}

function fingerprint(text: string): string {
  return sha256Hex(text)
}

function namesOfInvalid(indexes: readonly IndexState[]): readonly string[] {
  return indexes.filter(({ valid }) => !valid).map(({ name }) => name)
}

function identityOf(index: IndexState | undefined): { readonly index?: string; readonly oid?: string } {
  return index === undefined ? {} : { index: index.name, oid: index.oid }
}

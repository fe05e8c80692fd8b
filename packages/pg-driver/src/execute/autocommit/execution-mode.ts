import {
  type ConcurrentDetach,
  type ConcurrentReindex,
  type IndexBuild,
  type RelationName,
  readStatementFacts,
  type StatementFacts,
} from '@tidemark/core'
import type { ScriptStatement } from '../../script/step-script.ts'

/**
 * How a statement of a file without a transaction runs. `wrapped`: in a transaction with its progress, so
 * exactly once. All others run by themselves, after it was written down that they are started.
 */
export type ExecutionMode =
  | { readonly kind: 'wrapped' }
  | { readonly kind: 'build_index'; readonly build: IndexBuild & { readonly name: string } }
  | { readonly kind: 'drop_index'; readonly index: RelationName }
  | { readonly kind: 'reindex'; readonly reindex: ConcurrentReindex }
  | { readonly kind: 'detach'; readonly detach: ConcurrentDetach }
  /** VACUUM, CALL, DO, ALTER SYSTEM …: after an interruption it is run again. */
  | { readonly kind: 'repeated' }

/** Reads the facts of a statement as it is sent. */
export function factsOf({ source, span }: ScriptStatement): StatementFacts {
  const { start, end } = span
  return readStatementFacts(source.text, { start, end, codeStart: start, codeEnd: end, terminated: true })
}

/** Commands that may end transactions themselves. */
const PROCEDURAL: ReadonlySet<string> = new Set(['CALL', 'DO'])

/** Decides how a statement runs. */
export function executionModeOf(facts: StatementFacts): ExecutionMode {
  const { refusesTransaction, indexBuild, concurrentReindex, concurrentDetach, destructions } = facts
  if (refusesTransaction === undefined) {
    return PROCEDURAL.has(facts.command) ? { kind: 'repeated' } : { kind: 'wrapped' }
  }
  if (indexBuild?.concurrently === true && indexBuild.name !== undefined) {
    return { kind: 'build_index', build: { ...indexBuild, name: indexBuild.name } }
  }
  if (concurrentReindex !== undefined) return { kind: 'reindex', reindex: concurrentReindex }
  if (concurrentDetach !== undefined) return { kind: 'detach', detach: concurrentDetach }
  const [dropped] = destructions
  const [index] = dropped?.kind === 'drop' && dropped.object === 'index' ? dropped.names : []
  return index === undefined ? { kind: 'repeated' } : { kind: 'drop_index', index }
}

/** Tells whether a statement is CONCURRENTLY on indexes, to which the limit of a lock wait does not apply. */
export function isConcurrent({ kind }: ExecutionMode): boolean {
  return kind === 'build_index' || kind === 'drop_index' || kind === 'reindex'
}

/** A command that continues a run. */
export type RunCommand = 'up' | 'down'

/**
 * What to do about a failure, as a value: code decides by `kind`, and {@link describeRemedy} makes the words.
 */
export type Remedy =
  /** The SQL of the file is wrong. */
  | { readonly kind: 'fix_file'; readonly command: RunCommand }
  /** Nothing is wrong with the file: running again is enough. `reason` says what happened. */
  | { readonly kind: 'rerun'; readonly command: RunCommand; readonly reason: string }
  /** Another session changed the rows or the lock: look at the status, then run again. */
  | { readonly kind: 'check_status'; readonly command: RunCommand; readonly reason: string }
  /**
   * A lock was not granted: run again when it is free. `wait` says how long it was tried, and who blocked it.
   */
  | { readonly kind: 'free_lock'; readonly command: RunCommand; readonly wait: string }
  /** The stored `@down` of a migration fails: fixing the file alone changes nothing. */
  | { readonly kind: 'replace_down'; readonly id: string }
  /** A failed statement left an invalid index. */
  | { readonly kind: 'drop_index'; readonly index: string }
  /** Advice that nothing decides by. */
  | { readonly kind: 'advice'; readonly text: string }
  /** Several things to do, in this order. */
  | { readonly kind: 'all'; readonly remedies: readonly Remedy[] }

/**
 * Puts a remedy into words, as `error.help` has them.
 *
 * @example describeRemedy({ kind: 'fix_file', command: 'up' }) // 'fix the file and run "tidemark up" again'
 */
export function describeRemedy(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'fix_file':
      return `fix the file and run "tidemark ${remedy.command}" again`
    case 'rerun':
      return `${remedy.reason}: run "tidemark ${remedy.command}" again`
    case 'check_status':
      return `${remedy.reason}; run "tidemark status", then "tidemark ${remedy.command}" again`
    case 'free_lock':
      return `${remedy.wait}. Run "tidemark ${remedy.command}" again when it is free, or raise "Lock timeout" or lockRetries`
    case 'replace_down':
      return `its @down was stored when it was applied: revert it by hand and run "tidemark mark ${remedy.id} --as rolled_back", or fix the @down of its file and run "tidemark down --target ${remedy.id} --from-files"`
    case 'drop_index':
      return `the index ${remedy.index} was left invalid: the next run drops it and builds it again; to drop it now: DROP INDEX CONCURRENTLY ${remedy.index};`
    case 'advice':
      return remedy.text
    case 'all':
      return remedy.remedies.map(describeRemedy).join('; ')
  }
}

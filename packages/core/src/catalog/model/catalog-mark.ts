/** What is remembered of a catalog, to tell later whether anything has changed since. */
export interface CatalogMark {
  /** By `fingerprintCatalog`. */
  readonly fingerprint: string
  /** The role that read it: another one may see other things. */
  readonly role: string
  /** What was read and how: another version of the server or of Tidemark, or another scope, reads otherwise. */
  readonly reading: string
  readonly recordedAt: Date
}

/** What two marks of one database say. */
export type MarkComparison =
  | { readonly kind: 'unchanged' | 'changed'; readonly since: Date }
  /** `reading`: the version of the server or of Tidemark, or the scope. */
  | { readonly kind: 'not comparable'; readonly because: 'role' | 'reading'; readonly recorded: CatalogMark }
  | { readonly kind: 'not recorded' }

/**
 * Compares the mark that a run has recorded with that of now.
 *
 * @example compareMarks(null, mark).kind // 'not recorded'
 */
export function compareMarks(recorded: CatalogMark | null, now: CatalogMark): MarkComparison {
  if (recorded === null) return { kind: 'not recorded' }
  if (recorded.role !== now.role) return { kind: 'not comparable', because: 'role', recorded }
  if (recorded.reading !== now.reading) return { kind: 'not comparable', because: 'reading', recorded }
  const isSame = recorded.fingerprint === now.fingerprint
  return { kind: isSame ? 'unchanged' : 'changed', since: recorded.recordedAt }
}

import type { Requirement, SavedColumn, SequenceState } from './table-definition.ts'

/** One line of an archive. The rows follow theirs in the text format of COPY, up to the line `\.`. */
export type ArchiveItem =
  | {
      readonly item: 'archive'
      readonly formatVersion: 2
      readonly runId: string
      readonly migrationId: string
      readonly direction: 'up' | 'down'
    }
  /** What follows, up to the next one, is of this table, sequence or materialized view. */
  | {
      readonly item: 'relation'
      readonly schema: string
      readonly name: string
      readonly columns: readonly SavedColumn[]
    }
  | ({ readonly item: 'requirement' } & Requirement)
  | {
      readonly item: 'statement'
      readonly phase: 'create' | 'complete' | 'link'
      readonly sql: string
    }
  /** What the rest of the step made of a name. */
  | {
      readonly item: 'renamed'
      readonly from: { readonly schema: string; readonly name: string }
      readonly to: { readonly schema: string; readonly name: string }
    }
  | { readonly item: 'rows' }
  | ({ readonly item: 'sequence' } & SequenceState)

/** Ends the rows of a table. */
export const END_OF_ROWS = '\\.'

/** Writes an item as a line. */
export function formatItem(item: ArchiveItem): string {
  return `${JSON.stringify(item)}\n`
}

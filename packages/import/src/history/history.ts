import type { Diagnostic } from '@tidemark/core'
import type { ForeignMigration } from '../foreign/foreign-project.ts'

/** The table in which another tool keeps what it applied. */
export interface HistoryTable {
  readonly name: string
  /** The schema that the tool uses by default. */
  readonly schema: string
  /** The columns that are read, the first for their order; a table without them is another one. */
  readonly columns: readonly string[]
}

/** A row of such a table, every value as text. */
export type HistoryRow = Readonly<Record<string, string | null>>

/** What another tool's table says about its files. */
export interface HistoryJudgement {
  /** One for each migration, in their order. */
  readonly applied: readonly boolean[]
  /** Versions in the table that have no file. */
  readonly unknown: readonly string[]
  readonly findings: readonly Diagnostic[]
  /** Why nothing can be adopted: a migration is half applied. */
  readonly refusal: { readonly message: string; readonly help: string } | undefined
}

/**
 * Decides which migrations are applied, by the tool's own rules. Rows come in the order of the table's first
 * column.
 */
export type JudgeHistory = (
  rows: readonly HistoryRow[],
  migrations: readonly ForeignMigration[],
) => HistoryJudgement

/** Where a tool keeps its history, and how it reads it. */
export interface FormatHistory {
  readonly table: HistoryTable
  readonly judge: JudgeHistory
}

import type { Diagnostic, SourceFile, Span } from '@tidemark/core'

/** A file in the folder of another tool. */
export interface ForeignFile {
  /** Relative to that folder, with `/`. */
  readonly name: string
  /** How messages name it. */
  readonly path: string
  /** With LF and without BOM; undefined for files that no format reads. */
  readonly text: string | undefined
}

/** A part of a file that becomes a section. Offsets are into the file's text. */
export interface ForeignSection {
  readonly source: SourceFile
  readonly span: Span
  /** Lines that only the other tool reads, such as `-- migrate:up`: they are removed. */
  readonly directives: readonly Span[]
  /** Where the other tool ends a statement, with `;` or without. Ascending. */
  readonly boundaries: readonly number[]
  /** What is written another way in a migration file, such as a placeholder. */
  readonly replacements?: readonly Replacement[]
}

/** A part of a text, and what comes in its place. */
export interface Replacement extends Span {
  readonly text: string
}

/** One migration of another tool. */
export interface ForeignMigration {
  /** Its name in the tool's table. */
  readonly version: string
  /** The wanted id: the other tool's name for it, legal or not. */
  readonly name: string
  /** Undefined: the id in words. */
  readonly description: string | undefined
  readonly up: ForeignSection
  readonly down: ForeignSection | undefined
  /** Queries that fail when something is missing; undefined: the other tool checks nothing. */
  readonly verify?: ForeignSection | undefined
  /** The names of those that it needs; undefined: the one before it. */
  readonly dependsOn?: readonly string[]
  readonly tags?: readonly string[]
  /** The only environments that it is for; undefined: all. */
  readonly environments?: readonly string[] | undefined
  /** Names whose values the configuration gives. */
  readonly variables?: readonly string[]
  /** `none` when its author asked for no transaction. */
  readonly transaction: 'required' | 'none'
  readonly run: 'once' | 'on_change'
  /** A checksum that the tool's table may hold. */
  readonly fingerprint?: string
}

/** What a format makes of a folder: migrations in the other tool's own order, and what is not imported. */
export interface ForeignProject {
  readonly migrations: readonly ForeignMigration[]
  readonly findings: readonly Diagnostic[]
}

/**
 * Reads the files of one tool. Pure and total: what it cannot use is a finding; one of severity `error`
 * refuses the import.
 */
export type ReadForeignFiles = (files: readonly ForeignFile[]) => ForeignProject

/** A file whose text was read. */
export type ForeignText = ForeignFile & { readonly text: string }

/** Says whether the text of a file was read. */
export function hasText(file: ForeignFile): file is ForeignText {
  return file.text !== undefined
}

/** The section that a whole file is. */
export function wholeFile(file: ForeignText): ForeignSection {
  const { path, text } = file
  return { source: { path, text }, span: { start: 0, end: text.length }, directives: [], boundaries: [] }
}

/** A section without a statement, for a way back that the other tool takes without doing anything. */
export function emptySection(file: ForeignText): ForeignSection {
  const end = file.text.length
  return { ...wholeFile(file), span: { start: end, end } }
}

/** The last part of a path. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

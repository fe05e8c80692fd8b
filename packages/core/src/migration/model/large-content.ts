import type { SqlStatement } from '../../sql/statement.ts'
import type { SourceFile } from '../../text/source-file.ts'

/** A statement of a file that is too large to be held; it is good until the next one is asked for. */
export interface LargeStatement {
  /** 0-based, among the statements of `@up`. */
  readonly index: number
  /** The part of the file that was read when it was found. */
  readonly part: LargePart
  /** Its place in `part.source`. */
  readonly statement: SqlStatement
  /** The bytes of its inline COPY data, as they are read: a piece is good until the next one is asked for. */
  readonly copyData?: AsyncIterable<Uint8Array>
}

/** Some lines of a large file. */
export interface LargePart {
  readonly source: SourceFile
  /** Where it begins in the normalised file, in bytes. */
  readonly startBytes: number
}

/**
 * A place in a large file as people can be shown it: a text with the right line numbers, and where in it the
 * part begins.
 */
export interface LocatedPart {
  readonly source: SourceFile
  readonly shift: number
}

/**
 * The content of a migration whose file is over 16 MiB: its `source` is a digest, with the first 1 KiB of
 * each statement, and the statements themselves are read again whenever they run.
 */
export interface LargeContent {
  readonly sizeBytes: number
  /** Statements of `@up`. */
  readonly statementCount: number
  /**
   * Reads the statements of `@up` in order, to the end of the file.
   *
   * @throws TidemarkError TM5022 before the first or after the last one, when the file is not what it was
   *   when it was planned.
   */
  readUp(signal?: AbortSignal): AsyncIterable<LargeStatement>
  /** Finds the line of a part, by reading up to it. */
  locate(part: LargePart): Promise<LocatedPart>
  /** Reads one line, 1-based; its text is in the line of the same number. */
  readLine(line: number): Promise<SourceFile>
}

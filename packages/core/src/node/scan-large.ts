import type { LargePart } from '../migration/model/large-content.ts'
import { isMarkerWord } from '../migration/sections/section-names.ts'
import { readCsvFormat } from '../sql/copy-format.ts'
import { scanSql } from '../sql/scan.ts'
import type { SqlScan, SqlStatement } from '../sql/statement.ts'
import { type CopyEnd, readCopyBytes } from './copy-bytes.ts'

/** What one look at a large file found: statements that are complete, and all that lies between them. */
export interface LargeWindow {
  readonly part: LargePart
  /** Of the complete statements alone. */
  readonly scan: SqlScan
  /** The data of the last statement, a COPY; to be read before the next window, else it is passed over. */
  readonly copyData?: AsyncIterable<Buffer>
}

/** A statement that is longer than this is not worth holding; beyond 1 GiB the server refuses it. */
const MAX_STATEMENT_BYTES = 256 * 1024 * 1024

/** A statement of more than 256 MiB, or one that does not seem to end. */
export class EndlessStatement extends Error {
  override readonly name = 'EndlessStatement'
  /** Begins where the statement does. */
  readonly part: LargePart

  constructor({ source, startBytes }: LargePart, start: number) {
    super('a statement does not end')
    const { path, text } = source
    const before = Buffer.byteLength(text.slice(0, start))
    this.part = { source: { path, text: text.slice(start) }, startBytes: startBytes + before }
  }
}

/**
 * Scans a text that comes in pieces, holding no more of it than the statement that is not complete yet. Whole
 * lines are scanned, so that nothing of a later piece can change what was found.
 *
 * @throws EndlessStatement.
 */
export async function* scanLarge(
  chunks: AsyncIterable<Buffer>,
  path: string,
  maxStatementBytes: number = MAX_STATEMENT_BYTES,
): AsyncGenerator<LargeWindow> {
  const more = chunks[Symbol.asyncIterator]()
  let text = ''
  let startBytes = 0
  let wanted = 1
  let isOver = false
  // The `;` that ended the statement before, so that what follows it does not seem to begin a line.
  let carried = 0
  try {
    while (!isOver || text !== '') {
      while (!isOver && text.length < wanted) {
        const chunk = await more.next()
        if (chunk.done === true) isOver = true
        else text += chunk.value.toString('utf8')
      }
      const lines = isOver ? text : text.slice(0, text.lastIndexOf('\n') + 1)
      const part = { source: { path, text: lines }, startBytes }
      const found = complete(withoutFirst(scanSql(lines, { markers: isMarkerWord }), carried), isOver)
      if (found.end <= carried && !isOver) {
        if (text.length > maxStatementBytes) {
          throw new EndlessStatement({ source: { path, text }, startBytes }, carried)
        }
        wanted = Math.min(text.length * 2, maxStatementBytes) + 1
        continue
      }
      wanted = 1
      const tooLong = found.scan.statements.find((one) => isLonger(lines, one, maxStatementBytes))
      if (tooLong !== undefined) throw new EndlessStatement(part, tooLong.codeStart)
      if (found.openCopy === undefined) {
        yield { part, scan: found.scan }
        if (isOver) return
        carried = lines.charCodeAt(found.end - 1) === SEMICOLON ? 1 : 0
        const cut = found.end - carried
        startBytes += Buffer.byteLength(lines.slice(0, cut))
        text = text.slice(cut)
        continue
      }
      const { copyStart, format } = found.openCopy(lines)
      const data = readCopyBytes(Buffer.from(text.slice(copyStart)), more, format)
      const reading = new CopyReading(data)
      yield { part, scan: found.scan, copyData: reading }
      const end = await reading.finish()
      if (!end.closed) yield { part, scan: unclosed(found.scan) }
      startBytes += Buffer.byteLength(lines.slice(0, copyStart)) + end.sizeBytes
      text = end.rest.toString('utf8')
      carried = 0
    }
  } finally {
    await more.return?.()
  }
}

const SEMICOLON = 0x3b

/** A UTF-16 unit has three bytes at most. */
function isLonger(text: string, { codeStart, codeEnd }: SqlStatement, limitBytes: number): boolean {
  if (codeEnd - codeStart <= limitBytes / 3) return false
  return Buffer.byteLength(text.slice(codeStart, codeEnd)) > limitBytes
}

function withoutFirst(scan: SqlScan, count: number): SqlScan {
  return count === 0 ? scan : { ...scan, statements: scan.statements.slice(count) }
}

type Complete = {
  readonly scan: SqlScan
  readonly end: number
  readonly openCopy:
    | ((text: string) => { copyStart: number; format: ReturnType<typeof readCsvFormat> })
    | undefined
}

/** Keeps what nothing behind it can change. */
function complete(scan: SqlScan, isOver: boolean): Complete {
  const last = scan.statements.at(-1)
  const isCopyOpen = scan.problems.some(
    (problem) => problem.kind === 'unterminated' && problem.what === 'copy_data',
  )
  if (isCopyOpen && last?.copyData !== undefined && !isOver)
    return withOpenCopy(scan, last, last.copyData.start)
  if (isOver) return { scan, end: last?.end ?? 0, openCopy: undefined }
  const isOpen = last !== undefined && !last.terminated && !isMarkerLine(scan, last)
  const statements = isOpen ? scan.statements.slice(0, -1) : scan.statements
  const end = statements.at(-1)?.end ?? 0
  return { scan: upTo(scan, statements, end), end, openCopy: undefined }
}

function withOpenCopy(scan: SqlScan, last: SqlStatement, copyStart: number): Complete {
  const problems = scan.problems.filter(({ kind }) => kind !== 'unterminated')
  const openCopy = (text: string) => ({
    copyStart,
    format: readCsvFormat(text, { start: last.codeStart, end: last.codeEnd }),
  })
  return { scan: { ...scan, problems }, end: copyStart, openCopy }
}

/** The file ended within the data of its last statement. */
function unclosed({ statements }: SqlScan): SqlScan {
  const { codeStart: start = 0, codeEnd: end = 0 } = statements.at(-1) ?? {}
  const problems = [{ kind: 'unterminated', what: 'copy_data', span: { start, end } }] as const
  return { statements: [], markers: [], looseMarkers: [], psqlLines: [], problems }
}

function isMarkerLine(scan: SqlScan, statement: SqlStatement): boolean {
  return scan.markers.some(({ line }) => line.start === statement.start && line.end === statement.end)
}

function upTo(scan: SqlScan, statements: readonly SqlStatement[], end: number): SqlScan {
  return {
    statements,
    markers: scan.markers.filter((one) => one.end <= end),
    looseMarkers: scan.looseMarkers.filter((one) => one.end <= end),
    psqlLines: scan.psqlLines.filter((one) => one.end <= end),
    problems: scan.problems.filter(({ span }) => span.end <= end),
  }
}

/** Data that a reader may leave half read: the rest is then passed over. */
class CopyReading implements AsyncIterable<Buffer> {
  readonly #data: ReturnType<typeof readCopyBytes>
  #end: CopyEnd | undefined

  constructor(data: ReturnType<typeof readCopyBytes>) {
    this.#data = data
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const piece = await this.#data.next()
      if (piece.done === true) {
        this.#end = piece.value
        return
      }
      yield piece.value
    }
  }

  async finish(): Promise<CopyEnd> {
    while (this.#end === undefined) {
      const piece = await this.#data.next()
      if (piece.done === true) this.#end = piece.value
    }
    return this.#end
  }
}

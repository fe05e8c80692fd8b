import type { Span } from '../text/span.ts'
import { afterBreak, readCopyData } from './copy-data.ts'
import { readCsvFormat } from './copy-format.ts'
import { isKeyword } from './is-keyword.ts'
import { Lexer } from './lexer.ts'
import { mayBeMarker, readMarker } from './read-marker.ts'
import { skipLine } from './skip.ts'
import type {
  LooseMarker,
  PsqlLine,
  ScanProblem,
  SqlMarker,
  SqlScan,
  SqlStatement,
  UnterminatedKind,
} from './statement.ts'
import { type StatementShape, shapeAfterOther, shapeAfterWord } from './statement-shape.ts'

/** How {@link scanSql} reads a text. */
export interface ScanOptions {
  /**
   * Whether whole-line comments `-- @word` are markers, which end a statement: all of them, or those whose
   * word (lower case) the function accepts. By default they are comments.
   */
  readonly markers?: boolean | ((name: string) => boolean)
}

/**
 * Cuts a text into statements where psql and the server would, and finds what a migration file cares about on
 * the way.
 *
 * One pass, linear in the text, not recursive, an object a statement; it never throws. What never ends is a
 * problem that points at its opening. Strings are read with `standard_conforming_strings` on (manual, 4.1).
 *
 * @example scanSql("SELECT ';'; SELECT 2").statements.map(s => s.end) // [11, 20]
 */
export function scanSql(text: string, options: ScanOptions = {}): SqlScan {
  const { markers = false } = options
  return new Scanner(text, typeof markers === 'function' ? markers : () => markers, markers !== false).scan()
}

/** An open BEGIN ATOMIC, with what was open around it. */
interface AtomicBody {
  readonly begin: Span
  readonly outerDepth: number
  readonly outerParenthesis: number
}

class Scanner {
  private readonly text: string
  private readonly lexer: Lexer
  private readonly withMarkers: boolean
  private readonly isMarkerName: (name: string) => boolean
  private readonly statements: SqlStatement[] = []
  private readonly markers: SqlMarker[] = []
  private readonly looseMarkers: LooseMarker[] = []
  private readonly psqlLines: PsqlLine[] = []
  private readonly problems: ScanProblem[] = []
  private readonly bodies: AtomicBody[] = []
  private start = 0
  private codeStart = 0
  private codeEnd = 0
  private hasCode = false
  private shape: StatementShape = 'start'
  private depth = 0
  /** The offset of the outermost open parenthesis. */
  private parenthesis = 0
  /** The offset of the last BEGIN of a routine. */
  private begin = 0

  constructor(text: string, isMarkerName: (name: string) => boolean, withMarkers: boolean) {
    this.text = text
    this.lexer = new Lexer(text)
    this.withMarkers = withMarkers
    this.isMarkerName = isMarkerName
  }

  scan(): SqlScan {
    const nul = this.text.indexOf('\0')
    if (nul >= 0) this.problems.push({ kind: 'nul', span: { start: nul, end: nul + 1 } })
    while (this.lexer.next()) this.readToken()
    this.finish()
    const { statements, markers, looseMarkers, psqlLines } = this
    const problems = this.problems.sort((a, b) => a.span.start - b.span.start)
    return { statements, markers, looseMarkers, psqlLines, problems }
  }

  private readToken(): void {
    switch (this.lexer.kind) {
      case 'word':
        this.readWord()
        break
      // The commonest kinds come first: this is a chain of comparisons, once a token.
      case 'punctuation':
      case 'operator':
      case 'number':
        this.readOther()
        break
      case 'open':
        this.openParenthesis()
        break
      case 'close':
        if (this.depth > 0) this.depth -= 1
        this.readOther()
        break
      case 'semicolon':
        this.readSemicolon()
        break
      case 'string':
      case 'string_continuation':
        this.readEnclosed('string')
        break
      case 'quoted_word':
        this.readEnclosed('identifier')
        break
      case 'dollar_string':
        this.readEnclosed('dollar_quote')
        break
      case 'line_comment':
        if (this.withMarkers && mayBeMarker(this.text, this.lexer.start)) this.readMarkerComment()
        break
      case 'block_comment':
        if (!this.lexer.closed) this.reportOpening('comment')
        break
      case 'psql_line':
        this.readPsqlLine()
        break
      default:
        this.readOther()
    }
  }

  private addCode(): void {
    if (!this.hasCode) {
      this.hasCode = true
      this.codeStart = this.lexer.start
    }
    this.codeEnd = this.lexer.end
  }

  private readOther(): void {
    this.addCode()
    if (this.shape !== 'plain' && this.depth === 0) this.shape = shapeAfterOther(this.shape)
  }

  private readEnclosed(what: UnterminatedKind): void {
    this.readOther()
    if (!this.lexer.closed) this.reportOpening(what)
  }

  private readWord(): void {
    this.addCode()
    if (this.shape === 'plain' || this.depth > 0) return
    const { start, end } = this.lexer
    const isFirst = this.shape === 'start'
    this.shape = shapeAfterWord(this.shape, this.text, start, end)
    if (this.shape === 'routine_begin') this.begin = start
    else if (this.shape === 'atomic') this.openBody()
    else if (isFirst && this.bodies.length > 0 && isKeyword(this.text, start, end, 'end')) this.closeBody()
  }

  private openBody(): void {
    const begin = { start: this.begin, end: this.lexer.end }
    this.bodies.push({ begin, outerDepth: this.depth, outerParenthesis: this.parenthesis })
    this.depth = 0
    this.shape = 'start'
  }

  /**
   * END closes a body only as the first word of a statement in it: any other one belongs to a CASE or is a
   * label.
   */
  private closeBody(): void {
    const body = this.bodies.pop()
    this.depth = body?.outerDepth ?? 0
    this.parenthesis = body?.outerParenthesis ?? 0
    this.shape = 'plain'
  }

  private openParenthesis(): void {
    this.readOther()
    if (this.depth === 0) this.parenthesis = this.lexer.start
    this.depth += 1
  }

  private readSemicolon(): void {
    if (this.depth > 0) this.readOther()
    else if (this.bodies.length > 0) {
      this.addCode()
      this.shape = 'start'
    } else this.endStatement()
  }

  private endStatement(): void {
    this.addCode()
    if (this.shape === 'copy_stdin') this.readCopy()
    else this.cut(this.lexer.end, 'terminated')
  }

  private readCopy(): void {
    const lineEnd = skipLine(this.text, this.lexer.end)
    this.checkRestOfLine(this.lexer.end, lineEnd)
    const format = readCsvFormat(this.text, { start: this.codeStart, end: this.codeEnd })
    const copy = readCopyData(this.text, afterBreak(this.text, lineEnd), format)
    if (!copy.closed) {
      const span = { start: this.codeStart, end: this.codeEnd }
      this.problems.push({ kind: 'unterminated', what: 'copy_data', span })
    }
    this.cut(copy.end, 'terminated', copy.data)
    this.lexer.jump(copy.end)
  }

  private checkRestOfLine(start: number, end: number): void {
    const rest = new Lexer(this.text, start, end)
    if (!rest.next() || rest.kind === 'line_comment') return
    this.problems.push({ kind: 'code_after_copy', span: { start: rest.start, end } })
  }

  private readMarkerComment(): void {
    const found = readMarker(this.text, this.lexer.start, this.lexer.end)
    if (found === undefined || !this.isMarkerName(found.marker.name)) return
    if (found.kind === 'loose') {
      this.looseMarkers.push(found.marker)
      return
    }
    const { marker } = found
    const isInside = this.depth > 0 || this.bodies.length > 0
    this.markers.push({ ...marker, place: isInside ? 'inside' : 'top' })
    if (isInside) return
    this.cut(marker.line.start, 'open')
    this.cut(marker.line.end, 'open')
    this.lexer.jump(marker.line.end)
  }

  private readPsqlLine(): void {
    const { start, end } = this.lexer
    const [command = ''] = /^[A-Za-z_]+/.exec(this.text.slice(start + 1, Math.min(end, start + 33))) ?? []
    this.psqlLines.push({ start, end, command, place: this.hasCode ? 'inside' : 'between' })
    if (this.hasCode) this.readOther()
  }

  private reportOpening(what: UnterminatedKind): void {
    const span = { start: this.lexer.start, end: this.lexer.openingEnd }
    this.problems.push({ kind: 'unterminated', what, span })
  }

  private finish(): void {
    const isOpen = this.problems.some((problem) => problem.kind === 'unterminated')
    if (!isOpen) this.reportOpenGroup()
    this.cut(this.text.length, 'open')
  }

  private reportOpenGroup(): void {
    const body = this.bodies.at(-1)
    if (this.depth > 0) {
      const span = { start: this.parenthesis, end: this.parenthesis + 1 }
      this.problems.push({ kind: 'unterminated', what: 'parenthesis', span })
    } else if (body !== undefined) {
      this.problems.push({ kind: 'unterminated', what: 'atomic_body', span: body.begin })
    }
  }

  /** Ends the statement at `end`, and begins the next. */
  private cut(end: number, how: 'terminated' | 'open', copyData?: Span): void {
    const { start } = this
    if (end > start) {
      const codeStart = this.hasCode ? this.codeStart : end
      const codeEnd = this.hasCode ? this.codeEnd : end
      const statement = { start, end, codeStart, codeEnd, terminated: how === 'terminated' }
      this.statements.push(copyData === undefined ? statement : { ...statement, copyData })
    }
    this.start = end
    this.hasCode = false
    this.shape = 'start'
    this.depth = 0
  }
}

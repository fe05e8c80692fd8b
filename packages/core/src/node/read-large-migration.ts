import { createHash } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import { diagnose } from '../diagnostic/diagnose.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import { listHeaderLines } from '../migration/header/header-lines.ts'
import { parseHeader } from '../migration/header/parse-header.ts'
import type { LargePart } from '../migration/model/large-content.ts'
import type { MigrationHeader } from '../migration/model/migration.ts'
import { idFromPath } from '../migration/model/migration-id.ts'
import { type ParsedMigration, parseMigration } from '../migration/parse-migration.ts'
import { checkStatement } from '../migration/sections/check-statement.ts'
import { besideText, checkMarker } from '../migration/sections/read-sections.ts'
import { describeScanProblems } from '../migration/sections/scan-problems.ts'
import { isSectionName, type SectionName } from '../migration/sections/section-names.ts'
import { err, ok, type Result } from '../result.ts'
import { hasCode } from '../sql/has-code.ts'
import type { SqlStatement } from '../sql/statement.ts'
import { DigestText } from './digest-text.ts'
import { type FileHash, openFileHash } from './hash-thread.ts'
import { locatePart } from './locate-part.ts'
import { readNormalized, UnreadableBytes } from './normalized-bytes.ts'
import { identify, type LargeFile, openLarge } from './open-large.ts'
import { EndlessStatement, type LargeWindow, scanLarge } from './scan-large.ts'

/** Files beyond this are read as they run, and never held. */
export const LARGE_FILE_BYTES = 16 * 1024 * 1024

/** The header, `@down` and `@verify` of a large file are held, and stored whole. */
const MAX_OTHER_LENGTH = 16 * 1024 * 1024
const MAX_HEADER_LENGTH = 1024 * 1024
const MAX_PROBLEMS = 20

/**
 * Reads a migration without holding it: two of its windows at most are in memory. What it gives is a digest
 * by which everything can be planned, and `large`, which reads the statements when they run.
 *
 * @throws TidemarkError TM7022.
 */
export async function readLargeMigration(
  file: LargeFile,
): Promise<Result<ParsedMigration, readonly Diagnostic[]>> {
  try {
    return await new Reading(file).read()
  } catch (error) {
    if (error instanceof UnreadableBytes) return err(error.diagnostics)
    if (error instanceof EndlessStatement) return err([await tooLong(file, error.part)])
    throw error
  }
}

class Reading {
  readonly #file: LargeFile
  readonly #name: string
  readonly #up = new DigestText()
  readonly #problems: { readonly part: LargePart; readonly diagnostic: Diagnostic }[] = []
  /** Header, markers, `@down` and `@verify`, with a gap in place of `@up`. */
  #before = ''
  #after = ''
  #section: SectionName | 'header' | 'other' = 'header'
  #header: MigrationHeader | undefined
  #count = 0

  constructor(file: LargeFile) {
    this.#file = file
    this.#name = file.display(file.path)
  }

  async read(): Promise<Result<ParsedMigration, readonly Diagnostic[]>> {
    const { path, display, trackingSchema } = this.#file
    const identity = await identify(path, display)
    const checksum = await this.#readWindows()
    // What was hashed and what was scanned would not be the same.
    if ((await identify(path, display)) !== identity) throw changedMeanwhile(this.#name)
    const text = `${this.#before}${this.#up}${this.#after}`
    const parsed = parseMigration({ path: this.#name, text }, { trackingSchema })
    const own = await this.#locateProblems()
    const found = parsed.ok ? parsed.value.notes : parsed.error
    const others = found.filter(({ code }) => !OF_STATEMENTS.has(code))
    if (!parsed.ok || own.some(({ severity }) => severity === 'error')) return err([...others, ...own])
    const { header } = parsed.value.migration
    if (header.batches !== undefined) return err([tooLargeForBatches(this.#name)])
    const large = openLarge(this.#file, { identity, statementCount: this.#count })
    return ok({ migration: { ...parsed.value.migration, checksum, large }, notes: [...others, ...own] })
  }

  /** Gives the checksum. */
  async #readWindows(): Promise<string> {
    const { path, display, signal } = this.#file
    const hash = openFileHash(this.#file)
    try {
      const chunks = hashed(untilAborted(readNormalized(path, display), signal), hash)
      for await (const window of scanLarge(chunks, this.#name)) await this.#take(window)
      return await hash.digest()
    } finally {
      await hash.close()
    }
  }

  async #take(window: LargeWindow): Promise<void> {
    const { part, scan, copyData } = window
    const { source } = part
    const { psqlLines, problems } = scan
    if (psqlLines.length + problems.length > 0) this.#report(part, describeScanProblems(source, scan))
    for (const marker of scan.markers) this.#report(part, checkMarker(source, marker))
    for (const loose of scan.looseMarkers) {
      if (isSectionName(loose.name)) this.#report(part, [besideText(source, loose)])
    }
    const open = copyData === undefined ? undefined : scan.statements.at(-1)
    for (const statement of scan.statements) {
      // Of a COPY whose data is still to be read, the text ends where its data begins.
      const end = statement === open ? statement.copyData?.start : undefined
      this.#takeStatement(part, scan.markers, { ...statement, end: end ?? statement.end })
    }
    if (copyData === undefined) return
    if (this.#section === 'up') await this.#digestData(copyData)
    else await this.#keepData(copyData)
  }

  async #digestData(data: AsyncIterable<Buffer>): Promise<void> {
    const digest = createHash('sha256')
    let sizeBytes = 0
    for await (const bytes of data) {
      digest.update(bytes)
      sizeBytes += bytes.length
    }
    this.#up.addData(sizeBytes, digest.digest('hex'))
  }

  /** What a rollback executes is kept with its data. */
  async #keepData(data: AsyncIterable<Buffer>): Promise<void> {
    const decoder = new StringDecoder('utf8')
    for await (const bytes of data) this.#keep(decoder.write(bytes))
    this.#keep('\\.\n')
  }

  #takeStatement(part: LargePart, markers: LargeWindow['scan']['markers'], statement: SqlStatement): void {
    const { text } = part.source
    const marker = markers.find(({ line }) => line.start === statement.start && line.end === statement.end)
    if (marker !== undefined) {
      this.#header ??= this.#readHeader()
      this.#section = isSectionName(marker.name) ? marker.name : 'other'
      this.#keep(`\n${text.slice(marker.start, marker.end)}\n`, this.#section === 'up')
      return
    }
    if (this.#section === 'header' || this.#section === 'down' || this.#section === 'verify') {
      this.#keep(text.slice(statement.start, statement.end))
    }
    if (!hasCode(text, statement) || !isSectionName(this.#section)) return
    this.#check(part, statement)
    if (this.#section !== 'up') return
    this.#count += 1
    this.#up.add(text.slice(statement.codeStart, statement.codeEnd))
    const { copyData } = statement
    if (copyData === undefined || copyData.end === text.length) return
    const data = Buffer.from(text.slice(copyData.start, copyData.end))
    this.#up.addData(data.length, createHash('sha256').update(data).digest('hex'))
  }

  /** `before`: it comes before what the digest of `@up` gives. */
  #keep(text: string, before = false): void {
    // Whatever comes behind a megabyte without a marker is no header.
    const isHeader = this.#section === 'header'
    if (isHeader && this.#before.length > MAX_HEADER_LENGTH) return
    if (isHeader) this.#before += text.slice(0, MAX_HEADER_LENGTH)
    else if (before || this.#count === 0) this.#before += text
    else this.#after += text
    if (this.#before.length + this.#after.length > MAX_OTHER_LENGTH)
      throw new UnreadableBytes([this.#tooMuch()])
  }

  #check(part: LargePart, statement: SqlStatement): void {
    if (!isSectionName(this.#section)) return
    const { trackingSchema } = this.#file
    const transaction = this.#header?.transaction ?? 'required'
    const place = { source: part.source, section: this.#section, transaction, trackingSchema }
    // Its data is read when the next window is.
    const sent = statement.copyData === undefined ? statement : { ...statement, copyData: statement.copyData }
    const problem = checkStatement(sent, place)
    if (problem !== undefined) this.#report(part, [problem])
  }

  #readHeader(): MigrationHeader {
    const source = { path: this.#name, text: this.#before }
    return parseHeader(source, idFromPath(this.#name), listHeaderLines(source.text, source.text.length))
      .header
  }

  #report(part: LargePart, diagnostics: readonly Diagnostic[]): void {
    const room = MAX_PROBLEMS - this.#problems.length
    for (const diagnostic of diagnostics.slice(0, room)) this.#problems.push({ part, diagnostic })
  }

  async #locateProblems(): Promise<readonly Diagnostic[]> {
    const { path, display } = this.#file
    const located: Diagnostic[] = []
    for (const { part, diagnostic } of this.#problems) {
      const { source, shift } = await locatePart(part, path, display)
      const { span } = diagnostic
      const moved = span && { start: span.start + shift, end: span.end + shift }
      located.push({ ...diagnostic, source, ...(moved === undefined ? {} : { span: moved }) })
    }
    return located
  }

  #tooMuch(): Diagnostic {
    return diagnose(
      { path: this.#name, text: '' },
      {
        code: 'TM7024',
        span: undefined,
        message: 'the header, "@down" and "@verify" of a file can have at most 16 MiB together',
        help: 'add a line "-- @up" before the SQL that applies the migration; move a large "@down" to a file of its own',
      },
    )
  }
}

/** Codes of single statements, which the digest would show in the wrong place. */
const OF_STATEMENTS: ReadonlySet<string> = new Set([
  'TM1010',
  'TM1012',
  'TM1013',
  'TM1017',
  'TM1018',
  'TM1019',
  'TM1020',
  'TM1021',
  'TM1022',
  'TM1023',
  'TM1024',
  'TM1027',
  'TM1028',
  'TM1032',
])

/** Rejects with the signal's reason as soon as it is aborted: to read gigabytes takes seconds. */
async function* untilAborted(
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    yield chunk
  }
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: FileHash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

function tooLargeForBatches(name: string): Diagnostic {
  return diagnose(
    { path: name, text: '' },
    {
      code: 'TM1041',
      span: undefined,
      message: '"Batches" cannot be used in a file of more than 16 MiB',
      help: 'split the file, or remove "Batches"',
    },
  )
}

function changedMeanwhile(name: string): TidemarkError {
  const message = `cannot read "${name}": it changed while it was read`
  return new TidemarkError({
    code: 'TM7022',
    message,
    help: 'run it again when no other program writes to the file',
  })
}

async function tooLong({ path, display }: LargeFile, part: LargePart): Promise<Diagnostic> {
  const { source, shift } = await locatePart(
    { ...part, source: { ...part.source, text: part.source.text.slice(0, 4096) } },
    path,
    display,
  )
  const start = shift + (/\S/.exec(part.source.text.slice(0, 4096))?.index ?? 0)
  return diagnose(source, {
    code: 'TM7024',
    span: { start, end: start + 1 },
    message: 'a statement of more than 256 MiB begins here, or a string or comment that never ends',
    help: 'split it into several statements, or load the rows with COPY … FROM stdin',
  })
}

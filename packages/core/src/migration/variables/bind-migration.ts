import type { SqlStatement } from '../../sql/statement.ts'
import type { Span } from '../../text/span.ts'
import type { LargeContent, LargeStatement } from '../model/large-content.ts'
import type { Migration, MigrationSection } from '../model/migration.ts'
import { type Binding, type BoundText, bindText, type VariableValues } from './bind-text.ts'

/**
 * Gives a migration with the values of its variables: its text is what runs, its checksum that of the file.
 * Places in its text lead back to the file (`shownPlace`). A file without variables is given back as it is.
 *
 * @example bindMigration(migration, { app_role: 'web' }).source.text
 */
export function bindMigration(migration: Migration, values: VariableValues): Migration {
  const { variables } = migration.header
  if (variables === undefined) return migration
  const recorded = bind(migration, { variables, values, secrets: 'kept' })
  const bound = bind(migration, { variables, values, secrets: 'filled' })
  return { ...bound, stored: { template: migration, recorded } }
}

function bind(migration: Migration, binding: Binding): Migration {
  const { id, header, dependsOnSpans, replacesSpans, checksum, up, down, verify, large, downVerdict } =
    migration
  const sections = [up, down, verify].flatMap((section) => section ?? [])
  const spans = sections.flatMap(({ statements }) => statements.map(codeOf)).sort((a, b) => a.start - b.start)
  const text = bindText(migration.source, spans, binding)
  return {
    id,
    source: text.source,
    header,
    dependsOnSpans,
    replacesSpans,
    checksum,
    up: moveSection(up, text),
    down: down && moveSection(down, text),
    verify: verify && moveSection(verify, text),
    ...(large === undefined ? {} : { large: bindLarge(large, binding) }),
    ...(downVerdict === undefined ? {} : { downVerdict }),
  }
}

function codeOf({ codeStart, codeEnd }: SqlStatement): Span {
  return { start: codeStart, end: codeEnd }
}

function moveSection({ marker, body, statements }: MigrationSection, text: BoundText): MigrationSection {
  return {
    marker: moveSpan(marker, text),
    body: moveSpan(body, text),
    statements: statements.map((statement) => moveStatement(statement, text)),
  }
}

function moveStatement(statement: SqlStatement, text: BoundText): SqlStatement {
  const { copyData } = statement
  return {
    ...statement,
    start: text.shift(statement.start),
    end: text.shift(statement.end),
    codeStart: text.shift(statement.codeStart),
    codeEnd: text.shift(statement.codeEnd),
    ...(copyData === undefined ? {} : { copyData: moveSpan(copyData, text) }),
  }
}

function moveSpan({ start, end }: Span, { shift }: BoundText): Span {
  return { start: shift(start), end: shift(end) }
}

/** Statements of a large file get their values as they are read. */
function bindLarge(large: LargeContent, binding: Binding): LargeContent {
  return {
    sizeBytes: large.sizeBytes,
    statementCount: large.statementCount,
    async *readUp(signal) {
      for await (const one of large.readUp(signal)) yield bindLargeStatement(one, binding)
    },
    async locate({ source, startBytes }) {
      const code = source.origin?.source
      if (code === undefined) return large.locate({ source, startBytes })
      const { source: whole, shift } = await large.locate({ source: code, startBytes })
      const span = { start: shift, end: shift + code.text.length }
      return { source: bindText(whole, [span], binding).source, shift }
    },
    readLine: (line) => large.readLine(line),
  }
}

/** A statement with values is a part by itself: a copy of all that was read with it would cost too much. */
function bindLargeStatement(one: LargeStatement, binding: Binding): LargeStatement {
  const { part, statement } = one
  const { codeStart, codeEnd } = statement
  const { path, text: read } = part.source
  const code = { path, text: read.slice(codeStart, codeEnd) }
  const { source } = bindText(code, [{ start: 0, end: code.text.length }], binding)
  if (source === code) return one
  const { length } = source.text
  return {
    ...one,
    part: {
      source,
      get startBytes() {
        return part.startBytes + new TextEncoder().encode(read.slice(0, codeStart)).length
      },
    },
    statement: { ...statement, start: 0, end: length, codeStart: 0, codeEnd: length },
  }
}

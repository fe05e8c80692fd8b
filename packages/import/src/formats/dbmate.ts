import type { Diagnostic, Span } from '@tidemark/core'
import {
  type DirectionMark,
  describeUnclear,
  divideText,
  findDirectionMarks,
} from '../foreign/divide-text.ts'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  emptySection,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignSection,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { findLostTransaction } from '../foreign/lost-transaction.ts'
import { compareText, findSharedVersions } from '../foreign/version-order.ts'
import { judgeByVersion } from '../history/judge-by-version.ts'
import { hasSql, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)[^/]*\.sql$/
const MARK = /^[ \t]*--[ \t]*migrate:[ \t]*(up|down)\b.*$/gim

/** dbmate: `-- migrate:up` and `-- migrate:down` with their options, files in the order of their names. */
export const dbmate: ImportFormat = {
  title: 'dbmate',
  folders: ['db/migrations', 'migrations'],
  signs: ['.dbmate'],
  recognizes: (folder) => hasSql(folder, /^[ \t]*--[ \t]*migrate:[ \t]*(up|down)\b/im),
  hasMarks: true,
  read,
  history: {
    table: { schema: 'public', name: 'schema_migrations', columns: ['version'] },
    judge: judgeByVersion,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = files
    .filter(hasText)
    .filter(({ name }) => FILE.test(name))
    .sort((a, b) => compareText(a.name, b.name))
  const parts = texts.map(readFile)
  const migrations = parts.flatMap((part) => part.migrations)
  const strangers = files
    .filter(({ name }) => name.endsWith('.sql') && !FILE.test(name))
    .map(({ path }) =>
      notCarriedOver(
        path,
        'ignored by dbmate: the name does not begin with a version',
        'add it with `tidemark new` if it belongs here',
      ),
    )
  return {
    migrations,
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      ...strangers,
      ...findSharedVersions(parts.flatMap((part) => part.migrations.slice(0, 1))),
    ],
  }
}

interface ReadFile {
  readonly migrations: readonly ForeignMigration[]
  readonly findings: readonly Diagnostic[]
}

/**
 * A file may have several sections for each way: what begins at a `-- migrate:up` is a migration of its own.
 */
function readFile(file: ForeignText): ReadFile {
  const { source } = wholeFile(file)
  const own = [...file.text.matchAll(MARK)].map(
    ({ 0: line, 1: way = '', index }): DirectionMark => ({
      way: way.toLowerCase() === 'up' ? 'up' : 'down',
      start: index,
      end: index + line.length,
    }),
  )
  const marks = own.length === 0 ? findDirectionMarks(file.text) : own
  const later = marks.filter(({ way }, index) => way === 'up' && index > 0 && marks[0]?.way === 'up')
  const ends = [...later.map(({ start }) => start), file.text.length]
  const parts = ends.map((end, index) => readPart(file, marks, { start: ends[index - 1] ?? 0, end }))
  const missing = own.some(({ way }) => way === 'up')
    ? []
    : [
        needsReview(
          source,
          marks[0],
          `no "-- migrate:up": ${marks.length === 0 ? 'the whole file' : 'what is not marked as a way back'} becomes "-- @up"`,
          'check what belongs to "-- @up" and "-- @down"',
        ),
      ]
  return {
    migrations: parts.map(({ migration }) => migration),
    findings: [...missing, ...parts.flatMap(({ findings }) => findings)],
  }
}

function readPart(
  file: ForeignText,
  all: readonly DirectionMark[],
  part: Span,
): { readonly migration: ForeignMigration; readonly findings: readonly Diagnostic[] } {
  const whole = wholeFile(file)
  const { source } = whole
  const marks = all.filter(({ start }) => start >= part.start && start < part.end)
  const division = divideText(file.text, marks, part)
  const section = (span: Span): ForeignSection => ({
    ...whole,
    span,
    directives: marks.filter(({ start }) => start >= span.start && start < span.end),
  })
  const { up, down } = division.kind === 'divided' ? division : { up: part, down: undefined }
  const asking = (way: 'up' | 'down'): DirectionMark | undefined =>
    marks.find(
      (mark) => mark.way === way && /\btransaction:false\b/.test(file.text.slice(mark.start, mark.end)),
    )
  const without = { up: asking('up'), down: asking('down') }
  const migration: ForeignMigration = {
    version: FILE.exec(file.name)?.[1] ?? file.name,
    name: file.name.slice(0, -'.sql'.length),
    description: undefined,
    up: section(up),
    // Versions of dbmate that accept a file without this section do nothing to roll it back; none accepts a
    // file without marks.
    down: down !== undefined ? section(down) : marks.length === 0 ? undefined : emptySection(file),
    transaction: without.up === undefined && without.down === undefined ? 'required' : 'none',
    run: 'once',
  }
  if (division.kind === 'unclear') return { migration, findings: [describeUnclear(source, division)] }
  return { migration, findings: findLostTransaction(migration, without) }
}

import type { Diagnostic, Span } from '@tidemark/core'
import { type DirectionMark, describeUnclear, divideText } from '../foreign/divide-text.ts'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignSection,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareDigits, compareText } from '../foreign/version-order.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import { type ForeignFolder, hasSql, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)[^/]*\.sql$/
const MARK = /^[ \t]*--[ \t-]*(up|down)[ \t]+migration\b.*$/gim

/**
 * node-pg-migrate: SQL files with `-- Up Migration` and `-- Down Migration`, in the order of their numbers.
 * Its migrations in JavaScript are code.
 */
export const nodePgMigrate: ImportFormat = {
  title: 'node-pg-migrate',
  folders: ['migrations', 'db/migrations'],
  signs: ['node-pg-migrate.config.js', 'node-pg-migrate.config.ts', 'node-pg-migrate.config.json'],
  recognizes,
  looksLike: ['plain'],
  hasMarks: true,
  read,
  history: {
    table: { schema: 'public', name: 'pgmigrations', columns: ['id', 'name'] },
    judge: (rows, migrations) => judgeVersions(new Set(rows.map((row) => row['name'] ?? '')), migrations),
  },
}

/** Others write such marks too: it numbers its files by milliseconds. */
function recognizes(folder: ForeignFolder): boolean {
  const isStamped = ({ name }: ForeignFile): boolean => /^\d{13,17}[_-][^/]*$/.test(name)
  return (
    hasSql(folder, /^[ \t]*--[ \t-]*(?:up|down)[ \t]+migration\b/im) &&
    folder.files.every((file) => !file.name.endsWith('.sql') || isStamped(file))
  )
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const parts = files
    .filter(hasText)
    .filter(({ name }) => FILE.test(name))
    .sort((a, b) => compareDigits(numberOf(a.name), numberOf(b.name)) || compareText(a.name, b.name))
    .map(readFile)
  const ignored = files
    .filter(({ name }) => name.endsWith('.sql') && !FILE.test(name))
    .map(({ path }) =>
      notCarriedOver(
        path,
        'ignored by node-pg-migrate: the name does not begin with a number',
        'add it with `tidemark new` if it belongs here',
      ),
    )
  return {
    migrations: parts.map(({ migration }) => migration),
    findings: [...parts.flatMap(({ findings }) => findings), ...ignored],
  }
}

function numberOf(name: string): string {
  return FILE.exec(name)?.[1] ?? '0'
}

/** A file without a mark goes forward, and cannot be rolled back. */
function readFile(file: ForeignText): {
  readonly migration: ForeignMigration
  readonly findings: readonly Diagnostic[]
} {
  const whole = wholeFile(file)
  const marks = [...file.text.matchAll(MARK)].map(
    ({ 0: line, 1: way = '', index }): DirectionMark => ({
      way: way.toLowerCase() === 'up' ? 'up' : 'down',
      start: index,
      end: index + line.length,
    }),
  )
  const division = divideText(file.text, marks)
  const section = (span: Span): ForeignSection => ({
    ...whole,
    span,
    directives: marks.filter(({ start }) => start >= span.start && start < span.end),
  })
  const { up, down } = division.kind === 'divided' ? division : { up: whole.span, down: undefined }
  const name = file.name.slice(0, -'.sql'.length)
  return {
    migration: {
      version: name,
      name,
      description: undefined,
      up: section(up),
      down: down && section(down),
      transaction: 'required',
      run: 'once',
    },
    findings: division.kind === 'unclear' ? [describeUnclear(whole.source, division)] : [],
  }
}

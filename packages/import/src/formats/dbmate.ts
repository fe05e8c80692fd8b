import { type Diagnostic, hasCode, type Span, scanSql } from '@tidemark/core'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareText, findSharedVersions } from '../foreign/version-order.ts'
import { judgeByVersion } from '../history/judge-by-version.ts'
import { hasSql, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+).*\.sql$/
const UP = /^--\s*migrate:up(?:[ \t]*$|[ \t]+\S.*$)/m
const DOWN = /^--\s*migrate:down(?:[ \t]*$|[ \t]+\S.*$)/m

/** dbmate: `-- migrate:up` and `-- migrate:down` with their options, files in the order of their names. */
export const dbmate: ImportFormat = {
  title: 'dbmate',
  folders: ['db/migrations', 'migrations'],
  signs: ['.dbmate'],
  recognizes: (folder) => hasSql(folder, /^--\s*migrate:up\b/m),
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
  const migrations = parts.map(({ migration }) => migration)
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
    findings: [...parts.flatMap(({ findings }) => findings), ...strangers, ...findSharedVersions(migrations)],
  }
}

function readFile(file: ForeignText): { migration: ForeignMigration; findings: readonly Diagnostic[] } {
  const whole = wholeFile(file)
  const { source } = whole
  const up = find(UP, file.text)
  const down = find(DOWN, file.text)
  const end = file.text.length
  const isReversed = up !== undefined && down !== undefined && down.start < up.start
  const split = down === undefined || isReversed ? end : down.start
  const directives = [...(up === undefined ? [] : [up]), ...(isReversed ? [down] : [])]
  const options = [up, down].map((span) => (span === undefined ? '' : file.text.slice(span.start, span.end)))
  const without = options.map((text) => /\btransaction:false\b/.test(text))
  const migration: ForeignMigration = {
    version: FILE.exec(file.name)?.[1] ?? file.name,
    name: file.name.slice(0, -'.sql'.length),
    description: undefined,
    up: { ...whole, span: { start: 0, end: split }, directives },
    down:
      down === undefined || isReversed
        ? undefined
        : { ...whole, span: { start: down.start, end }, directives: [down] },
    transaction: without.includes(true) ? 'none' : 'required',
    run: 'once',
  }
  const findings: Diagnostic[] = []
  if (up === undefined || isReversed) {
    const message = up === undefined ? 'no "-- migrate:up"' : '"-- migrate:down" comes before "-- migrate:up"'
    findings.push(
      needsReview(
        source,
        down ?? up,
        `${message}: the whole file becomes "-- @up"`,
        'check what belongs to "-- @up" and "-- @down"',
      ),
    )
  } else if (without[0] !== without[1] && countStatements(without[0] ? migration.down : migration.up) > 1) {
    const message = 'only one of its sections ran without a transaction: now both do'
    findings.push(
      needsReview(
        source,
        without[0] ? up : down,
        message,
        'if that section must not stop half way, move it into a migration of its own',
      ),
    )
  }
  return { migration, findings }
}

function countStatements(section: ForeignMigration['up'] | undefined): number {
  if (section === undefined) return 0
  const text = section.source.text.slice(section.span.start, section.span.end)
  return scanSql(text).statements.filter((statement) => hasCode(text, statement)).length
}

function find(pattern: RegExp, text: string): Span | undefined {
  const match = pattern.exec(text)
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length }
}

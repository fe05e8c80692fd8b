import type { Diagnostic, Span } from '@tidemark/core'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignSection,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { splitAtDelimiter } from '../foreign/split-delimiter.ts'
import { compareText, findSharedVersions } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import { hasName, hasSql, type ImportFormat } from '../import-format.ts'

const SUM = /^atlas\.sum$/
const DIRECTIVE = /^--[ \t]*atlas:(txmode|delimiter|txtar|checkpoint)\b[ \t]*(.*)$/gm
/** The parts of a file that is an archive of several. */
const PART = /^--[ \t]+([\w.-]+\.sql)[ \t]+--$/gm

/** Revisions of type 2 are executed, 1 is a baseline; one with fewer statements applied failed half way. */
const judge: JudgeHistory = (rows, migrations) => {
  const own = rows.filter((row) => !(row['version'] ?? '').startsWith('.'))
  const failed = own.find((row) => row['applied'] !== row['total'])
  const baseline = own.find((row) => row['type'] === '1')?.['version'] ?? ''
  const judged = judgeVersions(new Set(own.map((row) => row['version'] ?? '')), migrations)
  return {
    ...judged,
    applied: migrations.map(
      ({ version }, index) => judged.applied[index] === true || compareText(version, baseline) <= 0,
    ),
    refusal: failed && {
      message: `version ${failed['version']} failed after ${failed['applied']} of ${failed['total']} statements`,
      help: 'fix the database by hand, run `atlas migrate set`, and import again',
    },
  }
}

/** Atlas: files in the order of their names, with its directives for transactions and delimiters. */
export const atlas: ImportFormat = {
  title: 'Atlas',
  folders: ['migrations', 'ent/migrate/migrations', 'db/migrations'],
  signs: ['atlas.hcl'],
  findFolder: (config) => /\bdir\s*=\s*"file:\/\/([^"?]+)/.exec(config)?.[1],
  keeps: SUM,
  recognizes: (folder) =>
    hasName(folder, SUM) || hasSql(folder, /^--[ \t]*atlas:(?:txmode|delimiter|txtar|checkpoint)\b/m),
  looksLike: ['plain'],
  read,
  history: {
    table: {
      schema: 'atlas_schema_revisions',
      name: 'atlas_schema_revisions',
      columns: ['version', 'type', 'applied', 'total'],
    },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const own = files
    .filter(hasText)
    .filter(({ name }) => name.endsWith('.sql') && !name.includes('/'))
    .sort((a, b) => compareText(a.name, b.name))
  const isCheckpoint = ({ text }: ForeignText): boolean => /^--[ \t]*atlas:checkpoint\b/m.test(text)
  const checkpoints = own.filter((file, index) => index > 0 && isCheckpoint(file))
  const parts = own.filter((file) => !checkpoints.includes(file)).map(readFile)
  const migrations = parts.map(({ migration }) => migration)
  return {
    migrations,
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      ...checkpoints.map(({ path }) =>
        notCarriedOver(
          path,
          'a checkpoint of the files before it',
          'the files before it are imported; to have one file instead of them, use `tidemark squash` afterwards',
        ),
      ),
      ...findSharedVersions(migrations),
    ],
  }
}

function readFile(file: ForeignText): {
  readonly migration: ForeignMigration
  readonly findings: readonly Diagnostic[]
} {
  const directives = [...file.text.matchAll(DIRECTIVE)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    key: match[1] ?? '',
    value: (match[2] ?? '').trim(),
  }))
  const findValue = (key: string): string | undefined =>
    directives.find((directive) => directive.key === key)?.value
  const delimiter = findValue('delimiter')?.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
  const section = (part: Span, marks: readonly Span[]): ForeignSection => {
    const isInside = ({ start }: Span): boolean => start >= part.start && start < part.end
    const own = [...directives, ...marks].filter(isInside)
    return splitAtDelimiter({ ...wholeFile(file), span: part, directives: own }, delimiter)
  }
  const { up, down, marks, findings } = readParts(file, findValue('txtar') !== undefined)
  const name = file.name.slice(0, -'.sql'.length)
  return {
    migration: {
      version: name.split('_')[0] ?? name,
      name,
      description: undefined,
      up: section(up, marks),
      down: down && section(down, marks),
      transaction: findValue('txmode') === 'none' ? 'none' : 'required',
      run: 'once',
    },
    findings,
  }
}

/** A file may hold several, each after a line `-- name.sql --`. */
function readParts(
  file: ForeignText,
  isArchive: boolean,
): {
  readonly up: Span
  readonly down: Span | undefined
  readonly marks: readonly Span[]
  readonly findings: readonly Diagnostic[]
} {
  const { source, span } = wholeFile(file)
  if (!isArchive) return { up: span, down: undefined, marks: [], findings: [] }
  const found = [...file.text.matchAll(PART)]
  const parts = found.map((match, index) => ({
    name: match[1] ?? '',
    mark: { start: match.index, end: match.index + match[0].length },
    span: { start: match.index, end: found[index + 1]?.index ?? file.text.length },
  }))
  const up = parts.find(({ name }) => name === 'migration.sql')
  const down = parts.find(({ name }) => name === 'down.sql')
  const others = parts.filter((part) => part !== up && part !== down)
  return {
    up: up?.span ?? span,
    down: down?.span,
    marks: parts.map(({ mark }) => mark),
    findings: others.map(({ name, mark }) =>
      needsReview(
        source,
        mark,
        `"${name}" is not imported`,
        'write what must be true afterwards as queries under "-- @verify"',
      ),
    ),
  }
}

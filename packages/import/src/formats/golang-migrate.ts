import { type Diagnostic, hasCode, scanSql } from '@tidemark/core'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  emptySection,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { type OneWayFile, pairFiles } from '../foreign/pair-files.ts'
import { compareDigits, compareText, findSharedVersions, normalizeNumber } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { hasName, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)_([^/]*)\.(up|down)\.([^/]+)$/

/** One row: everything up to its version is applied. */
const judge: JudgeHistory = (rows, migrations) => {
  const [row] = rows
  const version = BigInt(row?.['version'] ?? -1)
  const applied = migrations.map((migration) => BigInt(migration.version) <= version)
  const isKnown = version < 0n || migrations.some((migration) => BigInt(migration.version) === version)
  const refusal =
    row?.['dirty'] === 'true'
      ? {
          message: `version ${version} is dirty: it failed half way`,
          help: 'fix the database by hand, run `migrate force VERSION`, and import again',
        }
      : undefined
  return { applied, unknown: isKnown ? [] : [String(version)], findings: [], refusal }
}

/** golang-migrate: pairs `NUMBER_name.up.sql` and `.down.sql`, in the order of their numbers. */
export const golangMigrate: ImportFormat = {
  title: 'golang-migrate',
  folders: ['migrations', 'db/migrations', 'db/migration', 'database/migrations', 'internal/db/migrations'],
  recognizes: (folder) => hasName(folder, /^\d+_[^/]*\.up\.sql$/),
  read,
  history: {
    table: { schema: 'public', name: 'schema_migrations', columns: ['version', 'dirty'] },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const ups = listParts(files, 'up').sort(
    (a, b) => compareDigits(a.version, b.version) || compareText(a.file.name, b.file.name),
  )
  const downs = listParts(files, 'down')
  const pairs = pairFiles(ups, downs)
  const migrations = ups.map(({ file, version }) => readPair(file, version, pairs.get(file)))
  const paired = new Set(pairs.values())
  const findings: readonly Diagnostic[] = [
    ...downs
      .filter(({ file }) => !paired.has(file))
      .map(({ file }) =>
        notCarriedOver(file.path, 'a down file without its up file', 'nothing depends on it: remove it'),
      ),
    ...files
      .filter(({ name }) => name.endsWith('.sql') && !FILE.test(name) && !name.includes('/'))
      .map(({ path }) =>
        notCarriedOver(
          path,
          'ignored by golang-migrate: the name is not NUMBER_name.up.sql',
          'add it with `tidemark new` if it belongs here',
        ),
      ),
    ...files
      .filter(({ name }) => FILE.test(name) && !name.endsWith('.sql'))
      .map(({ path }) =>
        notCarriedOver(path, 'it is not SQL', 'write its change as SQL with `tidemark new`'),
      ),
  ]
  return {
    migrations,
    findings: [...findings, ...findSharedVersions(migrations, normalizeNumber)],
  }
}

function listParts(
  files: readonly ForeignFile[],
  way: 'up' | 'down',
): (OneWayFile & { readonly version: string })[] {
  return files.filter(hasText).flatMap((file) => {
    const [, version = '0', title = '', found, extension] = FILE.exec(file.name) ?? []
    if (found !== way || extension !== 'sql') return []
    return [{ file, version, stem: `${version}_${title}`, number: normalizeNumber(version) }]
  })
}

/** A version without a down file is rolled back by doing nothing. */
function readPair(up: ForeignText, version: string, down: ForeignText | undefined): ForeignMigration {
  return {
    version,
    name: up.name.slice(0, -'.up.sql'.length),
    description: undefined,
    up: wholeFile(up),
    down: down === undefined ? emptySection(up) : wholeFile(down),
    transaction: [up, down].some((file) => file !== undefined && callsOnly(file)) ? 'none' : 'required',
    run: 'once',
  }
}

/**
 * golang-migrate opens no transaction: what is by itself in its file may end transactions, as a procedure and a
 * DO block can. Several statements in one message cannot.
 */
function callsOnly({ text }: ForeignText): boolean {
  const [first, ...others] = scanSql(text).statements.filter((statement) => hasCode(text, statement))
  if (first === undefined || others.length > 0) return false
  const code = text.slice(first.codeStart, first.codeEnd)
  return /^CALL\b/i.test(code) || (/^DO\b/i.test(code) && /\bCOMMIT\b/i.test(code))
}

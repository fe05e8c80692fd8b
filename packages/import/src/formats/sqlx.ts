import type { Diagnostic, Span } from '@tidemark/core'
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
import { findLostTransaction } from '../foreign/lost-transaction.ts'
import { type OneWayFile, pairFiles } from '../foreign/pair-files.ts'
import { compareDigits, compareText, findSharedVersions, normalizeNumber } from '../foreign/version-order.ts'
import { hashText } from '../history/hash-text.ts'
import type { JudgeHistory } from '../history/history.ts'
import { findChangedSince, judgeVersions } from '../history/judge-by-version.ts'
import { hasName, hasSql, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)_([^/]*?)(?:\.(up|down))?\.sql$/
const NO_TRANSACTION = /^-- no-transaction.*/

/** Successful rows are applied. */
const judge: JudgeHistory = (rows, migrations) => {
  const failed = rows.find((row) => row['success'] !== 'true')
  const checksums = new Map(rows.map((row) => [row['version'] ?? '', (row['checksum'] ?? '').slice(2)]))
  return {
    ...judgeVersions(new Set(checksums.keys()), migrations, normalizeNumber),
    findings: migrations.flatMap((migration) =>
      findChangedSince(migration, checksums.get(normalizeNumber(migration.version)), 'sqlx'),
    ),
    refusal: failed && {
      message: `version ${failed['version']} failed half way`,
      help: 'fix the database by hand, remove its row or set "success" to true, and import again',
    },
  }
}

/** sqlx: `VERSION_name.sql`, or pairs with `.up.sql` and `.down.sql`, in the order of their versions. */
export const sqlx: ImportFormat = {
  title: 'sqlx',
  folders: ['migrations', 'db/migrations'],
  signs: ['sqlx.toml', '.sqlx', 'sqlx-data.json'],
  // Most of its files have no mark of their own.
  recognizes: (folder) => hasName(folder, FILE) && hasSql(folder, NO_TRANSACTION),
  looksLike: ['plain', 'golang-migrate'],
  read,
  history: {
    table: { schema: 'public', name: '_sqlx_migrations', columns: ['version', 'success', 'checksum'] },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const ups = listParts(files, 'up').sort(
    (a, b) => compareDigits(a.version, b.version) || compareText(a.file.name, b.file.name),
  )
  const downs = listParts(files, 'down')
  const pairs = pairFiles(ups, downs)
  const parts = ups.map(({ file, version }) => readPair(file, version, pairs.get(file)))
  const migrations = parts.map(({ migration }) => migration)
  const paired = new Set(pairs.values())
  return {
    migrations,
    findings: [
      ...downs
        .filter(({ file }) => !paired.has(file))
        .map(({ file }) =>
          notCarriedOver(file.path, 'a down file without its up file', 'nothing depends on it: remove it'),
        ),
      ...files
        .filter(({ name }) => name.endsWith('.sql') && !FILE.test(name))
        .map(({ path }) =>
          notCarriedOver(
            path,
            'ignored by sqlx: the name is not VERSION_name.sql',
            'add it with `tidemark new` if it belongs here',
          ),
        ),
      ...parts.flatMap(({ findings }) => findings),
      ...findSharedVersions(migrations, normalizeNumber),
    ],
  }
}

function listParts(
  files: readonly ForeignFile[],
  way: 'up' | 'down',
): (OneWayFile & { readonly version: string })[] {
  return files.filter(hasText).flatMap((file) => {
    const [found, version = '0', title = '', direction = 'up'] = FILE.exec(file.name) ?? []
    if (found === undefined || direction !== way) return []
    return [{ file, version, stem: `${version}_${title}`, number: normalizeNumber(version) }]
  })
}

function readPair(
  up: ForeignText,
  version: string,
  down: ForeignText | undefined,
): { readonly migration: ForeignMigration; readonly findings: readonly Diagnostic[] } {
  const without = { up: findNoTransaction(up), down: down && findNoTransaction(down) }
  const migration: ForeignMigration = {
    version,
    name: up.name.replace(/(?:\.up)?\.sql$/, ''),
    description: undefined,
    up: readSection(up, without.up),
    down: down && readSection(down, without.down),
    transaction: without.up === undefined && without.down === undefined ? 'required' : 'none',
    run: 'once',
    fingerprint: hashText('sha384', up.text),
  }
  return { migration, findings: findLostTransaction(migration, without) }
}

function readSection(file: ForeignText, directive: Span | undefined): ForeignSection {
  return { ...wholeFile(file), directives: directive === undefined ? [] : [directive] }
}

/** The first line, and only there. */
function findNoTransaction({ text }: ForeignText): Span | undefined {
  const [line] = NO_TRANSACTION.exec(text) ?? []
  return line === undefined ? undefined : { start: 0, end: line.length }
}

import type { Diagnostic } from '@tidemark/core'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareDigits, compareText, findSharedVersions, normalizeNumber } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { hasName, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)_(.*)\.(up|down)\.(.+)$/

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
  const parts = files.flatMap((file) => {
    const match = FILE.exec(file.name)
    return match === null ? [] : [{ file, version: match[1] ?? '0', way: match[3], extension: match[4] }]
  })
  const sql = (way: 'up' | 'down') =>
    parts.flatMap((part) =>
      part.way === way && part.extension === 'sql' && hasText(part.file)
        ? [{ ...part, file: part.file }]
        : [],
    )
  const downs = new Map(sql('down').map(({ version, file }) => [normalizeNumber(version), file]))
  const ups = sql('up').sort(
    (a, b) => compareDigits(a.version, b.version) || compareText(a.file.name, b.file.name),
  )
  const migrations = ups.map(({ file, version }) => pair(file, version, downs.get(normalizeNumber(version))))
  const known = new Set(ups.map(({ version }) => normalizeNumber(version)))
  const findings: readonly Diagnostic[] = [
    ...parts
      .filter(({ version, way }) => way === 'down' && !known.has(normalizeNumber(version)))
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
    ...parts
      .filter(({ extension, way }) => extension !== 'sql' && way === 'up')
      .map(({ file }) =>
        notCarriedOver(file.path, 'it is not SQL', 'write its change as SQL with `tidemark new`'),
      ),
  ]
  return {
    migrations,
    findings: [...findings, ...findSharedVersions(migrations, normalizeNumber)],
  }
}

function pair(up: ForeignText, version: string, down: ForeignText | undefined): ForeignMigration {
  return {
    version,
    name: up.name.slice(0, -'.up.sql'.length),
    description: undefined,
    up: wholeFile(up),
    down: down === undefined ? undefined : wholeFile(down),
    transaction: 'required',
    run: 'once',
  }
}

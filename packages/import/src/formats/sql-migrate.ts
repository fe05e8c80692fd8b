import type { Diagnostic } from '@tidemark/core'
import { type Annotation, readAnnotatedFile } from '../foreign/annotated-file.ts'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
} from '../foreign/foreign-project.ts'
import { findLostTransaction } from '../foreign/lost-transaction.ts'
import { compareDigits, compareText } from '../foreign/version-order.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import { hasSql, type ImportFormat } from '../import-format.ts'

/** sql-migrate: its annotations, files in the order of their numbers, then of their names. */
export const sqlMigrate: ImportFormat = {
  title: 'sql-migrate',
  folders: ['migrations', 'migrations/postgres', 'db/migrations'],
  signs: ['dbconfig.yml'],
  findFolder: (config) => /^\s*dir:\s*["']?([^"'\s#]+)/m.exec(config)?.[1],
  recognizes: (folder) => hasSql(folder, /^[ \t]*--[ \t]*\+migrate[ \t]+(up|down)\b/im),
  hasMarks: true,
  read,
  history: {
    table: { schema: 'public', name: 'gorp_migrations', columns: ['id'] },
    judge: (rows, migrations) => judgeVersions(new Set(rows.map((row) => row['id'] ?? '')), migrations),
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const parts = files
    .filter(hasText)
    .filter(({ name }) => isOwn(name))
    .sort(compareFiles)
    .map(readFile)
  const ignored = files
    .filter(({ name }) => name.endsWith('.sql') && !isOwn(name))
    .map(({ path }) =>
      notCarriedOver(
        path,
        'ignored by sql-migrate: it reads no folder in its folder',
        'import it by itself if it belongs here: name its folder with `--from`',
      ),
    )
  return {
    migrations: parts.map(({ migration }) => migration),
    findings: [...parts.flatMap(({ findings }) => findings), ...ignored],
  }
}

function isOwn(name: string): boolean {
  return name.endsWith('.sql') && !name.includes('/')
}

/** Files with a number first, by its value; the others by their names. */
function compareFiles({ name: a }: ForeignText, { name: b }: ForeignText): number {
  const [x, y] = [/^\d+/.exec(a)?.[0], /^\d+/.exec(b)?.[0]]
  if (x !== undefined && y !== undefined) return compareDigits(x, y) || compareText(a, b)
  return Number(x === undefined) - Number(y === undefined) || compareText(a, b)
}

function readFile(file: ForeignText): {
  readonly migration: ForeignMigration
  readonly findings: readonly Diagnostic[]
} {
  const { annotations, migration, findings } = readAnnotatedFile(file, '+migrate')
  const asking = (way: 'UP' | 'DOWN'): Annotation | undefined =>
    annotations.find(({ word }) => new RegExp(`^${way}\\b.*\\bNOTRANSACTION\\b`).test(word))
  const without = { up: asking('UP'), down: asking('DOWN') }
  const transaction = without.up === undefined && without.down === undefined ? 'required' : 'none'
  return {
    migration: { ...migration, version: file.name, transaction },
    findings: [...findings, ...findLostTransaction(migration, without)],
  }
}

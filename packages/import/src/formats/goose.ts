import type { Diagnostic, Span } from '@tidemark/core'
import { type Annotation, readAnnotatedFile } from '../foreign/annotated-file.ts'
import { findVariables } from '../foreign/find-variables.ts'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
} from '../foreign/foreign-project.ts'
import { compareDigits, findSharedVersions, normalizeNumber } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import { hasSql, type ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)_[^/]*\.sql$/
const CODE = /^(\d+)_[^/]*\.go$/

/** The latest row of a version decides; version 0 is the table itself. */
const judge: JudgeHistory = (rows, migrations) => {
  const latest = new Map(rows.map((row) => [row['version_id'] ?? '', row['is_applied'] === 'true']))
  const applied = [...latest].filter(([version, isApplied]) => isApplied && version !== '0')
  return judgeVersions(new Set(applied.map(([version]) => version)), migrations, normalizeNumber)
}

/** goose: its annotations, files in the order of their numbers. */
export const goose: ImportFormat = {
  title: 'goose',
  folders: [
    'migrations',
    'db/migrations',
    'sql/schema',
    'sql/migrations',
    'internal/db/migrations',
    'schema',
  ],
  recognizes: (folder) => hasSql(folder, /^[ \t]*--[ \t]*\+goose[ \t]+(up|down)\b/im),
  hasMarks: true,
  read,
  history: {
    table: { schema: 'public', name: 'goose_db_version', columns: ['id', 'version_id', 'is_applied'] },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = files.filter(hasText).filter(({ name }) => FILE.test(name))
  const versionOf = (name: string): string => FILE.exec(name)?.[1] ?? '0'
  const parts = texts
    .sort((a, b) => compareDigits(versionOf(a.name), versionOf(b.name)))
    .map((file) => readFile(file, versionOf(file.name)))
  const migrations = parts.map(({ migration }) => migration)
  return {
    migrations,
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      ...files.flatMap(describeOther),
      ...findSharedVersions(migrations, normalizeNumber),
    ],
  }
}

function readFile(
  file: ForeignText,
  version: string,
): { readonly migration: ForeignMigration; readonly findings: readonly Diagnostic[] } {
  const { annotations, migration, findings } = readAnnotatedFile(file, '+goose')
  const variables = listSubstituted(file.text, annotations).flatMap((span) =>
    findVariables(
      migration.up.source,
      span,
      /\$\{?[A-Za-z_]\w*[^}\s]*\}?/g,
      'goose replaced it with an environment variable',
    ),
  )
  const isWithout = annotations.some(({ word }) => word === 'NO TRANSACTION')
  return {
    migration: { ...migration, version, transaction: isWithout ? 'none' : 'required' },
    findings: [...variables, ...findings],
  }
}

/** The parts of a text in which variables of the environment are replaced. */
function listSubstituted(text: string, annotations: readonly Annotation[]): readonly Span[] {
  const spans: Span[] = []
  let start: number | undefined
  for (const { word, start: at, end } of annotations) {
    const on = /^ENVSUB(ST)? ON$/.test(word)
    const off = /^ENVSUB(ST)? OFF$/.test(word)
    if (on) start ??= end
    if (off && start !== undefined) {
      spans.push({ start, end: at })
      start = undefined
    }
  }
  return start === undefined ? spans : [...spans, { start, end: text.length }]
}

function describeOther({ name, path }: ForeignFile): readonly Diagnostic[] {
  if (CODE.test(name)) {
    const help =
      'write its change as SQL with `tidemark new`, and let the imported file after it depend on it'
    return [notCarriedOver(path, 'a migration in Go', help)]
  }
  if (!name.endsWith('.sql') || FILE.test(name) || name.includes('/')) return []
  const message = 'ignored by goose: the name is not NUMBER_name.sql'
  return [notCarriedOver(path, message, 'add it with `tidemark new` if it belongs here')]
}

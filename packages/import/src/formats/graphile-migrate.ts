import type { Diagnostic } from '@tidemark/core'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  baseName,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareText } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { findChangedSince, judgeVersions } from '../history/judge-by-version.ts'
import { hasSql, type ImportFormat } from '../import-format.ts'
import { findPlaceholders, type Placeholder } from '../sql/find-placeholders.ts'

const FILE = /^(?:committed\/)?(\d{6,})(?:-[^/]*)?\.sql$/
const CURRENT = /^current(?:\.sql$|\/.*\.sql$)/
const HEADER = /^--![ \t]*(?:(Previous|Hash|Message|AllowInvalidHash):?[ \t]*(.*)|no-transaction\b.*)$/gm
/** What it takes for a placeholder. */
const NAME = /^[A-Z][0-9A-Z_]+$/

/** A row for each committed file. */
const judge: JudgeHistory = (rows, migrations) => {
  const hashes = new Map(rows.map((row) => [row['filename'] ?? '', row['hash'] ?? '']))
  return {
    ...judgeVersions(new Set(hashes.keys()), migrations),
    findings: migrations.flatMap((migration) =>
      findChangedSince(migration, hashes.get(migration.version), 'graphile-migrate'),
    ),
  }
}

/**
 * graphile-migrate: the committed files in the order of their numbers. Placeholders (`:DATABASE_VISITOR`)
 * become `Variables`.
 */
export const graphileMigrate: ImportFormat = {
  title: 'graphile-migrate',
  folders: ['migrations', 'db/migrations'],
  signs: ['.gmrc', '.gmrc.js', '.gmrc.cjs'],
  findFolder: (config) => /["']?migrationsFolder["']?\s*:\s*["'`]([^"'`]+)["'`]/.exec(config)?.[1],
  recognizes: (folder) => hasSql(folder, /^--![ \t]*(?:Previous|Hash):/m),
  hasDirections: true,
  read,
  history: {
    table: { schema: 'graphile_migrate', name: 'migrations', columns: ['filename', 'hash'] },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const parts = files
    .filter(hasText)
    .filter(({ name }) => FILE.test(name))
    .sort((a, b) => compareText(baseName(a.name), baseName(b.name)))
    .map(readFile)
  return {
    migrations: parts.map(({ migration }) => migration),
    findings: [...parts.flatMap(({ findings }) => findings), ...files.flatMap(describeOther)],
  }
}

function readFile(file: ForeignText): {
  readonly migration: ForeignMigration
  readonly findings: readonly Diagnostic[]
} {
  const whole = wholeFile(file)
  const lines = [...file.text.matchAll(HEADER)]
  const findValue = (key: string): string | undefined => lines.find(([, found]) => found === key)?.[2]?.trim()
  const directives = lines.map(({ 0: line, index }) => ({ start: index, end: index + line.length }))
  const placeholders = findPlaceholders(file.text, whole.span, (name) => NAME.test(name))
  const replaced = placeholders.filter(({ form }) => form !== 'inside')
  const hash = findValue('Hash')
  const migration: ForeignMigration = {
    version: baseName(file.name),
    name: baseName(file.name).slice(0, -'.sql'.length),
    description: findValue('Message'),
    up: { ...whole, directives, replacements: replaced.map((place) => replace(file.text, place)) },
    down: undefined,
    transaction: lines.some(([line]) => /no-transaction/.test(line)) ? 'none' : 'required',
    run: 'once',
    variables: [...new Set(replaced.map(({ name }) => name))].sort(compareText),
    ...(hash === undefined ? {} : { fingerprint: hash }),
  }
  return { migration, findings: describePlaceholders(file, placeholders) }
}

function replace(text: string, { name, form, start, end }: Placeholder) {
  const isString = form === 'string' || (form === 'quoted' && text[start] === "'")
  return { start, end, text: isString ? `:'${name}'` : `:"${name}"` }
}

function describePlaceholders(
  file: ForeignText,
  placeholders: readonly Placeholder[],
): readonly Diagnostic[] {
  const { source } = wholeFile(file)
  const seen = new Set<string>()
  return placeholders.flatMap(({ name, form, start, end }) => {
    const key = `${name} ${form === 'inside'}`
    if (seen.has(key)) return []
    seen.add(key)
    const inside = form === 'inside'
    const message = inside
      ? `":${name}" is in a string or a function body, where no variable is replaced`
      : `the placeholder ":${name}" becomes a variable`
    const help = inside
      ? 'write the value in its place, or build the text with format() and a variable'
      : `give it a value under "variables" of the configuration: { "variables": { "${name}": "…" } }`
    return [needsReview(source, { start, end }, message, help)]
  })
}

function describeOther({ name, path, text }: ForeignFile): readonly Diagnostic[] {
  if (CURRENT.test(name)) {
    const finding = notCarriedOver(
      path,
      'the current migration is not committed',
      'commit it with `graphile-migrate commit` and import again, or write it with `tidemark new`',
    )
    const isEmpty = text !== undefined && /^(?:\s*|--.*\n?)*$/.test(text)
    return [isEmpty ? { ...finding, severity: 'note' } : finding]
  }
  if (!name.endsWith('.sql') || FILE.test(name)) return []
  const message = name.startsWith('fixtures/')
    ? 'a fixture: committed files have its text already'
    : 'ignored by graphile-migrate: only files in "committed" are migrations'
  return [notCarriedOver(path, message, 'add it with `tidemark new` if it belongs here')]
}

import type { Diagnostic } from '@tidemark/core'
import { notCarriedOver } from './findings.ts'
import { baseName, type ForeignFile, type ForeignProject } from './foreign-project.ts'
import { isUnseen } from './is-unseen.ts'

const CODE =
  /\.(?:[cm]?[jt]sx?|go|py|rb|java|class|kts?|groovy|scala|clj|php|rs|cs|fs|exs?|sh|bash|ps1|bat|cmd|pl|lua)$/i
const PROSE = /\.(?:md|markdown|txt|rst|adoc)$|^(?:readme|license|notice|changelog)$/i

/**
 * Reports every file that is neither imported, nor reported by its format, nor known to be the other tool's
 * own.
 *
 * @param isOwn says whether a file is one that the tool keeps for itself, such as a lock or a snapshot.
 */
export function findUnread(
  files: readonly ForeignFile[],
  { migrations, findings }: ForeignProject,
  isOwn: (name: string) => boolean,
): readonly Diagnostic[] {
  const known = new Set([
    ...migrations.flatMap(({ up, down, verify }) => [up.source.path, down?.source.path, verify?.source.path]),
    ...findings.map(({ source }) => source?.path),
  ])
  return files.filter(({ name, path }) => !known.has(path) && !isOwn(name)).map(describe)
}

/** What keeps a folder in a repository, or tells an editor about it. */
const HOUSEKEEPING = /^\.(?:git(?:keep|ignore|attributes)?|keep|DS_Store|editorconfig)$/

function describeUnseen(path: string, base: string, kind: 'file' | 'folder'): Diagnostic {
  const what = base.startsWith('.') ? `a hidden ${kind}` : 'a folder of packages'
  const help = 'if it holds migrations, give it a name without a dot, and import again'
  const finding = notCarriedOver(path, `not imported: ${what}`, help)
  const isUsual = HOUSEKEEPING.test(base) || !base.startsWith('.')
  return isUsual ? { ...finding, severity: 'note' } : finding
}

function describe({ name, path }: ForeignFile): Diagnostic {
  const base = baseName(name.replace(/\/$/, ''))
  if (isUnseen(base)) return describeUnseen(path, base, name.endsWith('/') ? 'folder' : 'file')
  if (name.endsWith('/')) {
    const help = 'put its files in place of the link, or import them by themselves'
    return notCarriedOver(path, 'a link to a folder: its files are not read', help)
  }
  if (name.endsWith('.sql')) {
    const help = 'check what it is for; add it with `tidemark new` if it belongs here'
    return notCarriedOver(
      path,
      'SQL that is not imported: it is not where its tool looks for migrations',
      help,
    )
  }
  if (/\.sql$/i.test(name)) {
    return notCarriedOver(
      path,
      'not imported: its name does not end in ".sql"',
      'rename it, and import again',
    )
  }
  if (CODE.test(base)) {
    const help =
      'if it is a migration, write its change as SQL with `tidemark new`, and let the imported file after it depend on it'
    return notCarriedOver(path, 'a step in code is not imported', help)
  }
  const finding = notCarriedOver(
    path,
    `not imported, since it is not SQL: ${base}`,
    'check that no step is missing',
  )
  return PROSE.test(base) ? { ...finding, severity: 'note' } : finding
}

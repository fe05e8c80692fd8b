import type { Diagnostic, MigrationId } from '@tidemark/core'
import { assignIds } from './convert/assign-ids.ts'
import { convertMigration } from './convert/convert-migration.ts'
import { findTableUse } from './convert/find-table-use.ts'
import { splitTransactions } from './convert/split-transactions.ts'
import { findUnread } from './foreign/find-unread.ts'
import { findUnusedMarks } from './foreign/find-unused-marks.ts'
import { changed } from './foreign/findings.ts'
import type { ForeignFile, ForeignMigration, ForeignProject } from './foreign/foreign-project.ts'
import { findOtherTools } from './foreign/other-tools.ts'
import { readWithoutWaysBack } from './foreign/read-without-ways-back.ts'
import { FORMATS, type FormatName } from './formats.ts'

/** What {@link importMigrations} reads. */
export interface ImportInput {
  readonly format: FormatName
  readonly files: readonly ForeignFile[]
  /** The folder that the files will be written to, as messages name it. */
  readonly out: string
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
  /** Names of migrations that are not split, since their files are there as a whole. */
  readonly whole?: ReadonlySet<string>
}

/** A file to write. */
export interface ImportedMigration {
  readonly id: MigrationId
  readonly path: string
  readonly text: string
  readonly transaction: 'required' | 'none'
  readonly reversible: boolean
  /** The whole migration of the other tool, of which this may be a part. */
  readonly foreign: ForeignMigration
  /** What changed, what needs review, and what `validate` reports about the file. */
  readonly findings: readonly Diagnostic[]
}

/** What an import writes, and its findings. */
export interface Import {
  /** In the other tool's order: each depends on the one before. */
  readonly migrations: readonly ImportedMigration[]
  /** Findings about other files. */
  readonly findings: readonly Diagnostic[]
}

/**
 * Turns the files of another tool into migration files. Pure: the same files give the same texts, so that a
 * second import finds nothing new. Never fails: what needs a decision is a finding, and where it is not clear
 * which SQL goes back, there is an error among the findings and no migration.
 *
 * @example importMigrations({ format: 'dbmate', files, out: 'migrations', trackingSchema: 'public' }).migrations[0]?.text
 */
export function importMigrations({
  format,
  files,
  out,
  trackingSchema,
  whole = new Set(),
}: ImportInput): Import {
  const { history } = FORMATS[format]
  const project = readProject(format, files)
  if (project.findings.some(({ severity }) => severity === 'error'))
    return { migrations: [], findings: project.findings }
  const parts = project.migrations.flatMap((foreign) =>
    (whole.has(foreign.name) ? [foreign] : splitTransactions(foreign)).map((part, index, all) => ({
      foreign,
      part,
      index,
      count: all.length,
    })),
  )
  const ids = assignIds(parts.map(({ part }) => part.name))
  const migrations = parts.map(({ foreign, part, index, count }, at): ImportedMigration => {
    const id = ids[at] ?? part.name
    const path = `${out}/${id}.sql`
    const dependsOn = index > 0 ? ids.slice(at - 1, at) : findDependencies(parts, at, ids)
    const converted = convertMigration(part, { id, path, dependsOn, trackingSchema })
    const { text, transaction, reversible } = converted
    const findings = [
      ...(id === part.name ? [] : [renamed(part, id)]),
      ...(count > 1 && index === 0 ? [split(foreign, count)] : []),
      ...converted.findings,
      ...(history === undefined ? [] : findTableUse(history.table, part)),
      ...findUnusedMarks(part, FORMATS[format].title),
    ]
    return { id, path, text, transaction, reversible, foreign, findings }
  })
  return { migrations, findings: project.findings }
}

/**
 * Those that the other tool names; else the one before. Nothing depends on a migration that is only for some
 * environments, except one for the same.
 */
function findDependencies(
  parts: readonly { readonly foreign: ForeignMigration }[],
  index: number,
  ids: readonly MigrationId[],
): readonly MigrationId[] {
  const migrations = parts.map(({ foreign }) => foreign)
  const { dependsOn, environments } = migrations[index] ?? {}
  if (dependsOn !== undefined) {
    const named = dependsOn.map((name) => migrations.findLastIndex((other) => other.name === name))
    return named.flatMap((at) => ids[at] ?? [])
  }
  const isThere = (other: ForeignMigration): boolean =>
    other.environments === undefined ||
    environments?.every((name) => other.environments?.includes(name)) === true
  const before = migrations.slice(0, index)
  const last = before.findLastIndex(isThere)
  const limited = before.findLastIndex((other) => other.environments !== undefined && isThere(other))
  return [...new Set([limited, last])].flatMap((at) => ids[at] ?? [])
}

/** What a format reads, less what goes back by its name, with all that is left over. */
function readProject(format: FormatName, files: readonly ForeignFile[]): ForeignProject {
  const { read, hasMarks = false, hasDirections = false, keeps } = FORMATS[format]
  const sure = hasMarks ? (['certain', 'likely'] as const) : (['certain'] as const)
  const project = hasDirections ? read(files) : readWithoutWaysBack(read, files, sure)
  const paths = new Set(
    project.migrations.flatMap(({ up, down }) => [up, down].flatMap((section) => section?.source.path ?? [])),
  )
  return {
    migrations: project.migrations,
    findings: [
      ...findOtherTools(format, files, paths),
      ...project.findings,
      ...findUnread(files, project, (name) => keeps?.test(name) === true),
    ],
  }
}

function split({ up: { source } }: ForeignMigration, count: number): Diagnostic {
  return changed(source, undefined, `it is split at its own BEGIN and COMMIT: it becomes ${count} files`)
}

function renamed({ name, up }: ForeignMigration, id: MigrationId): Diagnostic {
  const { path } = up.source
  return changed(
    { path, text: '' },
    undefined,
    `"${name}" is not a valid id, or is taken: it becomes "${id}"`,
  )
}

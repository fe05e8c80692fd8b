import type { Diagnostic } from '@tidemark/core'
import { findTableUse } from './convert/find-table-use.ts'
import { convertProject, type ImportedMigration } from './convert-project.ts'
import { findUnread } from './foreign/find-unread.ts'
import { findUnusedMarks } from './foreign/find-unused-marks.ts'
import type { ForeignFile, ForeignProject } from './foreign/foreign-project.ts'
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
export function importMigrations({ format, files, out, trackingSchema, whole }: ImportInput): Import {
  const { history, title } = FORMATS[format]
  const project = readProject(format, files)
  if (project.findings.some(({ severity }) => severity === 'error'))
    return { migrations: [], findings: project.findings }
  const migrations = convertProject(project.migrations, {
    out,
    trackingSchema,
    whole,
    findMore: (part) => [
      ...(history === undefined ? [] : findTableUse(history.table, part)),
      ...findUnusedMarks(part, title),
    ],
  })
  return { migrations, findings: project.findings }
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

import type { Diagnostic, MigrationId } from '@tidemark/core'
import { assignIds } from './convert/assign-ids.ts'
import { convertMigration } from './convert/convert-migration.ts'
import { splitTransactions } from './convert/split-transactions.ts'
import { changed } from './foreign/findings.ts'
import type { ForeignMigration } from './foreign/foreign-project.ts'

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

/** Where the files of {@link convertProject} go. */
export interface ConvertOptions {
  /** The folder that the files will be written to, as messages name it. */
  readonly out: string
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
  /** Names of migrations that are not split, since their files are there as a whole. */
  readonly whole?: ReadonlySet<string> | undefined
  /** What else there is to say of a part. */
  readonly findMore?: (part: ForeignMigration) => readonly Diagnostic[]
}

/** Writes the migrations of another tool as migration files. Pure. */
export function convertProject(
  project: readonly ForeignMigration[],
  { out, trackingSchema, whole = new Set(), findMore = () => [] }: ConvertOptions,
): readonly ImportedMigration[] {
  const parts = project.flatMap((foreign) =>
    (whole.has(foreign.name) ? [foreign] : splitTransactions(foreign)).map((part, index, all) => ({
      foreign,
      part,
      index,
      count: all.length,
    })),
  )
  const ids = assignIds(parts.map(({ part }) => part.name))
  return parts.map(({ foreign, part, index, count }, at): ImportedMigration => {
    const id = ids[at] ?? part.name
    const path = `${out}/${id}.sql`
    const dependsOn = index > 0 ? ids.slice(at - 1, at) : findDependencies(parts, at, ids)
    const converted = convertMigration(part, { id, path, dependsOn, trackingSchema })
    const { text, transaction, reversible } = converted
    const findings = [
      ...(id === part.name ? [] : [renamed(part, id)]),
      ...(count > 1 && index === 0 ? [split(foreign, count)] : []),
      ...converted.findings,
      ...findMore(part),
    ]
    return { id, path, text, transaction, reversible, foreign, findings }
  })
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

import type { Diagnostic } from '@tidemark/core'
import { needsLook } from '../foreign/findings.ts'
import type { ForeignMigration } from '../foreign/foreign-project.ts'
import { compareFlywayVersions, normalizeFlywayVersion } from '../formats/flyway/flyway-version.ts'
import type { FormatName } from '../formats.ts'
import type { HistoryRow } from './history-tables.ts'

/** What another tool's table says about its files. */
export interface HistoryJudgement {
  /** One for each migration, in their order. */
  readonly applied: readonly boolean[]
  /** Versions that the table has and no file. */
  readonly unknown: readonly string[]
  readonly findings: readonly Diagnostic[]
  /** Why nothing can be adopted: a migration is half applied. */
  readonly refusal: { readonly message: string; readonly help: string } | undefined
}

type Judge = (rows: readonly HistoryRow[], migrations: readonly ForeignMigration[]) => HistoryJudgement

/** Tells which migrations a tool's table says are applied, by that tool's own rules. Rows come in the order of the table's first column. */
export function judgeHistory(
  format: FormatName,
  rows: readonly HistoryRow[],
  migrations: readonly ForeignMigration[],
): HistoryJudgement {
  return JUDGES[format](rows, migrations)
}

const byVersion: Judge = (rows, migrations) =>
  judgeSet(new Set(rows.map((row) => row['version'] ?? '')), migrations)

/** The latest row of a version decides; version 0 stands for the table itself. */
const goose: Judge = (rows, migrations) => {
  const latest = new Map(rows.map((row) => [row['version_id'] ?? '', row['is_applied'] === 'true']))
  const applied = [...latest].filter(([version, isApplied]) => isApplied && version !== '0')
  return judgeSet(new Set(applied.map(([version]) => version)), migrations, normalizeNumber)
}

/** One row: everything up to its version is applied. */
const golangMigrate: Judge = (rows, migrations) => {
  const [row] = rows
  const version = BigInt(row?.['version'] ?? -1)
  const applied = migrations.map((migration) => BigInt(migration.version) <= version)
  const isKnown = version < 0n || migrations.some((migration) => BigInt(migration.version) === version)
  const refusal =
    row?.['dirty'] === 'true'
      ? {
          message: `version ${version} is dirty: it failed half way`,
          help: 'mend the database by hand, run `migrate force VERSION`, and import again',
        }
      : undefined
  return { applied, unknown: isKnown ? [] : [String(version)], findings: [], refusal }
}

const prisma: Judge = (rows, migrations) => {
  const kept = rows.filter((row) => row['rolled_back_at'] === null)
  const failed = kept.find((row) => row['finished_at'] === null)
  const checksums = new Map(kept.map((row) => [row['migration_name'] ?? '', row['checksum'] ?? '']))
  const judged = judgeSet(new Set(checksums.keys()), migrations)
  const refusal = failed && {
    message: `"${failed['migration_name']}" has failed half way`,
    help: 'mend the database by hand, run `prisma migrate resolve`, and import again',
  }
  const findings = migrations.flatMap((migration) =>
    findChanged(migration, checksums.get(migration.version), 'Prisma'),
  )
  return { ...judged, findings, refusal }
}

/** What is not newer than the latest row is applied: Drizzle looks at nothing else. */
const drizzle: Judge = (rows, migrations) => {
  const hashes = new Set(rows.map((row) => row['hash'] ?? ''))
  const latest = Math.max(-1, ...rows.map((row) => Number(row['created_at'] ?? -1)))
  const applied = migrations.map(({ version, fingerprint = '' }) =>
    /^\d+$/.test(version) ? Number(version) <= latest : hashes.has(fingerprint),
  )
  const findings = migrations.flatMap(({ up, fingerprint = '' }, index) =>
    applied[index] === true && !hashes.has(fingerprint) ? [changedSince(up.source, 'Drizzle')] : [],
  )
  return { applied, unknown: [], findings, refusal: undefined }
}

const flyway: Judge = (rows, migrations) => {
  const state = readFlywayRows(rows)
  const applied = migrations.map(({ run, version, up, fingerprint }) =>
    run === 'on_change'
      ? state.scripts.get(lastPart(up.source.path)) === fingerprint
      : state.versions.has(normalizeFlywayVersion(version)) ||
        (state.baseline !== undefined && compareFlywayVersions(version, state.baseline) <= 0),
  )
  const known = new Set(migrations.map(({ version }) => normalizeFlywayVersion(version)))
  const findings = migrations.flatMap((migration) =>
    migration.run === 'once'
      ? findChanged(migration, state.versions.get(normalizeFlywayVersion(migration.version)), 'Flyway')
      : [],
  )
  const refusal =
    state.failed === undefined
      ? undefined
      : {
          message: `"${state.failed}" has failed`,
          help: 'mend the database by hand, run `flyway repair`, and import again',
        }
  return {
    applied,
    unknown: [...state.versions.keys()].filter((version) => !known.has(version)),
    findings,
    refusal,
  }
}

interface FlywayState {
  /** Checksums of what is applied, by version. */
  readonly versions: ReadonlyMap<string, string>
  /** Checksums of repeatable files when they last ran, by file name. */
  readonly scripts: ReadonlyMap<string, string>
  readonly baseline: string | undefined
  readonly failed: string | undefined
}

function readFlywayRows(rows: readonly HistoryRow[]): FlywayState {
  const versions = new Map<string, string>()
  const scripts = new Map<string, string>()
  let baseline: string | undefined
  let failed: string | undefined
  for (const row of rows) {
    const { version, script, type, success, checksum } = row
    const normal = version == null ? undefined : normalizeFlywayVersion(version)
    if (type === 'SCHEMA') continue
    if (success !== 'true') failed = script ?? version ?? undefined
    else if (type === 'BASELINE') baseline = version ?? undefined
    else if (normal === undefined) scripts.set(lastPart(script ?? ''), checksum ?? '')
    else if (type?.startsWith('UNDO') || type === 'DELETE') versions.delete(normal)
    else versions.set(normal, checksum ?? '')
  }
  return { versions, scripts, baseline, failed }
}

const plain: Judge = (_, migrations) => judgeSet(new Set(), migrations)

const JUDGES: Readonly<Record<FormatName, Judge>> = {
  supabase: byVersion,
  dbmate: byVersion,
  goose,
  'golang-migrate': golangMigrate,
  prisma,
  drizzle,
  flyway,
  plain,
}

function judgeSet(
  versions: ReadonlySet<string>,
  migrations: readonly ForeignMigration[],
  normalize: (version: string) => string = (version) => version,
): HistoryJudgement {
  const known = new Set(migrations.map(({ version }) => normalize(version)))
  return {
    applied: migrations.map(({ version }) => versions.has(normalize(version))),
    unknown: [...versions].filter((version) => !known.has(version)),
    findings: [],
    refusal: undefined,
  }
}

function findChanged(
  migration: ForeignMigration,
  checksum: string | undefined,
  tool: string,
): readonly Diagnostic[] {
  if (checksum === undefined || checksum === '' || checksum === migration.fingerprint) return []
  return [changedSince(migration.up.source, tool)]
}

function changedSince(source: ForeignMigration['up']['source'], tool: string): Diagnostic {
  const message = `it has changed since ${tool} applied it`
  return needsLook(
    source,
    undefined,
    message,
    'the database has what the file said then; the file is adopted as it is now',
  )
}

function normalizeNumber(version: string): string {
  return String(BigInt(version))
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

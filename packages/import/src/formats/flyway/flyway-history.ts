import { baseName } from '../../foreign/foreign-project.ts'
import type { HistoryRow, JudgeHistory } from '../../history/history.ts'
import { findChangedSince } from '../../history/judge-by-version.ts'
import { compareFlywayVersions, normalizeFlywayVersion } from './flyway-version.ts'

/**
 * Judges `flyway_schema_history`: successful rows that were not undone, and what a baseline counts for. A
 * repeatable file is applied only as it is now.
 */
export const judgeFlywayHistory: JudgeHistory = (rows, migrations) => {
  const state = readFlywayRows(rows)
  const applied = migrations.map(({ run, version, up, fingerprint }) =>
    run === 'on_change'
      ? state.scripts.get(baseName(up.source.path)) === fingerprint
      : state.versions.has(normalizeFlywayVersion(version)) ||
        (state.baseline !== undefined && compareFlywayVersions(version, state.baseline) <= 0),
  )
  const known = new Set(migrations.map(({ version }) => normalizeFlywayVersion(version)))
  const findings = migrations.flatMap((migration) =>
    migration.run === 'once'
      ? findChangedSince(migration, state.versions.get(normalizeFlywayVersion(migration.version)), 'Flyway')
      : [],
  )
  const refusal =
    state.failed === undefined
      ? undefined
      : {
          message: `"${state.failed}" failed`,
          help: 'fix the database by hand, run `flyway repair`, and import again',
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
    else if (normal === undefined) scripts.set(baseName(script ?? ''), checksum ?? '')
    else if (type?.startsWith('UNDO') || type === 'DELETE') versions.delete(normal)
    else versions.set(normal, checksum ?? '')
  }
  return { versions, scripts, baseline, failed }
}

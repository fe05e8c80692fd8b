import type { Diagnostic } from '@tidemark/core'
import { needsReview } from './findings.ts'
import type { ForeignMigration } from './foreign-project.ts'

/** Orders texts by code unit, as tools that sort file names do. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Orders texts of digits by value, however long. */
export function compareDigits(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Writes a text of digits without leading zeros. */
export function normalizeNumber(version: string): string {
  return String(BigInt(version))
}

/** Reports versions that two files share: the other tool refuses them, so their order is a guess. */
export function findSharedVersions(
  migrations: readonly ForeignMigration[],
  normalize: (version: string) => string = (version) => version,
): readonly Diagnostic[] {
  const seen = new Map<string, ForeignMigration>()
  return migrations.flatMap((migration) => {
    const version = normalize(migration.version)
    const earlier = seen.get(version)
    seen.set(version, migration)
    if (earlier === undefined) return []
    const { source } = migration.up
    const message = `it has the same version as "${earlier.up.source.path}"`
    return [
      needsReview(
        source,
        undefined,
        message,
        'check that the imported files depend on each other in the right order',
      ),
    ]
  })
}

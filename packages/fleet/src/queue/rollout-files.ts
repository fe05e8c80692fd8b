import { createHash } from 'node:crypto'
import { type MigrationReader, refusedError } from '@tidemark/core'
import type { RolloutFiles } from './rollout-store.ts'

/**
 * Sums up the files, so that a worker knows whether it has the same ones.
 *
 * @throws TidemarkError TM1xxx where they are wrong.
 */
export async function describeFiles(
  reader: MigrationReader,
  environment: string | undefined,
): Promise<RolloutFiles> {
  const read = await reader.readMigrations()
  if (!read.ok) throw refusedError(read.error)
  const files = read.value.migrations.map(({ id, checksum }) => [id, checksum] as const)
  files.sort(([a], [b]) => (a < b ? -1 : 1))
  const digest = createHash('sha256')
    .update(JSON.stringify([environment ?? null, files]))
    .digest('hex')
  return { digest, checksums: Object.fromEntries(files) }
}

import * as z from 'zod'

/** What was saved of one step. */
export const BackupEntrySchema = z.strictObject({
  migrationId: z.string(),
  direction: z.enum(['up', 'down']),
  /** In the manifest's folder. */
  file: z.string().regex(/^[\w.-]+$/),
  tables: z.array(z.string()).readonly(),
  rows: z.number(),
  sha256: z.string(),
  savedAt: z.iso.datetime(),
})

/** `manifest.json` of a backup: what one run saved, in the order of saving. */
export const BackupManifestSchema = z.strictObject({
  formatVersion: z.literal(2),
  runId: z.string(),
  target: z.strictObject({ host: z.string(), port: z.int().nullable(), database: z.string() }),
  entries: z.array(BackupEntrySchema).readonly(),
})

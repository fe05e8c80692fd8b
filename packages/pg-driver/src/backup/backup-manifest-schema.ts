import * as z from 'zod'

const SavedTableSchema = z.strictObject({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.string()).readonly(),
})

/** What was saved before one step. */
export const BackupEntrySchema = z.strictObject({
  migrationId: z.string(),
  direction: z.enum(['up', 'down']),
  /** In the manifest's folder. */
  file: z.string().regex(/^[\w.-]+$/),
  tables: z.array(SavedTableSchema).readonly(),
  savedAt: z.iso.datetime(),
})

/** `manifest.json` of a backup: what one run saved, in the order of saving. */
export const BackupManifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  runId: z.string(),
  target: z.strictObject({ host: z.string(), port: z.int().nullable(), database: z.string() }),
  serverVersion: z.string(),
  pgDump: z.string(),
  entries: z.array(BackupEntrySchema).readonly(),
})

import * as z from 'zod'

const Name = { schema: z.string(), name: z.string() }

/** A line of an archive as it is read; see `ArchiveItem`. */
export const ArchiveItemSchema = z.discriminatedUnion('item', [
  z.strictObject({
    item: z.literal('archive'),
    formatVersion: z.literal(2),
    runId: z.string(),
    migrationId: z.string(),
    direction: z.enum(['up', 'down']),
  }),
  z.strictObject({
    item: z.literal('relation'),
    ...Name,
    columns: z
      .array(z.strictObject({ name: z.string(), type: z.string(), generated: z.boolean() }))
      .readonly(),
  }),
  z.strictObject({
    item: z.literal('requirement'),
    kind: z.enum(['type', 'function', 'sequence']),
    name: z.string(),
    sql: z.string(),
  }),
  z.strictObject({
    item: z.literal('statement'),
    phase: z.enum(['create', 'complete', 'link']),
    sql: z.string(),
  }),
  z.strictObject({ item: z.literal('rows') }),
  z.strictObject({ item: z.literal('renamed'), from: z.strictObject(Name), to: z.strictObject(Name) }),
  z.strictObject({
    item: z.literal('sequence'),
    ...Name,
    oid: z.string(),
    value: z.string(),
    called: z.boolean(),
  }),
])

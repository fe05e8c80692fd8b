import * as z from 'zod'

/** What decides how the catalog's query is written. */
export const ExtentSchema = z.object({
  version: z.number(),
  operators: z.boolean(),
  textSearch: z.boolean(),
  foreignData: z.boolean(),
  replication: z.boolean(),
})

/** The rows of the catalog's query. */
export const RowsSchema = z.array(
  z.object({ kind: z.string(), id: z.string(), facet: z.string(), value: z.string() }),
)

/** Who reads, and when. */
export const ReaderSchema = z.object({ role: z.string(), version: z.number(), now: z.number() })

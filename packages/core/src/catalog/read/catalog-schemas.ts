import * as z from 'zod'

/** Which server answers. */
export const VersionSchema = z.object({ version: z.number() })

/** The rows of the catalog's query. */
export const RowsSchema = z.array(
  z.object({ kind: z.string(), id: z.string(), facet: z.string(), value: z.string() }),
)

/** Who reads, and when. */
export const ReaderSchema = z.object({ role: z.string(), version: z.number(), now: z.number() })

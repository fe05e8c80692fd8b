import * as z from 'zod'

const KeptFactsSchema = z.object({
  notChecked: z.array(z.object({ migrationId: z.string(), why: z.string() })),
  roles: z.array(z.string()),
})

/** What is known of a database that was kept for a prefix of the plan, beside what it holds. */
export type KeptFacts = Readonly<z.infer<typeof KeptFactsSchema>>

/**
 * Reads what was kept beside a database; undefined when it is not that.
 *
 * @example parseKeptFacts('{"notChecked":[],"roles":[]}') // { notChecked: [], roles: [] }
 */
export function parseKeptFacts(text: string): KeptFacts | undefined {
  try {
    return KeptFactsSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

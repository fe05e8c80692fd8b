/** Which objects of a catalog are looked at. */
export interface CatalogScope {
  /**
   * Only these schemas, with what is in them. Default: every schema. Objects of the whole database, such as
   * extensions and publications, are looked at when no schema is named here.
   */
  readonly includeSchemas?: readonly string[]
  /** Not these schemas: names, or patterns with `*`. Wins over `includeSchemas`. */
  readonly excludeSchemas?: readonly string[]
  /** Not these objects: ids such as `public.events_2026_01`, or patterns with `*`; with all their parts. */
  readonly excludeObjects?: readonly string[]
  /** The schema with Tidemark's own tables, which are left out. */
  readonly trackingSchema?: string
}

import type { CatalogObject, MigrationId } from '@tidemark/core'
import type { CatalogView } from '../catalog/catalog-view.ts'
import type { Named } from '../catalog/names.ts'
import type { SqlParser } from '../tree/parser.ts'

/** The schema that a plan ends with, and what of it the plan made. */
export interface PlanSubject {
  readonly schema: CatalogView
  readonly parser: SqlParser
  /** What is wrong with the bodies of functions, by their ids, where `plpgsql_check` looked at them. */
  readonly bodies: ReadonlyMap<string, readonly string[]>
  /** Schemas that an API serves; undefined: those that its roles were granted. */
  readonly exposedSchemas: readonly string[] | undefined
  isBusy(table: Named): boolean
  /**
   * The migration of the plan that made an object, or changed one of some facets of it, and the statement that
   * has all of some names; undefined where the plan did neither.
   */
  origin(object: CatalogObject, options?: OriginOptions): Origin | undefined
  /** What took the primary key of a table that was there; undefined where nothing of the plan did. */
  lostKey(table: Named): Origin | undefined
}

/** What {@link PlanSubject.origin} looks for. */
export interface OriginOptions {
  /** Facets whose change counts; default: none, the object has to be new. */
  readonly facets?: readonly string[]
  /** Names that the statement has; default: those of the object. */
  readonly names?: readonly string[]
}

/** Where something comes from. */
export interface Origin {
  readonly migrationId: MigrationId
  readonly statement: number | null
}

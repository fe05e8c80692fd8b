import type { CatalogView } from '../catalog/catalog-view.ts'
import { nameKey } from '../catalog/names.ts'
import type { TableSize } from './linted-migration.ts'

/** Below these sizes any work on a table is over at once. */
const SMALL_ROWS = 1000
const SMALL_BYTES = 8 * 1024 * 1024

/** Which tables the plan made itself, and which are small. Keys are those of `nameKey`. */
export interface PlanTables {
  /** Whether it was there before the plan, and is not known to be small. What is not known is large. */
  isBusy(key: string): boolean
  /** Takes note of what one migration of the plan makes and renames. */
  advance(before: CatalogView, after: CatalogView, renamed: ReadonlyMap<string, string>): void
}

/** Starts a plan, which has made nothing yet. */
export function createPlanTables(sizes: ReadonlyMap<string, TableSize>): PlanTables {
  const made = new Set<string>()
  return {
    isBusy: (key) => {
      const { rows = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY } = sizes.get(key) ?? {}
      return !made.has(key) && rows >= SMALL_ROWS && bytes >= SMALL_BYTES
    },
    advance: (before, after, renamed) => {
      for (const table of after.tables.values()) {
        const key = nameKey(table)
        const old = renamed.get(key)
        if (!before.tables.has(key) && (old === undefined || made.has(old))) made.add(key)
      }
    },
  }
}

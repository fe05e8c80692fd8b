import type { MigrationGraph } from '../graph/migration-graph.ts'
import type { MigrationReader } from '../ports/migration-reader.ts'

/** The graphs of readers that read once, by what else they depend on. */
const GRAPHS = new WeakMap<MigrationReader, Map<string, MigrationGraph>>()

/**
 * Makes a reader that reads once and gives every runner the same migrations; runners then share the graph,
 * too. For one folder and many databases.
 *
 * @example const shared = readOnce({ readMigrations: async () => ok({ migrations: [], notes: [] }) })
 */
export function readOnce(reader: MigrationReader): MigrationReader {
  let read: ReturnType<MigrationReader['readMigrations']> | undefined
  const once: MigrationReader = {
    readMigrations: (signal) => {
      read ??= reader.readMigrations(signal)
      return read
    },
  }
  GRAPHS.set(once, new Map())
  return once
}

/** The graphs that are shared by the runners of a reader of {@link readOnce}; undefined for any other. */
export function sharedGraphs(reader: MigrationReader): Map<string, MigrationGraph> | undefined {
  return GRAPHS.get(reader)
}

import {
  buildGraph,
  type Diagnostic,
  type DownVerdict,
  type GraphOptions,
  type MigrationGraph,
  type MigrationId,
  type MigrationReader,
  ok,
  sortDiagnostics,
} from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import { findKnownFiles } from '../cache/parsed-files.ts'
import type { Settings } from '../config/settings.ts'
import { addDownVerdicts } from './down-verdicts.ts'
import { refuse } from './refuse.ts'

/** The files of a project, read and resolved. */
export interface Project {
  readonly graph: MigrationGraph
  /** Warnings and notes of files and graph. */
  readonly notes: readonly Diagnostic[]
}

/**
 * Creates the reader of the configured folder; messages name files relative to the working directory. Migrations
 * have what checks showed of their `@down`.
 *
 * @param downVerdicts what a saved plan carries of that.
 */
export function createReader(
  settings: Pick<Settings, 'migrations' | 'schema' | 'folder'>,
  downVerdicts?: Readonly<Record<MigrationId, DownVerdict>>,
): MigrationReader {
  const { migrations: directory, schema, folder } = settings
  const reader = createDirectoryReader({ directory, schema, known: findKnownFiles({ directory, schema }) })
  return {
    async readMigrations(signal) {
      const read = await reader.readMigrations(signal)
      if (!read.ok) return read
      const migrations = await addDownVerdicts(read.value.migrations, folder, downVerdicts)
      return ok({ ...read.value, migrations })
    },
  }
}

/**
 * Reads every file and resolves the graph, offline.
 *
 * @param elsewhere whether files for other environments are in the graph.
 *
 * @throws {TidemarkError} with every problem of every file as its diagnostics.
 */
export async function readProject(
  settings: Pick<Settings, 'migrations' | 'schema' | 'folder' | 'environment' | 'variables'>,
  elsewhere: GraphOptions['elsewhere'] = 'apart',
): Promise<Project> {
  const { environment, variables } = settings
  const read = await createReader(settings).readMigrations()
  if (!read.ok) throw refuse(read.error)
  const graph = buildGraph(read.value.migrations, { environment, variables, elsewhere })
  if (!graph.ok) throw refuse(sortDiagnostics([...graph.error, ...read.value.notes]))
  return { graph: graph.value, notes: sortDiagnostics([...read.value.notes, ...graph.value.notes]) }
}

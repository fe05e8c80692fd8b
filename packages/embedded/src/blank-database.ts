import { readdir } from 'node:fs/promises'
import { type EmbeddedEngine, type EmbeddedEngineOptions, openEmbeddedEngine } from './embedded-engine.ts'
import type { EmbeddedLocation } from './embedded-url.ts'

/** Tells whether a directory is missing or empty: what is read there is what a new database has. */
export async function holdsNothing(location: EmbeddedLocation): Promise<boolean> {
  if (location.kind === 'memory') return false
  try {
    return (await readdir(location.path)).length === 0
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}

/**
 * Opens a new database in memory that ends with its client, so that looking at a directory that is not there
 * makes none.
 */
export async function openBlankEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const engine = await openEmbeddedEngine(options)
  return {
    ...engine,
    connect: async (connecting) => {
      const connection = await engine.connect(connecting)
      const ended = connection.closed.then(() => engine.close())
      return {
        ...connection,
        close: async () => {
          await connection.close()
          await ended
        },
      }
    },
  }
}

import { createPgliteEngine } from './engine/pglite/pglite-engine.ts'
import { createServerEngine } from './engine/server/server-engine.ts'
import type { ShadowEngine } from './engine/shadow-engine.ts'
import type { ShadowOptions } from './shadow-options.ts'

const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024

/** Makes the engine that the options name: PGlite, or a server. */
export function createEngine(options: ShadowOptions): Promise<ShadowEngine> {
  const {
    schema = 'public',
    searchPath,
    profile = 'plain',
    projectFolder = process.cwd(),
    cache,
    server,
    target,
  } = options
  if (server === undefined) {
    const { folder, maxBytes = DEFAULT_CACHE_BYTES } = cache ?? {}
    return createPgliteEngine({
      schema,
      searchPath,
      profile,
      projectFolder,
      cache: folder === undefined ? undefined : { folder, maxBytes },
    })
  }
  return createServerEngine({
    url: server.url,
    disposable: server.disposable ?? false,
    schema,
    searchPath,
    profile,
    targetIdentifier: target?.systemIdentifier ?? undefined,
    keeps: cache !== undefined,
  })
}

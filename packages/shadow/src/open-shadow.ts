import type { Migration } from '@tidemark/core'
import type { EmbeddedProfile } from '@tidemark/embedded'
import { applyMigrations, type ShadowState } from './apply/apply-migrations.ts'
import { createPgliteEngine } from './engine/pglite/pglite-engine.ts'
import type { ScratchDatabase, ShadowEngine } from './engine/shadow-engine.ts'
import type { Shadow } from './port/shadow.ts'
import { inPlanOrder } from './prefix/plan-order.ts'
import { prefixKeys } from './prefix/prefix-keys.ts'

/** Options of {@link openShadow}. */
export interface ShadowOptions {
  /** What it has from the start, of which the cache may hold most. Default: nothing. */
  readonly migrations?: readonly Migration[] | undefined
  /** The schema of the tracking tables, as for a run. Default `public`. */
  readonly schema?: string | undefined
  /** What an empty database has. Default `plain`. */
  readonly profile?: EmbeddedProfile | undefined
  /** The folder of the project, in whose packages extensions are looked for. Default: the working directory. */
  readonly projectFolder?: string | undefined
  /** Where databases are kept for the next time, such as `.tidemark/shadow`. Default: nowhere. */
  readonly cache?: ShadowCacheOptions | undefined
}

/** Where and how much is kept. */
export interface ShadowCacheOptions {
  readonly folder: string
  /** What was used longest ago goes first. Default 512 MiB. */
  readonly maxBytes?: number | undefined
}

const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024

/** What was applied in less is applied again faster than it is kept. */
const KEEP_FROM = { migrations: 8, durationMs: 500 }

/**
 * Opens a scratch database on PGlite, with nothing to install, and applies migrations to it. Close it after
 * use.
 *
 * @throws TidemarkError TM2xxx for the graph, TM5031 when it does not start, and the code of a run when a
 *   migration fails.
 * @example
 * const shadow = await openShadow({ migrations, cache: { folder: '.tidemark/shadow' } })
 * try {
 *   await shadow.inRolledBackTransaction((connection) => connection.query('DROP TABLE users'))
 * } finally {
 *   await shadow.close()
 * }
 */
export async function openShadow(options: ShadowOptions = {}): Promise<Shadow> {
  const {
    migrations = [],
    schema = 'public',
    profile = 'plain',
    projectFolder = process.cwd(),
    cache,
  } = options
  const engine = await createPgliteEngine({
    schema,
    profile,
    projectFolder,
    cache: cache && { folder: cache.folder, maxBytes: cache.maxBytes ?? DEFAULT_CACHE_BYTES },
  })
  try {
    return await openOn(engine, inPlanOrder(migrations))
  } catch (error) {
    await engine.close()
    throw error
  }
}

async function openOn(engine: ShadowEngine, migrations: readonly Migration[]): Promise<Shadow> {
  const keys = prefixKeys(engine.identity, migrations)
  const { scratch, state } = await restore(engine, migrations, keys)
  const restored = state.applied.length
  try {
    const startedAt = performance.now()
    await applyMigrations({ engine, scratch, state }, migrations)
    const added = state.applied.length - restored
    const isWorthKeeping =
      added >= KEEP_FROM.migrations || (added > 0 && performance.now() - startedAt >= KEEP_FROM.durationMs)
    const last = keys.at(-1)
    if (isWorthKeeping && last !== undefined)
      await scratch.keep(last, { notChecked: [...state.notChecked], roles: [...state.roles] })
    const serverVersion = await readServerVersion(scratch)
    return shadowOver({ engine, scratch, state, serverVersion, restored, owns: 'engine' })
  } catch (error) {
    await scratch.close()
    throw error
  }
}

interface Restored {
  readonly scratch: ScratchDatabase
  readonly state: ShadowState
}

/** Starts from the longest prefix that was kept, or from nothing where that cannot be used. */
async function restore(
  engine: ShadowEngine,
  migrations: readonly Migration[],
  keys: readonly string[],
): Promise<Restored> {
  const kept = await engine.find(keys)
  const key = kept && keys[kept.length - 1]
  if (kept === undefined || key === undefined)
    return { scratch: await engine.open(), state: { known: [], applied: [], notChecked: [], roles: [] } }
  try {
    const scratch = await engine.open(key)
    await readServerVersion(scratch)
    const { notChecked, roles } = kept.facts
    const left = new Set(notChecked.map(({ migrationId }) => migrationId))
    const known = migrations.slice(0, kept.length)
    return { scratch, state: { known, applied: known.filter(({ id }) => !left.has(id)), notChecked, roles } }
  } catch {
    await engine.forget(key)
    return restore(engine, migrations, keys)
  }
}

async function readServerVersion(scratch: ScratchDatabase): Promise<string> {
  const connection = await scratch.connect()
  try {
    const { rows } = await connection.query("SELECT pg_catalog.current_setting('server_version') AS version")
    return String(rows[0]?.['version']).replace(/ .*/, '')
  } finally {
    await connection.close()
  }
}

interface ShadowParts extends Restored {
  readonly engine: ShadowEngine
  readonly serverVersion: string
  readonly restored: number
  /** A copy leaves the engine to the shadow that it is of. */
  readonly owns: 'engine' | 'database'
}

function shadowOver(parts: ShadowParts): Shadow {
  const { engine, scratch, state, serverVersion, restored, owns } = parts
  return {
    engine: engine.kind,
    schema: engine.schema,
    serverVersion,
    restored,
    notes: engine.notes,
    database: scratch.database,
    get applied() {
      return state.applied
    },
    get notChecked() {
      return state.notChecked
    },
    get standIns() {
      return { roles: state.roles }
    },
    apply: (migrations) => applyMigrations({ engine, scratch, state }, migrations),
    connect: () => scratch.connect(),
    openWire: () => scratch.openWire(),
    async inRolledBackTransaction(work) {
      const connection = await scratch.connect()
      try {
        await connection.query('BEGIN')
        return await work(connection)
      } finally {
        await connection.query('ROLLBACK').catch(() => undefined)
        await connection.close()
      }
    },
    async fork() {
      return shadowOver({ ...parts, scratch: await scratch.copy(), state: { ...state }, owns: 'database' })
    },
    async openBase() {
      if (engine.startsEmpty) return undefined
      const state = { known: [], applied: [], notChecked: [], roles: [] }
      return shadowOver({ ...parts, scratch: await engine.open(), state, restored: 0, owns: 'database' })
    },
    async close() {
      await scratch.close()
      if (owns === 'engine') await engine.close()
    },
  }
}

import { type Migration, TidemarkError, type VariableValues } from '@tidemark/core'
import { applyMigrations, noteKept, type ShadowState } from './apply/apply-migrations.ts'
import { createRolledBack } from './apply/rolled-back.ts'
import { createEngine } from './create-engine.ts'
import type { ScratchDatabase, ShadowEngine } from './engine/shadow-engine.ts'
import { interruptible, untilAborted } from './port/interruptible.ts'
import type { Shadow } from './port/shadow.ts'
import { inPlanOrder } from './prefix/plan-order.ts'
import { prefixKeys } from './prefix/prefix-keys.ts'
import type { ShadowOptions, ShadowTarget } from './shadow-options.ts'

/** What was applied in less is applied again faster than it is kept. */
const KEEP_FROM = { migrations: 8, durationMs: 500 }

/**
 * Opens a scratch database on PGlite, with nothing to install, or on a server, and applies migrations to it.
 * Close it after use.
 *
 * @throws TidemarkError TM2xxx for the graph, TM5031 when it does not start, TM5001 or TM5050 for a server,
 *   and the code of a run when a migration fails.
 * @example
 * const shadow = await openShadow({ migrations, cache: { folder: '.tidemark/shadow' } })
 * try {
 *   await shadow.inRolledBackTransaction((connection) => connection.query('DROP TABLE users'))
 * } finally {
 *   await shadow.close()
 * }
 */
export async function openShadow(options: ShadowOptions = {}): Promise<Shadow> {
  const { migrations = [], signal } = options
  const engine = await createEngine(options)
  try {
    const shadow = await untilAborted(openOn(engine, inPlanOrder(migrations), options), signal)
    return signal === undefined ? shadow : interruptible(shadow, signal)
  } catch (error) {
    await engine.close()
    throw error
  }
}

async function openOn(
  engine: ShadowEngine,
  migrations: readonly Migration[],
  { target, variables = {}, signal }: ShadowOptions,
): Promise<Shadow> {
  const keys = prefixKeys(engine.identity, migrations, variables)
  const { scratch, state, key } = await restore(engine, migrations, keys)
  const restored = state.applied.length
  try {
    const serverVersion = await readServerVersion(scratch)
    refuseOlder(serverVersion, target)
    const startedAt = performance.now()
    await applyMigrations({ engine, scratch, state, key, variables, signal }, migrations)
    const added = state.applied.length - restored
    const isWorthKeeping =
      added >= KEEP_FROM.migrations || (added > 0 && performance.now() - startedAt >= KEEP_FROM.durationMs)
    const last = keys.at(-1)
    if (isWorthKeeping && last !== undefined)
      await scratch.keep(last, { notChecked: [...state.notChecked], roles: [...state.roles] })
    return shadowOver({ engine, scratch, state, key, serverVersion, restored, variables, owns: 'engine' })
  } catch (error) {
    await scratch.close()
    throw error
  }
}

/** What is new in a major version cannot be tried on an older one. */
function refuseOlder(serverVersion: string, target: ShadowTarget | undefined): void {
  const major = Number.parseInt(serverVersion, 10)
  const wanted = Number.parseInt(target?.serverVersion ?? '', 10)
  if (!(wanted > major)) return
  throw new TidemarkError({
    code: 'TM5050',
    message: `the database is PostgreSQL ${wanted}, and the shadow is PostgreSQL ${major}: what is new since then cannot be tried there`,
    help: `set \`shadow\` to a server of PostgreSQL ${wanted}`,
  })
}

interface Restored {
  readonly key: string | undefined
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
  const scratch = key === undefined ? undefined : await openKept(engine, key)
  if (kept === undefined || scratch === undefined)
    return { key: undefined, scratch: await engine.open(), state: emptyState() }
  const { notChecked, roles } = kept.facts
  const left = new Set(notChecked.map(({ migrationId }) => migrationId))
  const known = migrations.slice(0, kept.length)
  const applied = known.filter(({ id }) => !left.has(id))
  return { key, scratch, state: { known, applied, notChecked, roles, unrecorded: [] } }
}

/** Undefined where it cannot be used: damaged, or removed by another process just now. */
async function openKept(engine: ShadowEngine, key: string): Promise<ScratchDatabase | undefined> {
  try {
    const scratch = await engine.open(key)
    await readServerVersion(scratch)
    return scratch
  } catch {
    await engine.forget(key).catch(() => undefined)
    return undefined
  }
}

function emptyState(): ShadowState {
  return { known: [], applied: [], notChecked: [], roles: [], unrecorded: [] }
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
  readonly variables: VariableValues
  readonly serverVersion: string
  readonly restored: number
  /** A copy leaves the engine to the shadow that it is of. */
  readonly owns: 'engine' | 'database'
}

function shadowOver(parts: ShadowParts): Shadow {
  const { engine, scratch, state, serverVersion, restored, owns } = parts
  const rolledBack = createRolledBack(scratch.connect)
  // PGlite has one session for all, which is tidied up when nobody is connected.
  const enter = engine.kind === 'server' ? async () => {} : () => rolledBack.leave()
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
    async apply(migrations, signal) {
      await enter()
      await applyMigrations({ ...parts, signal }, migrations)
    },
    async connect() {
      await enter()
      return scratch.connect()
    },
    async openWire() {
      await enter()
      return scratch.openWire()
    },
    inRolledBackTransaction: async (work) => (await rolledBack.run(work)).result,
    async keepTrial(migration, work) {
      const mayKeep = migration.verify === undefined && engine.refuse(migration) === undefined
      const { result, isKept } = await rolledBack.run(work, ({ failure }) => mayKeep && failure === null)
      if (isKept) noteKept(state, migration)
      return result
    },
    async fork() {
      await rolledBack.leave()
      return shadowOver({ ...parts, scratch: await scratch.copy(), state: { ...state }, owns: 'database' })
    },
    async openBase() {
      if (engine.startsEmpty) return undefined
      const base = { key: undefined, scratch: await engine.open(), state: emptyState() }
      return shadowOver({ ...parts, ...base, restored: 0, owns: 'database' })
    },
    async close() {
      await rolledBack.leave()
      await scratch.close()
      if (owns === 'engine') await engine.close()
    },
  }
}

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { type Connection, connectToServer } from '@tidemark/pg-driver/engine'
import { type DirectoryLock, LOCK_NAME, lockDirectory } from './directory-lock.ts'
import { type EmbeddedBackend, startEmbeddedBackend } from './embedded-backend.ts'
import type { EmbeddedLocation } from './embedded-url.ts'
import { supabaseProfileSql } from './supabase-profile.ts'
import { findTemplate, LAYOUT_MARK } from './template.ts'

/** Starts one embedded database when it is first needed, and ends it when it is no longer. */
export interface EmbeddedEngine {
  /** A client of its own; clients take turns, one transaction at a time. */
  connect(options: EngineConnectOptions): Promise<Connection>
  /** A client that waits until every earlier one of its kind has closed. */
  connectAlone(options: EngineConnectOptions): Promise<Connection>
  /** Resolves when nothing runs any more for a client that has left: its statement was answered, or the thread was ended. */
  settled(): Promise<void>
  /** Ends the database once its clients have left; what was in memory is gone. */
  close(): Promise<void>
}

/** Options of {@link EmbeddedEngine.connect}. */
export interface EngineConnectOptions {
  readonly applicationName: string
  readonly signal?: AbortSignal
}

/** Options of {@link openEmbeddedEngine}. */
export interface EmbeddedEngineOptions {
  readonly location: EmbeddedLocation
  /** The template to start from; found by itself unless a bundle keeps it elsewhere. */
  readonly templatePath?: string | undefined
  /** `supabase` lays out what a Supabase project has, unless it is there. Default: `plain`. */
  readonly profile?: EmbeddedProfile | undefined
}

/** What a new database has: nothing, or the roles, schemas and functions of a Supabase project. */
export type EmbeddedProfile = 'plain' | 'supabase'

interface Running {
  readonly backend: EmbeddedBackend
  readonly lock: DirectoryLock | undefined
}

/** Search paths of roles apply when a session starts, and the embedded one has started by then. */
const SUPABASE_SETTINGS = ['search_path="$user", public, extensions']

/** The databases in directories that this process has open: whoever names the same directory shares it. */
const byDirectory = new Map<string, EmbeddedEngine>()

/** Gives the engine of a location: a new one for each database in memory, one per directory within this process. */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  if (options.location.kind === 'memory') return createEngine(options, null)
  const path = resolve(options.location.path)
  const directory = existsSync(path) ? await realpath(path) : path
  const engine = byDirectory.get(directory) ?? createEngine(options, directory)
  byDirectory.set(directory, engine)
  return engine
}

function createEngine(options: EmbeddedEngineOptions, directory: string | null): EmbeddedEngine {
  let running: Promise<Running> | undefined
  let stopped: Promise<void> = Promise.resolve()
  let clients = 0
  let lastAlone: Promise<void> = Promise.resolve()
  let isLost = false

  async function start(): Promise<Running> {
    await stopped
    if (isLost) throw lostError()
    const lock = directory === null ? undefined : await lockDirectory(directory)
    try {
      const templatePath = options.templatePath ?? (await findTemplate())
      const initialise = directory !== null && !(await isLaidOut(directory))
      const backend = await startEmbeddedBackend({
        location: directory,
        initialise,
        templatePath,
        settings: options.profile === 'supabase' ? SUPABASE_SETTINGS : [],
      })
      void backend.exited.then((reason) => {
        isLost = directory === null && reason !== null
        return lock?.release()
      })
      if (options.profile === 'supabase') {
        await applySupabaseProfile(backend).catch(async (error: unknown) => {
          await backend.terminate()
          throw error
        })
      }
      return { backend, lock }
    } catch (error) {
      await lock?.release()
      throw startError(error, directory)
    }
  }

  function run(): Promise<Running> {
    if (running !== undefined) return running
    const starting = start()
    running = starting
    const forget = (): void => {
      if (running === starting) running = undefined
    }
    starting.then(({ backend }) => backend.exited).then(forget, forget)
    return starting
  }

  async function stop(): Promise<void> {
    const ending = running
    running = undefined
    if (ending === undefined) return
    stopped = ending.then(
      async ({ backend, lock }) => {
        await backend.close()
        await lock?.release()
      },
      () => {},
    )
    await stopped
  }

  async function leave(): Promise<void> {
    clients -= 1
    if (clients === 0 && directory !== null) await stop()
  }

  async function connect({ applicationName, signal }: EngineConnectOptions): Promise<Connection> {
    clients += 1
    let connection: Connection
    try {
      await settled()
      const { backend } = await run()
      signal?.throwIfAborted()
      connection = await connectTo(backend, applicationName, signal)
    } catch (error) {
      await leave()
      throw error
    }
    const left = connection.closed.then(leave)
    return {
      ...connection,
      close: async () => {
        await connection.close()
        await left
      },
    }
  }

  async function connectAlone(connectOptions: EngineConnectOptions): Promise<Connection> {
    const before = lastAlone
    let leaveQueue = (): void => {}
    lastAlone = new Promise((resolve) => {
      leaveQueue = () => resolve(before)
    })
    try {
      await untilAborted(before, connectOptions.signal)
      const connection = await connect(connectOptions)
      void connection.closed.then(leaveQueue)
      return connection
    } catch (error) {
      leaveQueue()
      throw error
    }
  }

  async function settled(): Promise<void> {
    await running?.then(
      ({ backend }) => backend.settled(),
      () => undefined,
    )
  }

  return { connect, connectAlone, settled, close: stop }
}

/** Rejects as soon as the signal is aborted. */
async function untilAborted(event: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return event
  const stopWaiting = new AbortController()
  const aborted = once(signal, 'abort', { signal: stopWaiting.signal }).then(
    () => signal.throwIfAborted(),
    () => undefined,
  )
  try {
    signal.throwIfAborted()
    await Promise.race([event, aborted])
  } finally {
    stopWaiting.abort()
  }
}

function connectTo(
  backend: EmbeddedBackend,
  applicationName: string,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  return connectToServer({
    url: 'postgres://postgres@embedded/postgres',
    applicationName,
    timeoutMs: 0,
    socket: () => backend.openSocket(),
    ...(signal === undefined ? {} : { signal }),
  })
}

async function applySupabaseProfile(backend: EmbeddedBackend): Promise<void> {
  const connection = await connectTo(backend, 'tidemark profile', undefined)
  try {
    const { rows } = await connection.query("SELECT to_regnamespace('realtime') IS NULL AS is_new")
    if (rows[0]?.['is_new'] === true) await connection.query(supabaseProfileSql)
  } finally {
    await connection.close()
  }
}

/** A directory with `PG_VERSION` is complete; anything but the remains of an interrupted layout must be empty. */
async function isLaidOut(directory: string): Promise<boolean> {
  if (existsSync(join(directory, 'PG_VERSION'))) return true
  if (existsSync(join(directory, LAYOUT_MARK))) return false
  const others = (await readdir(directory)).filter((name) => !name.startsWith(LOCK_NAME))
  if (others.length === 0) return false
  throw new TidemarkError({
    code: 'TM5031',
    message: `"${directory}" is neither empty nor a data directory: it holds "${others[0]}"`,
    help: 'name an empty or a new directory, such as "pglite:.tidemark/db"',
  })
}

/** A new empty database in its place would pass for the old one. */
function lostError(): TidemarkError {
  return new TidemarkError({
    code: 'TM5031',
    message: 'the embedded database in memory is gone: it was ended together with a statement that ran',
    help: 'create it anew; a database in a directory ("pglite:PATH") keeps what was committed',
  })
}

function startError(cause: unknown, directory: string | null): unknown {
  if (cause instanceof TidemarkError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TidemarkError({
    code: 'TM5031',
    message: `the embedded database ${directory === null ? 'in memory' : `"${directory}"`} did not start: ${reason}`,
    help: 'the data directory may come from another version of PGlite, or be damaged; try a new one',
    cause,
  })
}

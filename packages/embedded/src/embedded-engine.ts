import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import type { Connection, Wire } from '@tidemark/pg-driver/engine'
import { createConnectionQueue } from './connection-queue.ts'
import { createLifecycle } from './database-lifecycle.ts'
import type { EmbeddedLocation } from './embedded-url.ts'
import type { ExtensionArchives } from './extensions/extension-archives.ts'
import { connectTo, type EmbeddedProfile, openWireTo } from './start-database.ts'
import type { SaveFailure } from './worker-messages.ts'

/** Starts one embedded database when it is first needed, and ends it when it is no longer. */
export interface EmbeddedEngine {
  /** A client of its own; clients take turns, one transaction at a time. */
  connect(options: EngineConnectOptions): Promise<Connection>
  /** A client that waits until every earlier one of its kind has closed. */
  connectAlone(options: EngineConnectOptions): Promise<Connection>
  /**
   * Resolves when nothing runs any more for a client that has left: its statement was answered, or the thread
   * was ended.
   */
  settled(): Promise<void>
  /** A session for a program that speaks the protocol by itself, such as `pg_dump`. */
  openWire(applicationName: string): Promise<Wire>
  /**
   * Writes what was committed to a file that `templatePath` takes: another database can start from it.
   *
   * @throws TidemarkError TM5033.
   */
  save(path: string): Promise<void>
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
  /** What a session starts with, and what RESET returns to. Only for a database in memory, which nobody shares. */
  readonly searchPath?: readonly string[] | undefined
  /** Extensions beside those that PGlite ships. */
  readonly extensions?: ExtensionArchives | undefined
}

/** The databases in directories that this process has open: all that name the same directory share it. */
const byDirectory = new Map<string, EmbeddedEngine>()

/**
 * Gives the engine of a location: a new one for each database in memory, one per directory within this
 * process.
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  if (options.location.kind === 'memory') return createEngine(options, null)
  const path = resolve(options.location.path)
  const directory = existsSync(path) ? await realpath(path) : path
  const engine = byDirectory.get(directory) ?? createEngine(options, directory)
  byDirectory.set(directory, engine)
  return engine
}

function createEngine(options: EmbeddedEngineOptions, directory: string | null): EmbeddedEngine {
  const { templatePath, profile, extensions, searchPath } = options
  const database = createLifecycle({ directory, templatePath, profile, extensions, searchPath })
  const queue = createConnectionQueue()
  let clients = 0

  /** A directory is closed with its last client, so that another process may open it. */
  async function leave(): Promise<void> {
    clients -= 1
    if (clients === 0 && directory !== null) await database.stop()
  }

  async function connect({ applicationName, signal }: EngineConnectOptions): Promise<Connection> {
    clients += 1
    try {
      await database.settled()
      const { backend } = await database.run()
      signal?.throwIfAborted()
      return closingWith(await connectTo(backend, applicationName, signal), leave)
    } catch (error) {
      await leave()
      throw error
    }
  }

  async function connectAlone(options: EngineConnectOptions): Promise<Connection> {
    const leaveQueue = await queue.enter(options.signal)
    try {
      const connection = await connect(options)
      void connection.closed.then(leaveQueue)
      return connection
    } catch (error) {
      leaveQueue()
      throw error
    }
  }

  async function openWire(applicationName: string): Promise<Wire> {
    clients += 1
    try {
      const wire = await openWireTo((await database.run()).backend, applicationName)
      return { ...wire, close: () => wire.close().then(leave) }
    } catch (error) {
      await leave()
      throw error
    }
  }

  async function save(path: string): Promise<void> {
    const connection = await connect({ applicationName: 'tidemark save' })
    try {
      await connection.query('CHECKPOINT')
      const failure = await (await database.run()).backend.save(path)
      if (failure !== null) throw saveError(path, failure)
    } finally {
      await connection.close()
    }
  }

  return { connect, connectAlone, openWire, save, settled: database.settled, close: database.stop }
}

function saveError(path: string, { code, reason }: SaveFailure): TidemarkError {
  return new TidemarkError({
    code: 'TM5033',
    message: `the embedded database cannot be saved to "${path}": ${reason}`,
    help:
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'free some space on that disk, or save to another one'
        : 'save to a folder that this user can write',
  })
}

/** Runs something once the connection is closed; closing waits for it. */
function closingWith(connection: Connection, onClosed: () => Promise<void>): Connection {
  const left = connection.closed.then(onClosed)
  return {
    ...connection,
    close: async () => {
      await connection.close()
      await left
    },
  }
}

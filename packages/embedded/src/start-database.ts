import { exhaustedHelp, formatSearchPath, TidemarkError } from '@tidemark/core'
import {
  type Connection,
  type ConnectOptions,
  connectToServer,
  openWire,
  type Wire,
} from '@tidemark/pg-driver/engine'
import { type EmbeddedBackend, startEmbeddedBackend } from './backend/embedded-backend.ts'
import { clearDirectory, inspectDirectory } from './directory/clear-directory.ts'
import { type DirectoryLock, lockDirectory } from './directory/directory-lock.ts'
import type { ExtensionArchives } from './extensions/extension-archives.ts'
import { supabaseProfileSql } from './extensions/supabase-profile.ts'
import { foreignDirectory } from './foreign-directory.ts'
import { findTemplate } from './template.ts'

/** What a new database has: nothing, or the roles, schemas and functions of a Supabase project. */
export type EmbeddedProfile = 'plain' | 'supabase'

/** What {@link startDatabase} needs. */
export interface StartOptions {
  /** The data directory; null for a database in memory. */
  readonly directory: string | null
  readonly templatePath?: string | undefined
  readonly profile?: EmbeddedProfile | undefined
  /** What a session starts with. */
  readonly searchPath?: readonly string[] | undefined
  readonly extensions?: ExtensionArchives | undefined
  /** Called when the database has ended; null after an orderly close. */
  readonly onExit: (reason: Error | null) => void
}

/** A database that runs, and the lock of its directory. */
export interface RunningDatabase {
  readonly backend: EmbeddedBackend
  readonly lock: DirectoryLock | undefined
}

/** Search paths of roles apply when a session starts, and the embedded one has started by then. */
const SUPABASE_SETTINGS = ['search_path="$user", public, extensions']

/**
 * Locks the directory, lays out a new one from the template, and starts the database.
 *
 * @throws TidemarkError TM5030, TM5031; then nothing runs and nothing is locked.
 */
export async function startDatabase(options: StartOptions): Promise<RunningDatabase> {
  const { directory } = options
  const lock = directory === null ? undefined : await lockDirectory(directory)
  try {
    return { backend: await startBackend(options, lock), lock }
  } catch (error) {
    await lock?.release()
    throw startError(error, directory)
  }
}

async function startBackend(
  { directory, templatePath, profile = 'plain', searchPath, extensions = {}, onExit }: StartOptions,
  lock: DirectoryLock | undefined,
): Promise<EmbeddedBackend> {
  const template = templatePath ?? (await findTemplate())
  const backend = await startEmbeddedBackend({
    location: directory,
    initialise: directory !== null && !(await isLaidOut(directory)),
    templatePath: template,
    settings: [
      ...(profile === 'supabase' ? SUPABASE_SETTINGS : []),
      ...(searchPath === undefined ? [] : [`search_path=${formatSearchPath(searchPath)}`]),
    ],
    extensions,
  })
  void backend.exited.then((reason) => {
    onExit(reason)
    return lock?.release()
  })
  if (profile === 'plain') return backend
  try {
    await applySupabaseProfile(backend)
    return backend
  } catch (error) {
    await backend.terminate()
    throw error
  }
}

/** Connects a client to a database that runs. */
export function connectTo(
  backend: EmbeddedBackend,
  applicationName: string,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  return connectToServer(connectOptions(backend, applicationName, signal))
}

/** Opens a session of a database that runs, for a program that speaks the protocol by itself. */
export function openWireTo(backend: EmbeddedBackend, applicationName: string): Promise<Wire> {
  return openWire(connectOptions(backend, applicationName, undefined))
}

function connectOptions(
  backend: EmbeddedBackend,
  applicationName: string,
  signal: AbortSignal | undefined,
): ConnectOptions {
  return {
    url: 'postgres://postgres@embedded/postgres',
    applicationName,
    timeoutMs: 0,
    socket: () => backend.openSocket(),
    ...(signal === undefined ? {} : { signal }),
  }
}

async function applySupabaseProfile(backend: EmbeddedBackend): Promise<void> {
  const connection = await connectTo(backend, 'tidemark profile', undefined)
  try {
    const { rows } = await connection.query("SELECT pg_catalog.to_regnamespace('realtime') IS NULL AS is_new")
    if (rows[0]?.['is_new'] === true) await connection.query(supabaseProfileSql)
  } finally {
    await connection.close()
  }
}

/** Whether a directory holds a whole database; the rest of one that is partial is cleared away. */
async function isLaidOut(directory: string): Promise<boolean> {
  const found = await inspectDirectory(directory)
  if (found === 'foreign') throw await foreignDirectory(directory)
  if (found === 'partial') await clearDirectory(directory)
  return found === 'complete'
}

function startError(cause: unknown, directory: string | null): unknown {
  if (cause instanceof TidemarkError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TidemarkError({
    code: 'TM5031',
    message: `the embedded database ${directory === null ? 'in memory' : `"${directory}"`} did not start: ${reason}`,
    help:
      exhaustedHelp(cause) ??
      (directory === null
        ? 'run it again; where it fails again, use a directory, such as "pglite:.tidemark/db"'
        : 'the data directory may come from another version of PGlite, or be damaged; try a new one'),
    cause,
  })
}

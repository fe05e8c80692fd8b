import {
  formatSearchPath,
  type MigrationDatabase,
  type MigrationSession,
  TidemarkError,
} from '@tidemark/core'
import type { MigrationOptions } from '@tidemark/pg-driver'
import {
  applicationName,
  type Connection,
  type ConnectPurpose,
  createEngineDatabase,
  type Engine,
  type EngineSettings,
  engineSettings,
  pinSearchPath,
  type SessionSetting,
  sendMessage,
  setConfig,
  type Wire,
} from '@tidemark/pg-driver/engine'
import { holdsNothing, openBlankEngine } from './blank-database.ts'
import { type EmbeddedEngine, openEmbeddedEngine } from './embedded-engine.ts'
import { type EmbeddedLocation, parseEmbeddedUrl } from './embedded-url.ts'
import type { ExtensionArchives } from './extensions/extension-archives.ts'
import { findInstalledExtensions } from './extensions/installed-extensions.ts'
import { refuseMissingExtensions } from './extensions/refuse-missing-extensions.ts'
import type { EmbeddedProfile } from './start-database.ts'

/** Options of {@link createEmbeddedDatabase}: those that every engine takes, and these. */
export interface EmbeddedDatabaseOptions
  extends Pick<
    MigrationOptions,
    | 'schema'
    | 'searchPath'
    | 'createSchema'
    | 'readers'
    | 'rowSecurity'
    | 'lockTimeout'
    | 'lockRetries'
    | 'statementTimeout'
    | 'commits'
    | 'trackDrift'
  > {
  /** `pglite:PATH` or `pglite:memory`. */
  readonly database: string
  /** Default: `plain`. */
  readonly profile?: EmbeddedProfile | undefined
  /** What a bundle needs when it keeps the template elsewhere than in `assets/` beside its code. */
  readonly templatePath?: string | undefined
  /**
   * Extensions beside those that PGlite ships. Default: those whose packages are installed in `projectFolder`,
   * such as pgvector in `@electric-sql/pglite-pgvector`.
   */
  readonly extensions?: ExtensionArchives | undefined
  /** Where such packages are looked for. Default: the working directory. */
  readonly projectFolder?: string | undefined
}

/** An embedded database behind the ports of core. */
export interface EmbeddedDatabase extends MigrationDatabase {
  /** A connection for the application's own statements; it takes turns with those that migrate. */
  connect(applicationName: string): Promise<Connection>
  /** A session for a program that speaks the protocol by itself, such as `pg_dump`. */
  openWire(applicationName: string): Promise<Wire>
  /**
   * Writes what was committed to a file (`.tar.gz`) that `templatePath` takes: other databases start from it.
   *
   * @throws TidemarkError TM5033 when the file cannot be written.
   */
  save(path: string): Promise<void>
  /**
   * Ends the database when its connections are closed. Only needed for one in memory whose space is wanted
   * back: one in a directory ends with its last connection, and neither keeps a process from exiting.
   */
  close(): Promise<void>
}

/**
 * Makes a database that runs inside this process: PostgreSQL as WebAssembly (PGlite) in a worker thread.
 * Nothing is started before the first connection. It has one session: connections take turns by transaction,
 * and one migrates at a time.
 *
 * @throws TidemarkError TM7050 when the URL is not one of `pglite:`, TM7051 when a duration cannot be read.
 * @throws (on connecting) TidemarkError TM5030 when another process has the directory open, TM5031 when it
 *   does not start.
 * @example
 * const database = createEmbeddedDatabase({ database: 'pglite:memory', profile: 'supabase' })
 */
export function createEmbeddedDatabase(given: EmbeddedDatabaseOptions): EmbeddedDatabase {
  const settings = engineSettings(given)
  const location = parseEmbeddedUrl(given.database)
  if (location === undefined) throw notEmbedded()
  const { projectFolder = process.cwd(), extensions = findInstalledExtensions(projectFolder) } = given
  const { searchPath } = settings
  const isOwn = location.kind === 'memory' && searchPath !== null
  const options = { ...given, extensions, searchPath: isOwn ? searchPath : undefined }
  let opened: Promise<EmbeddedEngine> | undefined
  const open = (): Promise<EmbeddedEngine> => {
    opened ??= openEmbeddedEngine({ ...options, location })
    return opened
  }
  const openForReading = async (): Promise<EmbeddedEngine> =>
    (await holdsNothing(location)) ? openBlankEngine({ ...options, location: { kind: 'memory' } }) : open()
  return {
    ...overEmbeddedEngine(location, { open, openForReading, extensions, startsWithPath: isOwn }, settings),
    connect: async (name) => (await open()).connect({ applicationName: name }),
    openWire: async (name) => (await open()).openWire(name),
    save: async (path) => (await open()).save(path),
    close: async () => {
      await (await opened)?.close()
    },
  }
}

/**
 * Makes core's port over an embedded engine that is opened when it is first needed; for reading by itself,
 * another one may be.
 */
export function overEmbeddedEngine(
  location: EmbeddedLocation,
  opening: Opening,
  settings: EngineSettings,
): MigrationDatabase {
  const database = createEngineDatabase(createEngine(location, opening, settings), settings)
  return {
    describeTarget: () => database.describeTarget(),
    openReader: (signal) => database.openReader(signal),
    openSession: async (signal) => checkingExtensions(await database.openSession(signal), opening.extensions),
  }
}

/** How the engine is opened, and which extensions it has beside its own. */
export interface Opening {
  readonly open: () => Promise<EmbeddedEngine>
  readonly openForReading?: () => Promise<EmbeddedEngine>
  readonly extensions?: ExtensionArchives | undefined
  /** Its sessions begin with the search path of the settings. */
  readonly startsWithPath?: boolean
}

function createEngine(
  location: EmbeddedLocation,
  { open, openForReading = open, startsWithPath = false }: Opening,
  settings: EngineSettings,
): Engine {
  return {
    target: {
      host: location.kind === 'memory' ? 'pglite:memory' : `pglite:${location.path}`,
      port: null,
      database: 'postgres',
      user: 'postgres',
      schema: settings.schema,
      systemIdentifier: null,
    },
    poolerHelp: 'an embedded database has no pooler',
    connect: async (purpose, signal) => {
      signal?.throwIfAborted()
      const engine = await (purpose === 'read' ? openForReading() : open())
      const name = { applicationName: applicationName(), ...(signal === undefined ? {} : { signal }) }
      const connection = await (purpose === 'migrate' ? engine.connectAlone(name) : engine.connect(name))
      return withSettings(pinSearchPath(connection), purpose, { ...settings, startsWithPath })
    },
    interrupt: async (connection) => {
      connection.destroy()
      await connection.closed
      await (await open()).settled()
      return true
    },
  }
}

/** Other settings of a server's session have nothing to act on here: there is no network. */
async function withSettings(
  connection: Connection,
  purpose: ConnectPurpose,
  {
    lockTimeoutMs,
    statementTimeoutMs,
    searchPath,
    startsWithPath,
  }: EngineSettings & { readonly startsWithPath: boolean },
): Promise<Connection> {
  const required: readonly SessionSetting[] =
    searchPath === null ? [] : [['search_path', formatSearchPath(searchPath)]]
  const asked: Connection = { ...connection, wantedSettings: { statements: [], required, given: 'not yet' } }
  if (purpose !== 'migrate') return asked
  const wanted = [
    `SET lock_timeout = ${lockTimeoutMs}`,
    `SET statement_timeout = ${statementTimeoutMs}`,
    ...(startsWithPath ? [] : required).map((setting) => setConfig(setting, 'session')),
  ]
  await Promise.all(wanted.map((statement) => sendMessage(connection, statement)))
  return { ...asked, sessionSettings: wanted }
}

function checkingExtensions(
  session: MigrationSession,
  extensions: ExtensionArchives | undefined,
): MigrationSession {
  return {
    target: session.target,
    serverVersion: session.serverVersion,
    store: session.store,
    acquireLock: (options) => session.acquireLock(options),
    readCatalogMark: (scope) => session.readCatalogMark(scope),
    prepare: (migrations, run, onEvent) => session.prepare(migrations, run, onEvent),
    checkPlan: (plan) => session.checkPlan(plan),
    executePlan: (plan, options) => {
      refuseMissingExtensions(plan, extensions)
      return session.executePlan(plan, options)
    },
    yieldLock: () => session.yieldLock(),
    finish: (run, options) => session.finish(run, options),
    close: () => session.close(),
  }
}

function notEmbedded(): TidemarkError {
  return new TidemarkError({
    code: 'TM7050',
    message: 'the database is not the URL of an embedded database',
    help: 'write pglite:PATH, such as pglite:.tidemark/db, or pglite:memory',
  })
}

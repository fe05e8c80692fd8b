import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  appendFileSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinaries, type ServerBinaries, type ServerMajor } from './binaries.ts'
import { processOwner } from './process-owner.ts'
import { dataDirectoryPrefix, noteOwner, removeDirectory, sweep } from './sweep.ts'

const execute = promisify(execFile)

/** How a server is made. */
export interface ServerOptions {
  /** Default 18. */
  readonly major?: ServerMajor
  /** Extra settings of postgresql.conf, such as `{ fsync: 'on' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * `memory` (default) uses /dev/shm where there is one; `disk` the temporary folder; a path uses that
   * folder.
   */
  readonly storage?: 'memory' | 'disk' | { readonly folder: string }
  /** Lines of pg_hba.conf that come before the default ones. */
  readonly hba?: readonly string[]
  /** Programs from elsewhere, in the place of those that are installed for `major`. */
  readonly binaries?: ServerBinaries
  /** Files that settings name, by name in the data directory, such as `{ 'server.key': … }`. */
  readonly files?: Readonly<Record<string, string>>
}

/** A PostgreSQL server of the test's own, on a free port of 127.0.0.1. */
export interface TestServer {
  readonly port: number
  readonly user: string
  readonly password: string
  readonly dataDirectory: string
  readonly major: ServerMajor
  readonly binaries: ServerBinaries
  /** The connection string of a database, by default `postgres`. */
  url(database?: string): string
  /** Stops the server; `immediate` is a crash. */
  stop(mode?: 'fast' | 'immediate' | 'smart'): Promise<void>
  /** Sends a signal to the postmaster, such as SIGHUP (reload) or SIGUSR1 (look for a file `promote`). */
  signal(name: NodeJS.Signals): void
  /** Starts it again on the same port and data. */
  start(): Promise<void>
  /** Stops it and removes its data. */
  remove(): Promise<void>
}

const DEFAULT_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
  log_min_messages: 'warning',
}

const USER = 'postgres'
const PASSWORD = 'tidemark'

/**
 * Makes and starts a server; about 1.5 s. Call `remove` when done.
 *
 * @example
 * const server = await startServer({ major: '15' })
 * const client = new pg.Client(server.url())
 * await server.remove()
 */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const major = options.major ?? '18'
  const binaries = options.binaries ?? findBinaries(major)
  const dataDirectory = makeDataDirectory(options.storage ?? 'memory')
  await initialise(binaries, dataDirectory, options)
  const server = await serve({ major, binaries, dataDirectory })
  await server.start()
  return server
}

/** The server of a data directory that stands ready; it is not started. */
async function serve(place: Pick<TestServer, 'major' | 'binaries' | 'dataDirectory'>): Promise<TestServer> {
  const { binaries, dataDirectory } = place
  const port = await findFreePort()
  let running: ChildProcess | undefined
  const stopOnExit = () => running?.kill('SIGQUIT')
  const server: TestServer = {
    ...place,
    port,
    user: USER,
    password: PASSWORD,
    url: (database = 'postgres') =>
      `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    async start() {
      running = await launch(binaries, dataDirectory, port)
      process.once('exit', stopOnExit)
    },
    signal: (name) => void running?.kill(name),
    async stop(mode = 'fast') {
      if (running === undefined || running.exitCode !== null) return
      const exited = once(running, 'exit')
      running.ref() // or a process with nothing else to do ends before its server
      running.kill(mode === 'fast' ? 'SIGINT' : mode === 'smart' ? 'SIGTERM' : 'SIGQUIT')
      await exited
      running = undefined
      process.off('exit', stopOnExit)
    },
    async remove() {
      await server.stop('immediate')
      removeDirectory(dataDirectory)
    },
  }
  return server
}

/**
 * Makes and starts a hot standby that streams from a server, from a copy of its data while it is stopped for
 * a moment. Remove it before the primary.
 *
 * @example
 * const primary = await startServer()
 * const standby = await startStandby(primary)
 */
export async function startStandby(
  primary: TestServer,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const { major, binaries, user, password, port } = primary
  const dataDirectory = makeDataDirectory('memory')
  await primary.stop()
  cpSync(primary.dataDirectory, dataDirectory, { recursive: true, verbatimSymlinks: true })
  await primary.start()
  const source = `host=127.0.0.1 port=${port} user=${user} password=${password}`
  const lines = Object.entries({ ...settings, primary_conninfo: source }).map(
    ([name, value]) => `${name} = '${value}'\n`,
  )
  appendFileSync(join(dataDirectory, 'postgresql.auto.conf'), lines.join(''))
  writeFileSync(join(dataDirectory, 'standby.signal'), '')
  giveToOwner(dataDirectory)
  const standby = await serve({ major, binaries, dataDirectory })
  await standby.start()
  return standby
}

function giveToOwner(directory: string): void {
  const owner = processOwner()
  if (owner === undefined) return
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(directory, entry), owner.uid, owner.gid)
  }
  chownSync(directory, owner.uid, owner.gid)
}

function makeDataDirectory(storage: NonNullable<ServerOptions['storage']>): string {
  const parent =
    typeof storage === 'object' ? storage.folder : storage === 'memory' ? memoryFolder() : tmpdir()
  sweep(parent)
  const directory = mkdtempSync(join(parent, dataDirectoryPrefix))
  noteOwner(directory)
  chmodSync(directory, 0o700)
  const owner = processOwner()
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  return directory
}

function memoryFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

async function initialise(
  binaries: ServerBinaries,
  directory: string,
  options: ServerOptions,
): Promise<void> {
  const passwordFile = join(directory, '..', `${directory.split(/[\\/]/).at(-1)}.password`)
  const owner = processOwner()
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 })
  if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid)
  try {
    await execute(
      binaries.initdb,
      [
        `--pgdata=${directory}`,
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...owner, cwd: directory },
    )
  } finally {
    rmSync(passwordFile, { force: true })
  }
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    if (owner !== undefined) chownSync(join(directory, name), owner.uid, owner.gid)
  }
  writeSettings(directory, options)
}

function writeSettings(directory: string, options: ServerOptions): void {
  const settings = Object.entries({ ...DEFAULT_SETTINGS, ...options.settings })
  const lines = settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  writeFileSync(join(directory, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
  const access = [
    ...(options.hba ?? []),
    'host all all 127.0.0.1/32 scram-sha-256',
    'host replication all 127.0.0.1/32 scram-sha-256',
  ]
  writeFileSync(join(directory, 'pg_hba.conf'), `${access.join('\n')}\n`)
}

async function launch(binaries: ServerBinaries, directory: string, port: number): Promise<ChildProcess> {
  const child = spawn(binaries.postgres, ['-D', directory, '-p', String(port)], {
    ...processOwner(),
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000)
  })
  const exited = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}:\n${log}`)))
    child.once('error', reject)
  })
  exited.catch(() => undefined) // after the start an exit is somebody's wish
  await Promise.race([untilReady(directory), exited])
  child.unref()
  if ('unref' in child.stderr && typeof child.stderr.unref === 'function') child.stderr.unref()
  return child
}

/**
 * The postmaster writes `ready`, or `standby`, into line 8 of its pid file; `pg_ctl -w` waits for the same.
 */
async function untilReady(directory: string): Promise<void> {
  const { readFile } = await import('node:fs/promises')
  for (;;) {
    const lines = (await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (['ready', 'standby'].includes(lines[7]?.trim() ?? '')) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Asks the system for a TCP port that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return address.port
}

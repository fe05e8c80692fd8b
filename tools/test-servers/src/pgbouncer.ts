import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { processOwner } from './process-owner.ts'
import { findFreePort } from './server.ts'

/** How a PgBouncer is made. */
export interface PgBouncerOptions {
  /** The URL of a database on the server behind it; its user may use the admin console. */
  readonly server: string
  readonly mode: 'session' | 'transaction' | 'statement'
  /** Server connections for each user and database. Default 3. */
  readonly poolSize?: number
  /** Further settings of the section `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A PgBouncer of the test's own, on a free port of 127.0.0.1. */
export interface TestPgBouncer {
  readonly port: number
  /** The URL through the pooler. */
  url(direct: string): string
  remove(): Promise<void>
}

/** Why tests with PgBouncer are skipped; undefined where it is installed. */
export const pgBouncerMissing: string | undefined =
  findPgBouncer() === undefined ? 'PgBouncer is not installed (Debian: pgbouncer)' : undefined

/**
 * Starts a PgBouncer in front of a server. Call `remove` when done.
 *
 * @example const pooler = await startPgBouncer({ server: database.url, mode: 'transaction' })
 */
export async function startPgBouncer(options: PgBouncerOptions): Promise<TestPgBouncer> {
  const program = findPgBouncer()
  if (program === undefined) throw new Error(pgBouncerMissing)
  const port = await findFreePort()
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-pgbouncer-'))
  chmodSync(folder, 0o755)
  const config = writeConfig(folder, port, options)
  const owner = processOwner()
  const child = spawn(program, [config], { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000)
  })
  const exited = once(child, 'exit')
  const stopOnExit = () => child.kill('SIGKILL')
  process.once('exit', stopOnExit)
  await untilListening(
    port,
    () => child.exitCode,
    () => log,
  )
  return {
    port,
    url(direct) {
      const url = new URL(direct)
      url.host = `127.0.0.1:${port}`
      return url.href
    },
    async remove() {
      process.off('exit', stopOnExit)
      child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findPgBouncer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, 'pgbouncer')).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function writeConfig(folder: string, port: number, options: PgBouncerOptions): string {
  const server = new URL(options.server)
  const user = decodeURIComponent(server.username)
  const users = join(folder, 'users.txt')
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    admin_users: user,
    pool_mode: options.mode,
    default_pool_size: String(options.poolSize ?? 3),
    max_client_conn: '500',
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(users, `"${user}" "${decodeURIComponent(server.password)}"\n`)
  writeFileSync(
    config,
    `[databases]\n* = host=${server.hostname} port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`,
  )
  const owner = processOwner()
  if (owner !== undefined) for (const path of [folder, users, config]) chownSync(path, owner.uid, owner.gid)
  return config
}

async function untilListening(port: number, exitCode: () => number | null, log: () => string): Promise<void> {
  for (;;) {
    if (exitCode() !== null) throw new Error(`PgBouncer ended with ${exitCode()}:\n${log()}`)
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

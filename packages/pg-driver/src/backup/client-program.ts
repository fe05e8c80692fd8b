import { maskSecrets, TidemarkError } from '@tidemark/core'
import { readConnectionUrl } from '../connection/connection-url.ts'
import { VARIABLES } from '../connection/url/parameters.ts'

/** The programs of PostgreSQL that are used. */
export type ClientProgram = 'pg_dump' | 'pg_restore'

/** What a program said. */
export interface ProgramResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How a program is run. */
export interface ProgramOptions {
  /** The database that it connects to; nothing of it stands on the command line. */
  readonly url?: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a client program that is found on PATH. Credentials travel in its environment, never on its command line.
 *
 * @throws TidemarkError TM7019 when it is not installed.
 */
export async function runProgram(
  program: ClientProgram,
  args: readonly string[],
  { url, signal }: ProgramOptions = {},
): Promise<ProgramResult> {
  const { spawn } = await import('node:child_process')
  const env = { ...process.env, ...(url === undefined ? {} : connectionEnvironment(url)) }
  const child = spawn(program, [...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  })
  const texts = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    texts.stdout += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    texts.stderr += part
  })
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'ENOENT' ? notInstalled(program, cause) : cause)
    })
    child.once('close', (code) => {
      resolve({ code: code ?? 1, stdout: texts.stdout, stderr: maskSecrets(texts.stderr.trim()) })
    })
  })
}

/**
 * Makes sure that a program can work with a server: it is installed, and not older than the server.
 *
 * @returns its version, such as `15.18`.
 * @throws TidemarkError TM7019 with the remedy.
 */
export async function checkProgram(program: ClientProgram, serverVersion: string): Promise<string> {
  const { stdout } = await runProgram(program, ['--version'])
  const version = /(\d+(?:\.\d+)*)/.exec(stdout.replace(/^[^)]*\)/, ''))?.[1]
  const major = Number.parseInt(version ?? '', 10)
  const serverMajor = Number.parseInt(serverVersion, 10)
  if (version !== undefined && major >= serverMajor) return version
  throw new TidemarkError({
    code: 'TM7019',
    message: `${program} ${version ?? 'of an unknown version'} cannot dump a server of version ${serverMajor}`,
    help: `put the client programs of PostgreSQL ${serverMajor} or later first on PATH (Debian: postgresql-client-${serverMajor}; macOS: libpq), or run without --backup`,
    details: { program, version: version ?? null, serverVersion },
  })
}

function notInstalled(program: ClientProgram, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7019',
    message: `${program} is not on PATH`,
    help: 'install the client programs of PostgreSQL (Debian: postgresql-client; macOS: libpq; Windows: the installer of PostgreSQL), or run without --backup',
    details: { program },
    cause,
  })
}

/** libpq would let a service of the environment win over what the URL says, so none of its variables are passed on. */
function connectionEnvironment(url: string): NodeJS.ProcessEnv {
  const { target, address, password, options, tls, channelBinding } = readConnectionUrl(url)
  return {
    ...Object.fromEntries(VARIABLES.map(([, variable]) => [variable, undefined])),
    PGHOST: target.host,
    PGHOSTADDR: address,
    PGPORT: target.port === null ? undefined : String(target.port),
    PGUSER: target.user,
    PGDATABASE: target.database,
    PGPASSWORD: password,
    PGOPTIONS: options,
    PGSSLMODE: tls.mode ?? (tls.rootCertificate === undefined ? undefined : 'verify-full'),
    PGSSLROOTCERT: tls.rootCertificate,
    PGSSLCERT: tls.certificate,
    PGSSLKEY: tls.key,
    PGSSLCRL: tls.revocationList,
    PGSSLMINPROTOCOLVERSION: tls.minVersion,
    PGSSLMAXPROTOCOLVERSION: tls.maxVersion,
    PGCHANNELBINDING: channelBinding === 'disable' ? undefined : channelBinding,
    PGAPPNAME: 'tidemark backup',
  }
}

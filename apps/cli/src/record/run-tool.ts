import { TidemarkError } from '@tidemark/core'
import { runCommand } from '@tidemark/pg-driver/engine'
import type { RecordingProxy } from './proxy/start-proxy.ts'

/** How a tool's own command is run. */
export interface RunToolOptions {
  readonly proxy: Pick<RecordingProxy, 'port' | 'password'>
  readonly signal: AbortSignal
  /** Takes each line that it writes. */
  readonly onOutput: (line: string) => void
}

/**
 * Runs a command in a shell, with nothing of our connections in its environment but the scratch database.
 *
 * @throws {TidemarkError} TM7046 when it ends with another exit code than 0.
 */
export async function runTool(command: string, { proxy, signal, onOutput }: RunToolOptions): Promise<void> {
  signal.throwIfAborted()
  try {
    await runCommand(inShell(command), {
      input: '',
      variables: toolEnvironment(process.env, proxy),
      folder: process.cwd(),
      signal,
      onOutput,
    })
  } catch (cause) {
    signal.throwIfAborted()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TidemarkError({
      code: 'TM7046',
      message: `\`${command}\` failed: ${reason.replace(/^"[^"]*" /, 'it ')}`,
      help: 'its own message is above; nothing was written',
      cause,
    })
  }
}

function inShell(command: string): readonly string[] {
  return process.platform === 'win32'
    ? [process.env['ComSpec'] ?? 'cmd.exe', '/d', '/s', '/c', command]
    : ['/bin/sh', '-c', command]
}

/** Connections of our own environment: libpq's variables, ours, and whatever is the URL of a database. */
function isConnection(name: string, value: string | undefined): boolean {
  return /^(?:PG[A-Z]|TIDEMARK_)/.test(name) || /^postgres(?:ql)?:\/\//i.test(value ?? '')
}

/** The environment of a tool: undefined takes a variable away. */
export function toolEnvironment(
  environment: NodeJS.ProcessEnv,
  { port, password }: Pick<RecordingProxy, 'port' | 'password'>,
): Readonly<Record<string, string | undefined>> {
  const cleared = Object.entries(environment)
    .filter(([name, value]) => isConnection(name, value))
    .map(([name]) => [name, undefined] as const)
  return {
    ...Object.fromEntries(cleared),
    DATABASE_URL: `postgres://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable`,
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: 'postgres',
    PGPASSWORD: password,
    PGDATABASE: 'postgres',
    PGSSLMODE: 'disable',
  }
}

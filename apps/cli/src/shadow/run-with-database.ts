import { constants } from 'node:os'
import { TidemarkError } from '@tidemark/core'
import spawn from 'cross-spawn'

/** The database that a program is pointed to. */
export interface ProgramDatabase {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a program whose DATABASE_URL and PG* variables name a database, with the terminal of this process. A signal
 * is for the program: Ctrl-C in psql cancels a statement and ends nothing.
 *
 * @returns its exit code; 128 and the number of the signal where one ended it.
 * @throws {TidemarkError} TM7012 where it cannot be started.
 */
export async function runWithDatabase(
  command: readonly string[],
  database: ProgramDatabase,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: 'inherit', env: variablesFor(database, environment) })
  // A terminal sends its signals to the program, too.
  const pass = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, pass)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(notStarted(program, cause)))
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
    })
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass)
  }
}

/** Those that are already set for another database do not remain. */
function variablesFor(
  { url, host, port, user, password, database }: ProgramDatabase,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^(PG[A-Z]+|DATABASE_URL)$/i.test(name))
  return {
    ...Object.fromEntries(kept),
    DATABASE_URL: url,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: 'disable',
  }
}

function notStarted(program: string, cause: NodeJS.ErrnoException): TidemarkError {
  return new TidemarkError({
    code: 'TM7012',
    message: `the command "${program}" cannot be started${cause.code === undefined ? '' : ` (${cause.code})`}`,
    help: "name a program that is installed; for words of a shell, start one: sh -c '…'",
    cause,
  })
}

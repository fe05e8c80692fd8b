import { type MigrationDatabase, parseSearchPath, refuseUnknownKeys, TidemarkError } from '@tidemark/core'
import type { ServerAddress } from '../connection/driver-connection.ts'
import { type DriverProblem, readDriver } from '../connection/read-driver.ts'
import { describeWrongHooks } from '../hooks/create-hooks.ts'
import type { MigrationRunnerOptions } from '../options/migration-options.ts'

/** Where a runner's database is, once its options were checked. */
export type CheckedDatabase =
  | { readonly kind: 'made'; readonly database: MigrationDatabase }
  | { readonly kind: 'server'; readonly address: ServerAddress }

interface Rule {
  readonly accepts: (value: unknown) => boolean
  readonly needs: string
}

const anything: Rule = { accepts: () => true, needs: '' }
const text: Rule = { accepts: (value) => typeof value === 'string' && value !== '', needs: 'needs a text' }

/** Every option; durations and the database have checks of their own. */
const RULES: Readonly<Record<keyof MigrationRunnerOptions, Rule>> = {
  database: anything,
  migrations: {
    accepts: (value) => text.accepts(value) || hasMethods(value, ['readMigrations']),
    needs: 'needs a folder or a reader',
  },
  environment: { ...text, needs: 'needs a name' },
  variables: {
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((one) => one === undefined || typeof one === 'string' || isUnset(one)),
    needs: 'needs an object of texts',
  },
  directUrl: { ...text, needs: 'needs a postgres:// URL' },
  schema: { ...text, needs: 'needs a name' },
  searchPath: { accepts: (value) => parseSearchPath(value).ok, needs: '' },
  createSchema: { accepts: (value) => typeof value === 'boolean', needs: 'needs true or false' },
  readers: {
    accepts: (value) => Array.isArray(value) && value.every(text.accepts),
    needs: 'needs a list of roles',
  },
  rowSecurity: {
    accepts: (value) => value === 'auto' || value === 'always' || value === 'never',
    needs: 'needs "auto", "always" or "never"',
  },
  lockTimeout: anything,
  lockRetries: {
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
    needs: 'needs a whole number, 0 or more',
  },
  lockWait: anything,
  statementTimeout: anything,
  batchTime: anything,
  maxLag: anything,
  connectTimeout: anything,
  commits: {
    accepts: (value) => value === 'each' || value === 'grouped',
    needs: 'needs "each" or "grouped"',
  },
  trackDrift: {
    accepts: (value) => typeof value === 'boolean' || (typeof value === 'object' && value !== null),
    needs: 'needs true, false or a scope',
  },
  hooks: { accepts: (value) => describeWrongHooks(value) === undefined, needs: '' },
  hookTimeout: anything,
  executedBy: text,
  toolVersion: text,
  ssl: { accepts: (value) => typeof value === 'object' && value !== null, needs: 'needs an object' },
  backup: {
    accepts: (value) =>
      value === 'never' || value === 'destructive' || (typeof value === 'object' && value !== null),
    needs: 'needs "never", "destructive" or an object that saves',
  },
  backups: { ...text, needs: 'needs a folder' },
  runId: {
    accepts: (value) =>
      typeof value === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
    needs: 'needs a UUID',
  },
}

function isUnset(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'unset') === 'string'
}

/**
 * Checks the options of a runner when it is made, since programs in JavaScript have no types to do it.
 *
 * @throws TidemarkError TM7002 for an unknown option, naming the near miss; TM7003 for a value that no option
 *   takes.
 */
export function checkOptions(options: MigrationRunnerOptions): CheckedDatabase {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) {
    throw new TidemarkError({
      code: 'TM7003',
      message: 'createMigrationRunner: options are missing',
      help: "createMigrationRunner({ database: url, migrations: 'migrations' })",
    })
  }
  refuseUnknownKeys('createMigrationRunner', Object.keys(options), Object.keys(RULES))
  for (const [name, { accepts, needs }] of Object.entries(RULES)) {
    const value: unknown = Reflect.get(options, name)
    if ((value === undefined && name !== 'migrations') || accepts(value)) continue
    const file = value instanceof URL ? '; for a file URL use fileURLToPath(url)' : ''
    throw refuse(name, {
      reason: explain(name, value) ?? needs + file,
      help: `see "${name}" in docs/runner.md`,
    })
  }
  return readDatabase(options)
}

/** Of those that have more to say than what they need. */
function explain(name: string, value: unknown): string | undefined {
  if (name === 'hooks') return describeWrongHooks(value)
  if (name !== 'searchPath') return undefined
  const read = parseSearchPath(value)
  return read.ok ? undefined : `it ${read.error}`
}

function readDatabase({ database, directUrl, ssl }: MigrationRunnerOptions): CheckedDatabase {
  if (typeof database === 'string') return { kind: 'server', address: database }
  if (isMigrationDatabase(database)) return { kind: 'made', database }
  const read = readDriver(database)
  if (!read.ok) throw refuse('database', read.error)
  if (ssl !== undefined && directUrl === undefined) {
    throw refuse('ssl', {
      reason: 'a Pool or Client has TLS settings of its own',
      help: 'give ssl to the Pool, or pass a URL as "database" or "directUrl"',
    })
  }
  return { kind: 'server', address: read.value }
}

function isMigrationDatabase(value: unknown): value is MigrationDatabase {
  return hasMethods(value, ['describeTarget', 'openReader', 'openSession'])
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'function')
  )
}

function refuse(option: string, { reason, help }: DriverProblem): TidemarkError {
  return new TidemarkError({
    code: 'TM7003',
    message: `createMigrationRunner: "${option}" is not valid: ${reason}`,
    help,
  })
}

import {
  type Migration,
  type MigrationDatabase,
  MigrationRunner,
  ok,
  parseMigration,
  type RunEvent,
  type RunnerOptions,
  TidemarkError,
} from '@tidemark/core'
import { DEFAULT_SETTINGS, type EngineSettings } from '../../src/options/engine-settings.ts'

/** A database of its own for one test. */
export interface SuiteDatabase {
  open(settings: EngineSettings): MigrationDatabase
  /** Runs statements outside of any run and gives the rows of the last. */
  query<Row extends object = Record<string, unknown>>(text: string): Promise<readonly Row[]>
  drop(): Promise<void>
}

/** An engine that the behavioural suite runs on. */
export interface SuiteEngine {
  readonly name: string
  create(): Promise<SuiteDatabase>
}

/** Migrations by id: text with or without header and markers, or a migration made by hand. */
export type Files = Readonly<Record<string, string | Migration>>

/** A runner over files in memory; the files may be replaced between runs. */
export interface Harness {
  files: Files
  readonly database: SuiteDatabase
  /** What happened in the last run. */
  readonly events: RunEvent[]
  runner(settings?: Partial<EngineSettings>, options?: Partial<RunnerOptions>): MigrationRunner
  /** Runs everything pending, gathering events. */
  up(settings?: Partial<EngineSettings>, options?: RunnerUp): ReturnType<MigrationRunner['runMigrations']>
  /** Runs and gives the error that it must end with. */
  fail(settings?: Partial<EngineSettings>, options?: RunnerUp): Promise<TidemarkError>
  /** `id status` of every row, by id. */
  rows(): Promise<readonly string[]>
  /** Tells whether a relation exists. */
  has(relation: string): Promise<boolean>
}

type RunnerUp = NonNullable<Parameters<MigrationRunner['runMigrations']>[0]>

/** Parses one file of a test; a text without a marker is its `@up`. */
export function toMigration(id: string, text: string): Migration {
  const marked = /^-- @up/m.test(text) ? text : `-- @up\n${text}\n`
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text: marked })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

/** Makes a harness on a database. */
export function createHarness(database: SuiteDatabase, files: Files): Harness {
  const events: RunEvent[] = []
  const harness: Harness = {
    files,
    database,
    events,
    runner: (settings, options) =>
      new MigrationRunner({
        database: database.open({ ...DEFAULT_SETTINGS, ...settings }),
        migrations: {
          readMigrations: async () =>
            ok({
              migrations: Object.entries(harness.files).map(([id, file]) =>
                typeof file === 'string' ? toMigration(id, file) : file,
              ),
              notes: [],
            }),
        },
        lockWaitMs: 60_000,
        executedBy: 'ada@laptop',
        toolVersion: '1.2.3',
        newRunId: () => crypto.randomUUID(),
        ...options,
      }),
    up(settings, options = {}) {
      events.length = 0
      return harness.runner(settings).runMigrations({ onEvent: (event) => events.push(event), ...options })
    },
    async fail(settings, options) {
      const error = await harness.up(settings, options).then(
        () => new Error('the run succeeded'),
        (thrown: unknown) => thrown,
      )
      if (!(error instanceof TidemarkError)) throw error
      return error
    },
    rows: async () =>
      (
        await database.query<{ row: string }>(
          `SELECT id || ' ' || status AS row FROM schema_migrations ORDER BY id COLLATE "C"`,
        )
      ).map(({ row }) => row),
    has: async (relation) =>
      (await database.query(`SELECT 1 FROM pg_class WHERE relname = '${relation}'`)).length > 0,
  }
  return harness
}

/** The kinds of events with the id they are about, for comparing the order of what happened. */
export function briefly(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind === 'step_started') return `started ${event.step.id} (attempt ${event.attempt})`
    if (event.kind === 'step_finished' || event.kind === 'step_failed') {
      return `${event.kind.slice(5)} ${event.step.id}`
    }
    if (event.kind === 'step_retry') return `retry ${event.id} ${event.sqlState}`
    if (event.kind === 'notice') return `notice ${event.id}/${event.index} ${event.notice.message}`
    return []
  })
}

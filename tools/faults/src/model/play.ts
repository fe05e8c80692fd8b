import { type MigrationRunner, ok, TidemarkError } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import type { Client } from 'pg'
import { shapeOf, toMigration } from './catalogue.ts'
import type { Operation } from './operation.ts'
import { type Expected, Reference } from './reference.ts'

/** Where a sequence is played: a server, and a client of its own that looks. */
export interface Stage {
  readonly url: string
  readonly client: Client
  /** A schema that nobody else uses. */
  newSchema(): string
}

/**
 * Plays a sequence against reference and database, and compares after each operation.
 *
 * @throws Error at the first difference, naming operation, expectation and what was found.
 */
export async function play(stage: Stage, sequence: readonly Operation[]): Promise<void> {
  const schema = stage.newSchema()
  await stage.client.query(
    `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.effect (label text, version int); CREATE TABLE ${schema}.ran (label text)`,
  )
  const reference = new Reference()
  const runner = createMigrationRunner({
    database: stage.url,
    schema,
    migrations: {
      readMigrations: async () => {
        const migrations = [...reference.files].toSorted(([a], [b]) => (a < b ? -1 : 1))
        return ok({ migrations: migrations.map(([id, file]) => toMigration(id, file, schema)), notes: [] })
      },
    },
  })
  const player = { stage, schema, reference, runner }
  try {
    for (const [index, operation] of sequence.entries()) await playOne(player, operation, index)
  } finally {
    await stage.client.query(`DROP SCHEMA ${schema} CASCADE`)
  }
}

interface Player {
  readonly stage: Stage
  readonly schema: string
  readonly reference: Reference
  readonly runner: MigrationRunner
}

async function playOne(player: Player, operation: Operation, index: number): Promise<void> {
  const { reference } = player
  const where = `operation ${index} ${JSON.stringify(operation)}`
  if (!changeFiles(reference, operation)) {
    const found = await settle(player, operation)
    // The expectation is made afterwards: files are read while the run is under way.
    const expected = expectOf(reference, operation)
    if (expected !== undefined && !agrees(expected, found)) {
      throw new Error(`${where}: expected ${JSON.stringify(expected)}, found ${found.code}: ${found.message}`)
    }
  }
  const [is, mustBe] = [await observe(player), describe(reference)]
  for (const key of ['completed', 'effect', 'ran', 'completions', 'pending'] as const) {
    if (is[key] !== mustBe[key]) throw new Error(`${where}: ${key} must be ${mustBe[key]}, is ${is[key]}`)
  }
}

/** @returns false for what is no change of files. */
function changeFiles({ files }: Reference, operation: Operation): boolean {
  const fresh = { version: 1, remark: 0, behaviour: 'well' } as const
  const change = (id: string, part: object) => {
    const file = files.get(id)
    if (file !== undefined) files.set(id, { ...file, ...part })
  }
  const other = (id: string) => (id === '008_x' ? '008_y' : '008_x')
  switch (operation.kind) {
    case 'add':
      if (
        !files.has(operation.id) &&
        !(shapeOf(operation.id).label === 'm8' && files.has(other(operation.id)))
      ) {
        files.set(operation.id, fresh)
      }
      return true
    case 'add_all':
      for (const id of ['001_a', '002_b', '003_c', '004_d', '005_e', '006_f', '007_g', '000_n']) {
        if (!files.has(id)) files.set(id, fresh)
      }
      return true
    case 'remove':
      files.delete(operation.id)
      return true
    case 'remark':
      change(operation.id, { remark: 1 - (files.get(operation.id)?.remark ?? 0) })
      return true
    case 'edit':
      // A file without a transaction may have stopped in its middle: only what is not done yet may change.
      if (shapeOf(operation.id).kind !== 'none') change(operation.id, { version: operation.version })
      return true
    case 'behave':
      change(operation.id, { behaviour: operation.as })
      return true
    case 'rename': {
      const id = files.has('008_x') ? '008_x' : '008_y'
      const file = files.get(id)
      if (file !== undefined) files.set(other(id), file)
      files.delete(id)
      return true
    }
    default:
      return false
  }
}

interface Outcome {
  readonly code: string
  readonly message: string
}

async function settle(player: Player, operation: Operation): Promise<Outcome> {
  try {
    await execute(player, operation)
    return { code: 'done', message: '' }
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    return { code: error.code, message: error.message }
  }
}

async function execute({ stage, schema, runner, reference }: Player, operation: Operation): Promise<unknown> {
  switch (operation.kind) {
    case 'up':
      return runner.runMigrations()
    case 'up_blocking':
      return runner.runMigrations({ blocking: true })
    case 'up_target':
      return runner.runMigrations({ target: operation.id })
    case 'up_steps':
      return runner.runMigrations({ steps: operation.count })
    case 'down_steps':
      return runner.rollBack({ request: { kind: 'steps', count: operation.count } })
    case 'down_target':
      return runner.rollBack({ request: { kind: 'target', id: operation.id, dependents: 'refuse' } })
    case 'down_last_run':
      return runner.rollBack({ request: { kind: 'run', runId: 'last' } })
    case 'switch':
      return runner.switchToFiles()
    case 'repair':
      return runner.repair()
    case 'adopt':
      return runner.repair({ ids: [operation.id], adopt: true })
    case 'mark':
      return isSteady(operation.id) ? runner.mark({ ids: [operation.id], as: operation.as }) : undefined
    case 'by_hand':
      if (!reference.rows.has(operation.id) || !isSteady(operation.id)) return undefined
      return stage.client.query(
        operation.as === 'pending'
          ? `UPDATE ${schema}.schema_migrations SET status = 'pending', error_message = NULL WHERE id = '${operation.id}'`
          : `UPDATE ${schema}.schema_migrations SET status = 'completed', applied_at = clock_timestamp() WHERE id = '${operation.id}' AND status <> 'completed'`,
      )
    default:
      return undefined
  }
}

/** Marks and edits by hand are tried on files that run once. */
const isSteady = (id: string) => shapeOf(id).kind === 'once'

function expectOf(reference: Reference, operation: Operation): Expected | undefined {
  switch (operation.kind) {
    case 'up':
      return reference.up()
    case 'up_blocking':
      return reference.up({ blockingOnly: true })
    case 'up_target':
      return reference.up({ target: operation.id })
    case 'up_steps':
      return reference.up({ steps: operation.count })
    case 'down_steps':
      return reference.downSteps(operation.count)
    case 'down_target':
      return reference.downTarget(operation.id)
    case 'down_last_run':
      return reference.downLastRun()
    case 'switch':
      return reference.switch()
    case 'repair':
      return reference.repair()
    case 'adopt':
      return reference.adopt(operation.id)
    case 'mark':
      return isSteady(operation.id) ? reference.mark(operation.id, operation.as) : undefined
    case 'by_hand':
      if (reference.rows.has(operation.id) && isSteady(operation.id))
        reference.byHand(operation.id, operation.as)
      return undefined
    default:
      return undefined
  }
}

function agrees(expected: Expected, { code }: Outcome): boolean {
  return expected === 'done' ? code === 'done' : expected.includes(code)
}

interface Observation {
  readonly completed: string
  readonly effect: string
  readonly ran: string
  readonly completions: string
  readonly pending: string
}

function describe(reference: Reference): Observation {
  return {
    completed: [...reference.applied.keys()].toSorted().join(),
    effect: reference.effect
      .map(({ label, version }) => `${label}=${version}`)
      .toSorted()
      .join(),
    ran: [...reference.ran]
      .map(([label, count]) => `${label}:${count}`)
      .toSorted()
      .join(),
    completions: [...reference.completions]
      .map(([id, count]) => `${id}:${count}`)
      .toSorted()
      .join(),
    pending: reference.isBroken ? 'refused' : reference.pending.join(),
  }
}

async function observe({ stage, schema, runner, reference }: Player): Promise<Observation> {
  const tracked = await stage.client.query<{ name: string | null }>(
    `SELECT to_regclass('${schema}.schema_migrations') AS name`,
  )
  const isTracked = tracked.rows[0]?.name != null
  const { rows } = await stage.client.query<Omit<Observation, 'pending'>>(
    `SELECT ${isTracked ? trackedColumns(schema) : "'' AS completed, '' AS completions"}, ${effectColumns(schema)}`,
  )
  const [seen] = rows
  if (seen === undefined) throw new TypeError('a query without FROM gives one row')
  return { ...seen, pending: reference.isBroken ? 'refused' : (await runner.status()).pending.join() }
}

const joined = (line: string, from: string) =>
  `(SELECT coalesce(string_agg(line, ',' ORDER BY line COLLATE "C"), '') FROM (SELECT ${line} AS line FROM ${from}) AS lines)`

const trackedColumns = (schema: string) => `
  ${joined('id', `${schema}.schema_migrations WHERE status = 'completed'`)} AS completed,
  ${joined("migration_id || ':' || count(*)", `${schema}.migration_history WHERE status = 'completed' AND direction = 'up' GROUP BY migration_id`)} AS completions`

const effectColumns = (schema: string) => `
  ${joined("label || '=' || version", `${schema}.effect`)} AS effect,
  ${joined("label || ':' || count(*)", `${schema}.ran GROUP BY label`)} AS ran`

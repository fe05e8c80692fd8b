import type { Migration, MigrationRow } from '@tidemark/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { lockKey } from '../../src/lock/lock-key.ts'
import { type CompiledStatement, execute } from '../../src/statement/compiled-statement.ts'
import { inlineParameters } from '../../src/statement/inline-parameters.ts'
import { createTrackingStore } from '../../src/tracking/read/tracking-store.ts'
import { progressStatement, recordFailedStatement, startStatement } from '../../src/tracking/write/attempt.ts'
import { preconditionStatement, readPreconditionFailure } from '../../src/tracking/write/precondition.ts'
import { prepareTracking } from '../../src/tracking/write/prepare-tracking.ts'
import { recordAppliedStatement, recordRolledBackStatement } from '../../src/tracking/write/record.ts'
import {
  recordNotAppliedStatement,
  recordOnlyAppliedStatement,
} from '../../src/tracking/write/record-only.ts'
import { notifyStatement, summaryStatement } from '../../src/tracking/write/summary.ts'
import { testMigration, testRun } from './test-migration.ts'

/** An engine's way to a connection on a database that this suite may fill with schemas. */
export interface TrackingSuiteEngine {
  readonly name: string
  /** Opens the one connection that every test uses. */
  readonly connect: () => Promise<Connection>
  readonly close: () => Promise<void>
}

const HASH = 'a3f5'.repeat(16)
const users = testMigration(
  '001_users',
  '-- Description: Keep people\n-- Type: create_table\n-- @up\nCREATE TABLE u (a int);\n-- @down\nDROP TABLE u;\n-- @verify\nSELECT true;\n',
)
const orders = testMigration('002-orders', '-- Depends on: [001_users]\n-- @up\nSELECT 2;\n')
const slow = testMigration(
  '003_slow',
  '-- Transaction: none\n-- @up\nVACUUM;\nANALYZE;\n-- @down\nSELECT 1;\n',
)
const view = (version: number) =>
  testMigration('004_view', `-- Run: on_change\n-- @up\nCREATE OR REPLACE VIEW v AS SELECT ${version};\n`)
const squash = testMigration('100_squash', '-- Replaces: [001_users, 002-orders]\n-- @up\nSELECT 100;\n')

/** Runs the behaviour of the tracking tables on one engine. */
export function describeTracking(engine: TrackingSuiteEngine): void {
  describe(`what the database remembers, on ${engine.name}`, () => {
    let connection: Connection
    let schema: string
    let count = 0
    const run = testRun(1)
    const options = (migrations: readonly Migration[] = [users, orders]) => ({
      schema,
      readers: [],
      migrations,
      run,
    })
    const prepare = async (migrations?: readonly Migration[]) => {
      const { history } = await prepareTracking(connection, options(migrations))
      if (history.kind === 'absent') throw new Error('the tables are absent')
      return new Map(history.rows.map((row) => [row.id, row]))
    }
    const query = async (text: string) =>
      (await connection.query(text.replaceAll('$S', `"${schema.replaceAll('"', '""')}"`))).rows
    const send = (statement: CompiledStatement) => execute<Record<string, unknown>>(connection, statement)
    const attempts = async (id: string) =>
      (await createTrackingStore(connection, schema).listAttempts({ id })).map(
        ({
          id: _,
          executedAt: __,
          executionTimeMs: ___,
          migrationId: ____,
          runId: _____,
          sequence: ______,
          ...rest
        }) => rest,
      )
    const apply = async (migration: Migration, after: readonly string[] = []) => {
      await connection.query('BEGIN')
      await send(guard(migration.id, { after }))
      await send(recordAppliedStatement(schema, { migration, run, transaction: { kind: 'guarded' } }))
      await connection.query('COMMIT')
    }
    const guard = (
      id: string,
      data: { after?: readonly string[]; direction?: 'up' | 'down'; rerun?: 'refused' | 'allowed' } = {},
    ) =>
      preconditionStatement(schema, {
        id,
        direction: 'up',
        lockKey: lockKey(schema),
        runId: run.runId,
        after: [],
        rerun: 'refused',
        ...data,
      })
    const failureOf = async (work: () => Promise<unknown>) => {
      try {
        await work()
        return 'done without failing'
      } catch (error) {
        return readPreconditionFailure(error) ?? error
      } finally {
        await connection.query('ROLLBACK')
      }
    }

    beforeAll(async () => {
      connection = await engine.connect()
    })
    afterAll(() => engine.close())
    beforeEach(() => {
      count += 1
      schema = `Tracking "${count}" '; DROP SCHEMA public; -- $1`
    })

    test('a history without tables is absent, and reading creates nothing', async () => {
      const store = createTrackingStore(connection, schema)
      expect(await store.readHistory()).toEqual({ kind: 'absent' })
      expect(await store.readStored(['001_users'])).toEqual(new Map())
      expect(await store.listAttempts({})).toEqual([])
      expect(
        await query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'Tracking%' ORDER BY 1"),
      ).toEqual([])
    })

    test('preparing creates the three tables with every column commented and a pending row a file', async () => {
      const rows = await prepare()
      expect([...rows.values()].map(({ id, status, checksum }) => ({ id, status, checksum }))).toEqual([
        { id: '001_users', status: 'pending', checksum: users.checksum },
        { id: '002-orders', status: 'pending', checksum: orders.checksum },
      ])
      const columns = await connection.query(
        `SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
           || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
           || CASE WHEN col_description(c.oid, a.attnum) IS NULL THEN ' WITHOUT COMMENT' ELSE '' END AS line
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0
         ORDER BY array_position(ARRAY['schema_migrations', 'migration_history', 'database_schema'], c.relname::text), a.attnum`,
        [schema],
      )
      const q = `"${schema.replaceAll('"', '""')}"`
      expect(columns.rows.map(({ line }) => String(line).replaceAll(q, 'S'))).toEqual([
        'schema_migrations.id character varying(255) not null',
        'schema_migrations.name character varying(255) not null',
        'schema_migrations.description text',
        'schema_migrations.migration_type S.migration_type not null',
        'schema_migrations.up_sql text not null',
        'schema_migrations.down_sql text',
        "schema_migrations.depends_on text[] not null default '{}'::text[]",
        "schema_migrations.status S.migration_status not null default 'pending'::S.migration_status",
        'schema_migrations.applied_at timestamp with time zone',
        'schema_migrations.execution_time_ms integer',
        'schema_migrations.checksum character varying(64) not null',
        'schema_migrations.error_message text',
        'schema_migrations.verify_sql text',
        "schema_migrations.header jsonb not null default '{}'::jsonb",
        'schema_migrations.direction text',
        'schema_migrations.statements_done integer',
        'schema_migrations.progress jsonb',
        'schema_migrations.run_id uuid',
        'schema_migrations.applied_by text',
        'schema_migrations.tool_version text',
        'schema_migrations.created_at timestamp with time zone not null default now()',
        'schema_migrations.updated_at timestamp with time zone not null default now()',
        'migration_history.id uuid not null default gen_random_uuid()',
        'migration_history.migration_id character varying(255)',
        'migration_history.executed_at timestamp with time zone not null default now()',
        'migration_history.status S.migration_status not null',
        'migration_history.execution_time_ms integer',
        'migration_history.error_message text',
        "migration_history.direction text not null default 'up'::text",
        'migration_history.run_id uuid',
        'migration_history.executed_by text',
        'migration_history.checksum character varying(64)',
        'migration_history.details jsonb',
        'migration_history.sequence bigint not null',
        'database_schema.id uuid not null default gen_random_uuid()',
        'database_schema.version character varying(50) not null',
        'database_schema.last_migration character varying(255)',
        "database_schema.applied_migrations text[] not null default '{}'::text[]",
        'database_schema.updated_at timestamp with time zone not null default now()',
        'database_schema.sequence bigint',
        'database_schema.idle jsonb',
        'database_schema.catalog jsonb',
      ])
    })

    test('preparing again reads three times and writes nothing', async () => {
      await prepare()
      await apply(users)
      const sent: string[] = []
      const watched: Connection = {
        ...connection,
        query: (text, values) => {
          sent.push(text.trimStart().split(' ', 1)[0] ?? '')
          return connection.query(text, values)
        },
      }
      expect(await prepareTracking(watched, options())).toMatchObject({ changed: false })
      expect(sent).toEqual(['select', 'with', 'select'])
    })

    test('an applied migration is completed with its time and an attempt, in one statement', async () => {
      await prepare()
      await connection.query('BEGIN')
      await send(guard(users.id))
      await connection.query('SELECT pg_sleep(0.02)')
      const [answer] = await send(
        recordAppliedStatement(schema, {
          migration: users,
          run,
          transaction: { kind: 'guarded' },
          details: { statements: [20], note: 'a\u0000b\ud800' },
        }),
      )
      await connection.query('COMMIT')
      const row = (await prepare()).get(users.id)
      expect(row).toEqual({
        id: '001_users',
        status: 'completed',
        checksum: users.checksum,
        type: 'create_table',
        dependsOn: [],
        header: users.header,
        replacedBy: null,
        reversible: true,
        appliedAt: expect.any(Date),
        executionTimeMs: answer?.['execution_time_ms'],
        errorMessage: null,
        direction: null,
        statementsDone: null,
        runId: run.runId,
        lastAppliedAt: null,
        earlierChecksums: [],
        application: undefined,
        downVerdict: undefined,
        lastAppliedAfter: undefined,
        inForce: undefined,
        progress: undefined,
      } satisfies Record<keyof MigrationRow, unknown>)
      expect(row?.executionTimeMs).toBeGreaterThanOrEqual(20)
      expect(Math.abs((row?.appliedAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
      expect(await attempts(users.id)).toEqual([
        {
          status: 'completed',
          errorMessage: null,
          direction: 'up',
          executedBy: 'ada@laptop',
          checksum: users.checksum,
          details: { statements: [20], note: 'a\ufffdb\ufffd' },
        },
      ])
      expect(await createTrackingStore(connection, schema).readStored([users.id, 'none'])).toEqual(
        new Map([
          [
            users.id,
            {
              id: users.id,
              checksum: users.checksum,
              upSql: 'CREATE TABLE u (a int);',
              downSql: 'DROP TABLE u;',
              verifySql: 'SELECT true;',
              header: users.header,
            },
          ],
        ]),
      )
      expect(await query('SELECT name, description FROM $S.schema_migrations ORDER BY id')).toEqual([
        { name: 'users', description: 'Keep people' },
        { name: 'orders', description: orders.header.description },
      ])
    })

    test('I2: a record outside the guarded transaction raises and leaves nothing', async () => {
      await prepare()
      const record = recordAppliedStatement(schema, {
        migration: users,
        run,
        transaction: { kind: 'guarded' },
      })
      await connection.query('BEGIN')
      await send(guard(users.id))
      await connection.query('COMMIT')
      expect(await failureOf(() => send(record))).toBe('transaction')
      await connection.query('BEGIN')
      await send(guard(users.id))
      await connection.query('COMMIT')
      await connection.query('BEGIN')
      expect(await failureOf(() => send(record))).toBe('transaction')
      expect((await prepare()).get(users.id)?.status).toBe('pending')
      expect(await attempts(users.id)).toEqual([])
    })

    test('a record may name its transaction, for files that reset settings', async () => {
      await prepare()
      await connection.query('BEGIN')
      const [answer] = await send(guard(users.id))
      await connection.query('RESET ALL')
      const known = { kind: 'known', xid: String(answer?.['xid']) } as const
      await send(recordAppliedStatement(schema, { migration: users, run, transaction: known }))
      await connection.query('COMMIT')
      await connection.query('BEGIN')
      expect(
        await failureOf(() =>
          send(recordAppliedStatement(schema, { migration: users, run, transaction: known })),
        ),
      ).toBe('transaction')
      expect((await prepare()).get(users.id)?.status).toBe('completed')
    })

    test('a record of a file that this run did not register raises', async () => {
      await prepare([users])
      for (const migration of [orders, { ...users, checksum: HASH }]) {
        await connection.query('BEGIN')
        await send(guard(migration.id))
        expect(
          await failureOf(() =>
            send(recordAppliedStatement(schema, { migration, run, transaction: { kind: 'guarded' } })),
          ),
        ).toBe('row')
      }
    })

    test('I1: a record raises when someone completed the row since the guard looked', async () => {
      await prepare()
      await connection.query('BEGIN')
      await send(guard(users.id))
      await query("UPDATE $S.schema_migrations SET status = 'completed' WHERE id = '001_users'")
      expect(
        await failureOf(() =>
          send(recordAppliedStatement(schema, { migration: users, run, transaction: { kind: 'guarded' } })),
        ),
      ).toBe('row')
      expect(await attempts(users.id)).toEqual([])
    })

    test('I1: a guard raises when the step is done, and when one before it is not', async () => {
      await prepare()
      expect(await failureOf(() => send(guard(orders.id, { after: [users.id] })))).toBe('order')
      await apply(users)
      expect(await failureOf(() => send(guard(orders.id, { after: [users.id] })))).toBe(
        'done without failing',
      )
      expect(await failureOf(() => send(guard(users.id)))).toBe('done')
      expect(await failureOf(() => send(guard(users.id, { rerun: 'allowed' })))).toBe('done')
      const other = preconditionStatement(schema, {
        id: users.id,
        direction: 'up',
        lockKey: lockKey(schema),
        runId: testRun(2).runId,
        after: [],
        rerun: 'allowed',
      })
      expect(await failureOf(() => send(other))).toBe('done without failing')
      expect(await failureOf(() => send(guard(users.id, { direction: 'down', after: [orders.id] })))).toBe(
        'done without failing',
      )
      expect(await failureOf(() => send(guard(orders.id, { direction: 'down', after: [users.id] })))).toBe(
        'order',
      )
    })

    test('guard and record do the same with their values inlined', async () => {
      await prepare()
      await connection.query('BEGIN')
      await connection.query('SET LOCAL standard_conforming_strings = off')
      await connection.query(inlineParameters(guard(users.id)))
      await connection.query(
        inlineParameters(
          recordAppliedStatement(schema, {
            migration: users,
            run: { ...run, executedBy: "o'neil\\$1" },
            transaction: { kind: 'guarded' },
          }),
        ),
      )
      await connection.query('COMMIT')
      expect((await attempts(users.id))[0]).toMatchObject({ executedBy: "o'neil\\$1", status: 'completed' })
    })

    test('I5: a failed attempt leaves status, error and text, and completes later', async () => {
      await prepare()
      const changed = testMigration(orders.id, '-- Depends on: [001_users]\n-- @up\nSELECT broken;\n')
      await send(
        recordFailedStatement(schema, {
          subject: { direction: 'up', migration: changed },
          run,
          errorMessage: 'column "broken" does not exist\u0000',
          statementsDone: null,
          executionTimeMs: 7.4,
          details: { sqlState: '42703' },
        }),
      )
      expect((await prepare([users, changed])).get(orders.id)).toMatchObject({
        status: 'failed',
        checksum: changed.checksum,
        errorMessage: 'column "broken" does not exist\ufffd',
        direction: 'up',
        statementsDone: null,
        appliedAt: null,
      })
      await prepare()
      await apply(orders)
      expect((await prepare()).get(orders.id)).toMatchObject({
        status: 'completed',
        checksum: orders.checksum,
        errorMessage: null,
        direction: null,
      })
      expect((await attempts(orders.id)).map(({ status, direction }) => `${direction} ${status}`)).toEqual([
        'up completed',
        'up failed',
      ])
    })

    test('a rolled back migration is pending again and keeps its text', async () => {
      await prepare()
      await apply(users)
      await connection.query('BEGIN')
      await send(guard(users.id, { direction: 'down' }))
      await send(recordRolledBackStatement(schema, { id: users.id, run, transaction: { kind: 'guarded' } }))
      await connection.query('COMMIT')
      expect((await prepare()).get(users.id)).toMatchObject({ status: 'rolled_back', appliedAt: null })
      expect((await attempts(users.id)).map(({ status, direction }) => `${direction} ${status}`)).toEqual([
        'down rolled_back',
        'up completed',
      ])
      expect(await failureOf(() => send(guard(users.id, { direction: 'down' })))).toBe('done')
    })

    test('a rollback that failed in its transaction leaves the migration applied', async () => {
      await prepare()
      await apply(users)
      await send(
        recordFailedStatement(schema, {
          subject: { direction: 'down', id: users.id },
          run,
          errorMessage: 'no',
          statementsDone: null,
          executionTimeMs: null,
        }),
      )
      expect((await prepare()).get(users.id)).toMatchObject({
        status: 'completed',
        errorMessage: 'no',
        direction: null,
      })
      expect((await attempts(users.id)).map(({ status, direction }) => `${direction} ${status}`)).toEqual([
        'down failed',
        'up completed',
      ])
    })

    test('UPDATE … SET status=pending by hand makes the migration run again, audited', async () => {
      await prepare()
      await apply(users)
      await query("UPDATE $S.schema_migrations SET status='pending', error_message=NULL WHERE id='001_users'")
      const changed = testMigration(users.id, '-- @up\nSELECT 3;\n')
      expect((await prepare([changed, orders])).get(users.id)).toMatchObject({
        status: 'pending',
        checksum: changed.checksum,
        appliedAt: null,
      })
      expect(await attempts(users.id)).toEqual([
        {
          status: 'pending',
          errorMessage: null,
          direction: 'mark',
          executedBy: '(by hand)',
          checksum: users.checksum,
          details: null,
        },
        expect.objectContaining({ status: 'completed', direction: 'up' }),
      ])
      await prepare([changed, orders])
      expect(await attempts(users.id)).toHaveLength(2)
      await apply(changed)
      expect((await prepare([changed, orders])).get(users.id)?.status).toBe('completed')
      expect(await attempts(users.id)).toHaveLength(3)
    })

    test('UPDATE … SET status=completed by hand counts as applied, with the file as it is now, audited', async () => {
      await prepare()
      await send(
        recordFailedStatement(schema, {
          subject: { direction: 'up', migration: users },
          run,
          errorMessage: 'no',
          statementsDone: null,
          executionTimeMs: null,
        }),
      )
      await query("UPDATE $S.schema_migrations SET status='completed', applied_at=now() WHERE id='001_users'")
      await query("UPDATE $S.schema_migrations SET status='completed' WHERE id='002-orders'")
      const changed = testMigration(users.id, '-- @up\nSELECT 3;\n')
      const rows = await prepare([changed, orders])
      expect(rows.get(users.id)).toMatchObject({
        status: 'completed',
        checksum: changed.checksum,
        errorMessage: null,
        appliedAt: expect.any(Date),
      })
      expect(rows.get(orders.id)).toMatchObject({ status: 'completed', appliedAt: expect.any(Date) })
      expect((await attempts(users.id))[0]).toEqual({
        status: 'completed',
        errorMessage: null,
        direction: 'mark',
        executedBy: '(by hand)',
        checksum: changed.checksum,
        details: null,
      })
      const again = testMigration(users.id, '-- @up\nSELECT 4;\n')
      expect((await prepare([again, orders])).get(users.id)?.checksum).toBe(changed.checksum)
    })

    test('a running row under our lock is failed with what was done, and is resumed with its progress', async () => {
      await prepare([slow])
      const subject = { direction: 'up', migration: slow } as const
      await send(startStatement(schema, { subject, run, statementsDone: 0 }))
      await send(
        progressStatement(schema, {
          id: slow.id,
          runId: run.runId,
          statementsDone: 1,
          started: { started: 1, invalidIndexes: ['public.i'] },
        }),
      )
      const edited = testMigration(slow.id, '-- Transaction: none\n-- @up\nVACUUM;\nANALYZE u;\n')
      expect((await prepare([edited])).get(slow.id)).toMatchObject({
        status: 'failed',
        checksum: slow.checksum,
        direction: 'up',
        statementsDone: 1,
        errorMessage: 'the run ended before the migration did',
      })
      await send(startStatement(schema, { subject, run, statementsDone: 1 }))
      expect(await query("SELECT (header->'progress')::text AS progress FROM $S.schema_migrations")).toEqual([
        { progress: '{"started": 1, "invalidIndexes": ["public.i"]}' },
      ])
      await send(
        recordAppliedStatement(schema, {
          migration: slow,
          run,
          transaction: { kind: 'none', executionTimeMs: 12.6 },
        }),
      )
      expect((await prepare([slow])).get(slow.id)).toMatchObject({
        status: 'completed',
        executionTimeMs: 13,
        statementsDone: null,
        direction: null,
        header: slow.header,
      })
      expect(await query("SELECT header ? 'progress' AS left_over FROM $S.schema_migrations")).toEqual([
        { left_over: false },
      ])
      expect((await attempts(slow.id)).map(({ status }) => status)).toEqual(['completed', 'failed'])
    })

    test('progress of another run raises', async () => {
      await prepare([slow])
      await send(
        startStatement(schema, {
          subject: { direction: 'up', migration: slow },
          run: testRun(2),
          statementsDone: 0,
        }),
      )
      const statement = progressStatement(schema, {
        id: slow.id,
        runId: run.runId,
        statementsDone: 1,
        started: null,
      })
      const error = await connection
        .query(statement.sql, statement.parameters)
        .catch((thrown: unknown) => thrown)
      expect(readPreconditionFailure(error)).toBe('row')
    })

    test('an on_change migration remembers the checksums before and keeps applied_at', async () => {
      await prepare([view(1)])
      await apply(view(1))
      const first = (await prepare([view(2)])).get('004_view')
      expect(first).toMatchObject({ status: 'completed', checksum: view(1).checksum, earlierChecksums: [] })
      const rerun = async (version: number, n: number) => {
        await connection.query('SELECT pg_sleep(0.002)')
        await connection.query('BEGIN')
        await send(
          recordAppliedStatement(schema, {
            migration: view(version),
            run: testRun(n),
            transaction: { kind: 'none', executionTimeMs: 1 },
          }),
        )
        await connection.query('COMMIT')
        return (await prepare([view(version)])).get('004_view')
      }
      const second = await rerun(2, 2)
      expect(second).toMatchObject({ checksum: view(2).checksum, earlierChecksums: [view(1).checksum] })
      expect(second?.appliedAt).toEqual(first?.appliedAt)
      expect(second?.lastAppliedAt?.getTime()).toBeGreaterThan(
        first?.lastAppliedAt?.getTime() ?? Number.POSITIVE_INFINITY,
      )
      const third = await rerun(3, 3)
      expect(new Set(third?.earlierChecksums)).toEqual(new Set([view(1).checksum, view(2).checksum]))
      const back = await rerun(1, 4)
      expect(new Set(back?.earlierChecksums)).toEqual(new Set([view(2).checksum, view(3).checksum]))
    })

    test('a squash sets the rows it replaces aside, applied or recorded', async () => {
      await prepare()
      await apply(users)
      await apply(orders)
      await prepare([squash])
      await send(
        recordOnlyAppliedStatement(schema, {
          migrations: [squash],
          direction: 'mark',
          run,
          details: { squash: true },
        }),
      )
      const rows = await prepare([squash])
      expect([...rows.values()].map(({ id, status, replacedBy }) => ({ id, status, replacedBy }))).toEqual([
        { id: '001_users', status: 'completed', replacedBy: '100_squash' },
        { id: '002-orders', status: 'completed', replacedBy: '100_squash' },
        { id: '100_squash', status: 'completed', replacedBy: null },
      ])
      await connection.query('BEGIN')
      await send(guard(squash.id, { direction: 'down' }))
      await send(recordRolledBackStatement(schema, { id: squash.id, run, transaction: { kind: 'guarded' } }))
      await connection.query('COMMIT')
      expect(
        [...(await prepare([squash])).values()].map(({ id, status, replacedBy }) => ({
          id,
          status,
          replacedBy,
        })),
      ).toEqual([
        { id: '001_users', status: 'rolled_back', replacedBy: null },
        { id: '002-orders', status: 'rolled_back', replacedBy: null },
        { id: '100_squash', status: 'rolled_back', replacedBy: null },
      ])
      expect((await prepareTracking(connection, options([squash]))).changed).toBe(false)
    })

    test('mark, baseline and repair are audited and need no further reconciling', async () => {
      await prepare()
      await send(
        recordOnlyAppliedStatement(schema, {
          migrations: [users, orders],
          direction: 'baseline',
          run,
          details: { reason: 'was here' },
        }),
      )
      const applied = (await prepare()).get(users.id)
      const repaired = testMigration(users.id, '-- @up\nSELECT 9;\n')
      await send(recordOnlyAppliedStatement(schema, { migrations: [repaired], direction: 'repair', run }))
      const row = (await prepare()).get(users.id)
      expect(row).toMatchObject({ status: 'completed', checksum: repaired.checksum })
      expect(row?.appliedAt).toEqual(applied?.appliedAt)
      await send(
        recordNotAppliedStatement(schema, {
          ids: [users.id, 'unknown'],
          status: 'pending',
          run,
          details: { reason: 'again' },
        }),
      )
      expect((await prepare()).get(users.id)).toMatchObject({ status: 'pending', appliedAt: null })
      expect(
        (await attempts(users.id)).map(({ status, direction, details }) => ({ status, direction, details })),
      ).toEqual([
        { status: 'pending', direction: 'mark', details: { reason: 'again' } },
        { status: 'completed', direction: 'repair', details: null },
        { status: 'completed', direction: 'baseline', details: { reason: 'was here' } },
      ])
      expect((await prepareTracking(connection, options())).changed).toBe(false)
    })

    test('attempts are listed newest first, by id, run, time and number', async () => {
      await prepare()
      await apply(users)
      await apply(orders)
      const store = createTrackingStore(connection, schema)
      const ids = async (filter: Parameters<typeof store.listAttempts>[0]) =>
        (await store.listAttempts(filter)).map(({ migrationId }) => migrationId)
      expect(await ids({})).toEqual([orders.id, users.id])
      expect(await ids({ limit: 1 })).toEqual([orders.id])
      expect(await ids({ id: users.id })).toEqual([users.id])
      expect(await ids({ runId: run.runId.toUpperCase() })).toEqual([orders.id, users.id])
      expect(await ids({ runId: 'not a run' })).toEqual([])
      expect(await ids({ since: new Date(Date.now() + 3_600_000) })).toEqual([])
      expect(await ids({ since: new Date(Date.now() - 3_600_000) })).toEqual([orders.id, users.id])
    })

    test('the summary is one row: version, last migration, all that is applied in order', async () => {
      await prepare()
      await send(summaryStatement(schema))
      const summary = () =>
        query(
          'SELECT version, last_migration, array_to_json(applied_migrations)::text AS applied FROM $S.database_schema',
        )
      expect(await summary()).toEqual([{ version: 'e3b0c44298fc1c14', last_migration: null, applied: '[]' }])
      await apply(orders)
      await apply(users)
      await query(`UPDATE $S.schema_migrations SET checksum = '${HASH}'`)
      await send(summaryStatement(schema))
      expect(await summary()).toEqual([
        // printf '001_users:a3f5…\n002-orders:a3f5…\n' | sha256sum
        { version: '329262f4a96bab96', last_migration: '001_users', applied: '["002-orders","001_users"]' },
      ])
    })

    test('the notification names version, schema and run', async () => {
      expect(notifyStatement('app', run.runId)).toEqual({
        sql: "select pg_catalog.pg_notify('tidemark', cast($1 as pg_catalog.text))",
        parameters: [`{"v":1,"schema":"app","run":"${run.runId}"}`],
        names: ['payload'],
      })
      await send(notifyStatement(schema, run.runId))
    })

    test.each(['"in_force"', '["in_force"]', '7', 'true'])(
      'a header edited into %s is TM3006, which no later write could mend',
      async (header) => {
        await prepare()
        await query(`UPDATE $S.schema_migrations SET header = '${header}' WHERE id = '001_users'`)
        const store = createTrackingStore(connection, schema)
        for (const reading of [store.readHistory(), store.readStored(['001_users'])])
          await expect(reading).rejects.toMatchObject({
            code: 'TM3006',
            message:
              'the row "001_users" of "schema_migrations" cannot be read: header: must be a JSON object',
          })
      },
    )

    test('a row edited into nonsense is TM3006 naming it, or read as far as it makes sense', async () => {
      await prepare()
      await query(
        "UPDATE $S.schema_migrations SET applied_at = 'infinity', header = '{\"run\": 7}', direction = 'sideways' WHERE id = '001_users'",
      )
      expect((await prepare()).get(users.id)).toMatchObject({
        appliedAt: null,
        direction: null,
        header: null,
      })
      await query("UPDATE $S.schema_migrations SET depends_on = ARRAY[NULL] WHERE id = '001_users'")
      await expect(createTrackingStore(connection, schema).readHistory()).rejects.toMatchObject({
        code: 'TM3006',
        message: expect.stringContaining(
          'the row "001_users" of "schema_migrations" cannot be read: depends_on.0',
        ),
      })
    })
  })
}

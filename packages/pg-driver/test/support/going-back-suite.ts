import { TidemarkError } from '@tidemark/core'
import { afterEach, describe, expect, test } from 'vitest'
import { createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

const table = (name: string, header = '') =>
  `${header}-- @up\nCREATE TABLE ${name} (id int);\n-- @down\nDROP TABLE ${name};\n`
const VIEW =
  '-- Run: on_change\n-- @up\nCREATE OR REPLACE VIEW v AS SELECT 1 AS one;\n-- @down\nDROP VIEW v;\n'

/** Which migrations a person means by "last", whatever clocks, renames and repairs do; on every engine. */
export function describeGoingBack(engine: SuiteEngine): void {
  describe(`going back on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (files: Files) => {
      harness = createHarness(await engine.create(), files)
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })

    /** Applies the files one run each. */
    const upOneByOne = async (h: Harness, files: Files) => {
      h.files = {}
      for (const [id, text] of Object.entries(files)) {
        h.files = { ...h.files, [id]: text }
        await h.up()
      }
    }
    /** What a machine would have written whose clock is ten minutes behind. */
    const shiftClock = (h: Harness, id: string, by: string) =>
      h.database.query(`UPDATE migration_history SET executed_at = executed_at + interval '${by}' WHERE migration_id = '${id}';
        UPDATE schema_migrations SET applied_at = applied_at + interval '${by}', updated_at = updated_at + interval '${by}' WHERE id = '${id}'`)
    const byHand = async (h: Harness) =>
      h.database.query(`SELECT migration_id FROM migration_history WHERE executed_by = '(by hand)'`)
    const summary = async (h: Harness) =>
      (await h.database.query(`SELECT last_migration, applied_migrations FROM database_schema`))[0]
    const last = { kind: 'run', runId: 'last' } as const

    test('two machines that disagree by ten minutes roll back the right one', async () => {
      const h = await start({})
      await upOneByOne(h, { '001_a': table('a'), '002_b': table('b'), '003_c': table('c') })
      await shiftClock(h, '003_c', '-10 minutes')
      expect(
        (await h.runner().rollBack({ request: { kind: 'to', id: '002_b' }, dryRun: true })).plan.steps,
      ).toEqual([expect.objectContaining({ id: '003_c' })])
      expect((await h.runner().rollBack({ request: last, dryRun: true })).plan.steps).toHaveLength(1)
      expect((await h.runner().rollBack()).done).toEqual(['003_c'])
      expect(await summary(h)).toEqual({ last_migration: '002_b', applied_migrations: ['001_a', '002_b'] })
    })

    test('a clock that steps back writes nothing "by hand" and leaves the summary right', async () => {
      const h = await start({ '001_a': table('a') })
      await h.up()
      await h.runner().rollBack()
      await h.database.query(
        `UPDATE migration_history SET executed_at = executed_at - interval '1 hour' WHERE status = 'rolled_back'`,
      )
      expect((await h.runner().status()).pending).toEqual(['001_a'])
      expect((await h.up()).done).toEqual(['001_a'])
      await h.database.query(
        `UPDATE migration_history SET executed_at = executed_at - interval '2 hours' WHERE sequence = 3`,
      )
      expect((await h.up()).outcome).toBe('nothing_to_do')
      expect(await byHand(h)).toEqual([])
      const { attempts } = await h.runner().history()
      expect(attempts.map(({ status }) => status)).toEqual(['completed', 'rolled_back', 'completed'])
    })

    test('a summary that a killed run left behind is found without clocks', async () => {
      const h = await start({ '001_a': table('a') })
      await h.up()
      await h.database.query(`UPDATE database_schema SET updated_at = now() + interval '1 day'`)
      h.files = { ...h.files, '002_b': table('b') }
      await h.up()
      await h.database.query(
        `UPDATE database_schema SET applied_migrations = '{001_a}', sequence = 1, updated_at = now() + interval '1 day'`,
      )
      await h.up()
      expect(await summary(h)).toEqual({ last_migration: '002_b', applied_migrations: ['001_a', '002_b'] })
    })

    test('a renamed migration keeps its place, run, time and duration, and its dependents follow it', async () => {
      const h = await start({})
      const dependent = table('b', '-- Depends on: [001]\n')
      await upOneByOne(h, { '001': table('a'), '002_b': dependent, '003_c': table('c') })
      const facts = (id: string) =>
        h.database.query(
          `SELECT applied_at::text, execution_time_ms, run_id, applied_by FROM schema_migrations WHERE id = '${id}'`,
        )
      const before = await facts('001')
      h.files = {
        '001_users': table('a'),
        '002_b': dependent.replace('[001]', '[001_users]'),
        '003_c': table('c'),
      }
      expect((await h.runner().repair({ ids: ['001'], adopt: true })).done).toEqual(['001_users'])
      expect(await facts('001_users')).toEqual(before)
      expect(
        await h.database.query(
          `SELECT depends_on, header->'dependsOn' AS header FROM schema_migrations WHERE id = '002_b'`,
        ),
      ).toEqual([{ depends_on: ['001_users'], header: ['001_users'] }])
      const status = await h.runner().status()
      expect([status.pending, status.findings.filter(({ severity }) => severity === 'error')]).toEqual([
        [],
        [],
      ])
      expect((await h.up()).outcome).toBe('nothing_to_do')
      expect(await summary(h)).toMatchObject({ applied_migrations: ['001_users', '002_b', '003_c'] })
      expect((await h.runner().rollBack()).done).toEqual(['003_c'])
      const cascade = { kind: 'target', id: '001_users', dependents: 'cascade' } as const
      expect((await h.runner().rollBack({ request: cascade })).done).toEqual(['002_b', '001_users'])
      expect(await byHand(h)).toEqual([])
    })

    test('a migration that was renamed and renamed back is where it was', async () => {
      const h = await start({})
      await upOneByOne(h, { '001_a': table('a'), '002_b': table('b') })
      h.files = { '001_x': table('a'), '002_b': table('b') }
      await h.runner().repair({ ids: ['001_a'], adopt: true })
      h.files = { '001_a': table('a'), '002_b': table('b') }
      await h.runner().repair({ ids: ['001_x'], adopt: true })
      expect((await h.up()).outcome).toBe('nothing_to_do')
      expect((await h.runner().rollBack()).done).toEqual(['002_b'])
      expect((await h.up()).done).toEqual(['002_b'])
    })

    test('a squash under a new name takes the place of the former one, and what depended on that depends on it', async () => {
      const h = await start({})
      await upOneByOne(h, { '001_a': table('a'), '002_b': table('b') })
      const squash =
        '-- Replaces: [001_a, 002_b]\n-- @up\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n-- @down\nDROP TABLE b, a;\n'
      const later = table('c', '-- Depends on: [003_s]\n')
      h.files = { '003_s': squash, '004_c': later }
      await h.up()
      h.files = { '003_t': squash, '004_c': later.replace('003_s', '003_t') }
      expect((await h.up()).done).toEqual(['003_t'])
      expect(
        (
          await refusal(
            h.runner().rollBack({ request: { kind: 'target', id: '003_t', dependents: 'refuse' } }),
          )
        ).code,
      ).toBe('TM6002')
      expect((await h.runner().status()).findings.map(({ severity }) => severity)).toEqual(['warning'])
      expect((await h.runner().rollBack({ request: { kind: 'all' } })).done).toEqual(['004_c', '003_t'])
      expect(await h.rows()).toEqual([
        '001_a rolled_back',
        '002_b rolled_back',
        '003_s rolled_back',
        '003_t rolled_back',
        '004_c rolled_back',
      ])
      expect((await h.up()).done).toEqual(['003_t', '004_c'])
    })

    test('a rename re-points the squashes that replace it', async () => {
      const h = await start({})
      await upOneByOne(h, { '001_a': table('a'), '002_b': table('b') })
      const squash = (first: string) =>
        `-- Replaces: [${first}, 002_b]\n-- @up\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n-- @down\nDROP TABLE b, a;\n`
      h.files = { ...h.files, '003_s': squash('001_a') }
      await h.up()
      h.files = { '001_x': table('a'), '002_b': table('b') }
      expect((await h.runner().repair({ ids: ['001_a'], adopt: true })).done).toEqual(['001_x'])
      expect(
        await h.database.query(
          `SELECT header->'replaces' AS replaces FROM schema_migrations WHERE id = '003_s'`,
        ),
      ).toEqual([{ replaces: ['001_x', '002_b'] }])
      h.files = { '003_s': squash('001_x') }
      expect((await h.up()).done).toEqual(['003_s'])
      expect((await h.runner().rollBack()).done).toEqual(['003_s'])
    })

    const half = (down: string) =>
      `-- Transaction: none\n-- @up\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n-- @down\n${down}`
    const fromFiles = { source: 'files' } as const

    test('a half done rollback goes on with another file only where what is done is the same', async () => {
      const h = await start({ '001_a': half('DROP TABLE b;\nSELECT 1 / 0;\nDROP TABLE a;\n') })
      await h.up()
      expect((await refusal(h.runner().rollBack())).code).toBe('TM5004')
      for (const down of ['DROP TABLE a;\nDROP TABLE b;\n', 'DROP TABLE a;\nSELECT 1;\nDROP TABLE a;\n']) {
        h.files = { '001_a': half(down) }
        const error = await refusal(h.runner().rollBack(fromFiles))
        expect({ code: error.code, message: error.message, help: error.help }).toEqual({
          code: 'TM4010',
          message:
            'the first statement of the @down of "001_a" is already done, and that part of the file has changed since',
          help: 'restore the statement that is done, and change only what comes after it; or continue with the stored SQL: tidemark down --target 001_a',
        })
      }
      h.files = { '001_a': half('DROP TABLE b;\nDROP TABLE a;\n').replace('-- Transaction: none\n', '') }
      expect((await refusal(h.runner().rollBack(fromFiles))).code).toBe('TM4010')
      expect([await h.has('a'), await h.has('b')]).toEqual([true, false])
      h.files = { '001_a': half('drop table b; -- done\nDROP TABLE a;\n') }
      expect((await h.runner().rollBack(fromFiles)).done).toEqual(['001_a'])
      expect(await h.has('a')).toBe(false)
    })

    test('what a rollback from files has begun is what the next one continues', async () => {
      const h = await start({
        '001_a': half('SELECT 1;\nSELECT 2;\nSELECT 3;\n').replace('-- Transaction: none\n', ''),
      })
      await h.up()
      const begun = 'DROP TABLE b;\nSELECT 1 / (SELECT count(*) FROM a);\nDROP TABLE a;\n'
      h.files = { '001_a': half(begun) }
      expect((await refusal(h.runner().rollBack(fromFiles))).code).toBe('TM5004')
      await h.database.query('INSERT INTO a VALUES (1)')
      expect((await h.runner().rollBack()).done).toEqual(['001_a'])
      expect([await h.has('a'), await h.has('b')]).toEqual([false, false])
    })

    test('a rollback whose first statement was refused by the server has changed nothing, and is no half', async () => {
      const h = await start({ '001_a': half('DROP TABLE no_such;\nDROP TABLE b, a;\n') })
      await h.up()
      const error = await refusal(h.runner().rollBack())
      expect([error.code, error.details['databaseState']]).toEqual([
        'TM5004',
        'The database is unchanged by "001_a" (rolled back).',
      ])
      expect([await h.rows(), (await h.runner().status()).findings]).toEqual([['001_a completed'], []])
      expect((await h.up()).outcome).toBe('nothing_to_do')
      h.files = { '001_a': half('DROP TABLE b, a;\n') }
      expect((await h.runner().rollBack(fromFiles)).done).toEqual(['001_a'])
    })

    test('repairs, re-runs and squashes keep the order', async () => {
      const h = await start({})
      await upOneByOne(h, { '001_v': VIEW, '002_a': table('a'), '003_b': table('b'), '004_c': table('c') })
      h.files = { ...h.files, '001_v': VIEW.replace('1 AS', '2 AS') }
      await h.up()
      h.files = { ...h.files, '003_b': `${table('b')}-- more\n` }
      await h.runner().repair()
      const { '002_a': _, '003_b': __, ...rest } = h.files
      h.files = { ...rest, '009_s': table('a', '-- Replaces: [002_a, 003_b]\n') }
      await h.up()
      const order = async () =>
        (await h.runner().rollBack({ request: { kind: 'all' }, dryRun: true })).plan.steps.map(({ id }) => id)
      expect(await order()).toEqual(['004_c', '009_s', '001_v'])
    })

    test('after a run that failed at its first step, last names the run before it', async () => {
      const h = await start({ '001_a': table('a'), '002_b': table('b') })
      const { runId } = await h.up()
      h.files = { ...h.files, '003_c': 'SELECT 1 / 0;' }
      await h.fail()
      const error = await refusal(h.runner().rollBack({ request: last }))
      expect([error.code, error.help]).toEqual([
        'TM6010',
        expect.stringContaining(`tidemark down --run ${runId}`),
      ])
      expect([await h.has('a'), await h.has('b')]).toEqual([true, true])
      expect(
        (await h.runner().rollBack({ request: { kind: 'run', runId: runId.slice(0, 13) } })).done,
      ).toEqual(['002_b', '001_a'])
    })

    test('after a run that had nothing to do, or was refused, last names the run before it', async () => {
      const h = await start({ '001_a': table('a') })
      await h.up()
      expect((await h.runner().rollBack({ request: last, dryRun: true })).plan.steps).toHaveLength(1)
      const idle = await h.up()
      const first = await refusal(h.runner().rollBack({ request: last }))
      expect([first.code, first.message]).toEqual(['TM6010', expect.stringContaining(idle.runId)])
      await h.up()
      expect((await refusal(h.runner().rollBack({ request: last }))).message).toBe(first.message)
      h.files = { ...h.files, '002_b': table('b') }
      await h.up()
      expect(
        (await h.runner().rollBack({ request: last, dryRun: true })).plan.steps.map(({ id }) => id),
      ).toEqual(['002_b'])
      h.files = { ...h.files, '002_b': table('other') }
      const refused = await h.fail()
      expect(refused.code).toBe('TM4001')
      expect((await refusal(h.runner().rollBack({ request: last }))).code).toBe('TM6010')
    })

    test('last never means a run of baseline, mark, repair or down', async () => {
      const h = await start({})
      await upOneByOne(h, { '001_a': table('a'), '002_b': table('b'), '003_c': table('c') })
      await h.runner().rollBack()
      h.files = { ...h.files, '003_c': `${table('c')}-- more\n`, '004_d': table('d') }
      await h.runner().mark({ ids: ['003_c'], as: 'completed' })
      await h.runner().baseline({ through: ['004_d'] })
      h.files = { ...h.files, '001_a': `${table('a')}-- more\n` }
      await h.runner().repair()
      expect((await h.runner().rollBack({ request: last })).done).toEqual(['002_b'])
      expect((await h.runner().rollBack({ request: last })).done).toEqual(['001_a'])
      expect((await h.runner().rollBack({ request: last })).outcome).toBe('nothing_to_do')
    })

    test('what was recorded without being executed is not rolled back by anything that does not name it', async () => {
      const h = await start({
        '001_old': table('old'),
        '002_older': table('older', '-- Depends on: [001_old]\n'),
      })
      await h.database.query('CREATE TABLE old (id int); CREATE TABLE older (id int)')
      await h.runner().baseline({ through: ['002_older'] })
      const refused = (await refusal(h.runner().rollBack())).code
      expect([
        refused,
        (await refusal(h.runner().redo())).code,
        (await refusal(h.runner().redo({ id: '002_older' }))).code,
      ]).toEqual(['TM6011', 'TM6011', 'TM6011'])
      h.files = { ...h.files, '003_new': table('new', '-- Depends on: [001_old]\n') }
      await h.up()
      expect((await h.runner().rollBack({ request: { kind: 'all' } })).done).toEqual(['003_new'])
      expect((await h.runner().reset()).done).toEqual(['003_new'])
      expect((await h.runner().rollBack({ request: { kind: 'to', id: '001_old' } })).done).toEqual([
        '003_new',
      ])
      h.files = { '003_new': table('new') }
      const switched = await h.runner().switchToFiles({ dryRun: true })
      expect(switched.plan.steps.filter(({ kind }) => kind === 'roll_back')).toEqual([])
      expect([await h.has('old'), await h.has('older')]).toEqual([true, true])
      const crossed = await h.runner().rollBack({
        request: { kind: 'all' },
        beyondBaseline: ['001_old', '002_older'],
      })
      expect(crossed.done).toEqual(['002_older', '001_old'])
      expect([await h.has('old'), await h.has('older')]).toEqual([false, false])
    })

    test('"any" shows what lies beyond the baseline, and is never executed', async () => {
      const h = await start({ '001_old': table('old') })
      await h.database.query('CREATE TABLE old (id int)')
      await h.runner().baseline({ through: ['001_old'] })
      const options = { request: { kind: 'all' }, beyondBaseline: 'any' } as const
      const { plan } = await h.runner().rollBack({ ...options, dryRun: true })
      expect(plan.steps).toEqual([
        expect.objectContaining({ id: '001_old', application: expect.objectContaining({ how: 'recorded' }) }),
      ])
      await expect(h.runner().rollBack(options)).rejects.toThrow(TypeError)
      expect(await h.has('old')).toBe(true)
    })

    test('the sequence is the database’s own, and no role but the owner has a privilege on it', async () => {
      const h = await start({ '001_a': table('a') })
      await h.up()
      expect(
        await h.database.query(
          `SELECT data_type, is_identity, identity_generation FROM information_schema.columns
           WHERE table_name = 'migration_history' AND column_name = 'sequence'`,
        ),
      ).toEqual([{ data_type: 'bigint', is_identity: 'YES', identity_generation: 'ALWAYS' }])
      expect(
        await h.database.query(
          `SELECT c.relname FROM pg_class c, aclexplode(c.relacl) g WHERE c.relkind = 'S' AND g.grantee <> c.relowner`,
        ),
      ).toEqual([])
    })
  })
}

async function refusal(run: Promise<unknown>): Promise<TidemarkError> {
  const error = await run.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof TidemarkError)) throw error
  return error
}

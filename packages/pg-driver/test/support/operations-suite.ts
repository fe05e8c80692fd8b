import { TidemarkError } from '@tidemark/core'
import { afterEach, describe, expect, test } from 'vitest'
import { createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

const A =
  '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n-- @verify\nSELECT count(*) = 0 FROM a;\n'
const B = '-- Depends on: [001_a]\n-- @up\nCREATE TABLE b (id int);\n-- @down\nDROP TABLE b;\n'
const C = '-- Depends on: [002_b]\n-- @up\nCREATE TABLE c (id int);\n-- @down\nDROP TABLE c;\n'
const CHAIN: Files = { '001_a': A, '002_b': B, '003_c': C }

/**
 * What operators do beside applying: going back, marking, adopting, repairing, verifying; on every engine.
 */
export function describeOperations(engine: SuiteEngine): void {
  describe(`operations on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (files: Files = CHAIN) => {
      harness = createHarness(await engine.create(), files)
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })

    const audit = async (h: Harness) =>
      (
        await h.database.query<{ line: string }>(
          `SELECT concat_ws(' ', migration_id, direction, status, executed_by, details->>'reason') AS line
           FROM migration_history ORDER BY executed_at, migration_id DESC`,
        )
      ).map(({ line }) => line)

    test('every form of rolling back runs the stored SQL, also when the files are gone', async () => {
      const h = await start()
      await h.up()
      h.files = {}
      const runner = h.runner()
      const one = await runner.rollBack({ reason: 'wrong column' })
      expect([one.done, await h.rows()]).toEqual([
        ['003_c'],
        ['001_a completed', '002_b completed', '003_c rolled_back'],
      ])
      expect((await runner.rollBack({ request: { kind: 'to', id: '001_a' } })).done).toEqual(['002_b'])
      expect((await runner.rollBack({ request: { kind: 'all' } })).done).toEqual(['001_a'])
      expect([await h.has('a'), await h.has('b'), await h.has('c')]).toEqual([false, false, false])
      expect((await audit(h)).slice(3)).toEqual([
        '003_c down rolled_back ada@laptop wrong column',
        '002_b down rolled_back ada@laptop',
        '001_a down rolled_back ada@laptop',
      ])
      h.files = CHAIN
      expect((await h.up()).done).toEqual(['001_a', '002_b', '003_c'])
    })

    test('an irreversible migration refuses the whole rollback before anything runs', async () => {
      const h = await start({ ...CHAIN, '002_b': B.replace(/-- @down[\s\S]*/, '') })
      await h.up()
      const error = await refusal(h.runner().rollBack({ request: { kind: 'all' } }))
      expect([error.code, error.details]).toEqual(['TM6001', { applied: [] }])
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c completed'])
    })

    test('a rollback that fails leaves its migration applied, and those before it rolled back', async () => {
      const h = await start({ ...CHAIN, '002_b': B.replace('DROP TABLE b', 'DROP TABLE nowhere') })
      await h.up()
      const error = await refusal(h.runner().rollBack({ request: { kind: 'all' } }))
      expect(error).toMatchObject({
        code: 'TM5004',
        help: 'its @down was stored when it was applied: revert it by hand and run "tidemark mark 002_b --as rolled_back", or fix the @down of its file and run "tidemark down --target 002_b --from-files"',
        details: { applied: ['003_c'], failed: ['002_b'], notRun: ['001_a'] },
      })
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c rolled_back'])
      expect(await h.has('b')).toBe(true)
      h.files = CHAIN
      const fixed = {
        request: { kind: 'target', id: '002_b', dependents: 'refuse' },
        source: 'files',
      } as const
      expect((await h.runner().rollBack(fixed)).done).toEqual(['002_b'])
    })

    test('a merge point is rolled back, and applied again', async () => {
      const merge = '-- Type: custom_sql\n-- Tags: [merge]\n-- Depends on: [002_b, 003_c]\n-- @up\n'
      const h = await start({ ...CHAIN, '003_c': C.replace('002_b', '001_a'), '004_merge': merge })
      await h.up()
      expect((await h.runner().rollBack()).done).toEqual(['004_merge'])
      expect((await h.up()).done).toEqual(['004_merge'])
    })

    test('redo rolls back and applies what the file says today', async () => {
      const h = await start()
      await h.up()
      h.files = { ...CHAIN, '003_c': C.replace('(id int)', '(id bigint)') }
      const again = await h.runner().redo()
      expect(again.plan.steps.map((step) => `${step.kind} ${step.id}`)).toEqual([
        'roll_back 003_c',
        'apply 003_c',
      ])
      expect(again.done).toEqual(['003_c', '003_c'])
      const [column] = await h.database.query(
        `SELECT data_type FROM information_schema.columns WHERE table_name = 'c'`,
      )
      expect(column).toEqual({ data_type: 'bigint' })
      expect((await h.up()).outcome).toBe('nothing_to_do')
    })

    test('redo is refused as a whole: dependents, no file, irreversible', async () => {
      const h = await start()
      await h.up()
      expect((await refusal(h.runner().redo({ id: '002_b' }))).code).toBe('TM6002')
      expect((await h.runner().redo({ id: '002_b', cascade: true })).done).toEqual([
        '003_c',
        '002_b',
        '002_b',
        '003_c',
      ])
      h.files = { '001_a': A, '002_b': B }
      expect((await refusal(h.runner().redo())).code).toBe('TM4002')
      expect((await refusal(h.runner().redo({ id: '009_x' }))).code).toBe('TM2007')
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c completed'])
    })

    test('reset rolls everything back, also what has no file, and applies the files', async () => {
      const h = await start()
      await h.up()
      h.files = { '001_a': A, '002_b': B }
      const { plan, done } = await h.runner().reset()
      expect(plan.steps.map((step) => `${step.kind} ${step.id}`)).toEqual([
        'roll_back 003_c',
        'roll_back 002_b',
        'roll_back 001_a',
        'apply 001_a',
        'apply 002_b',
      ])
      expect(done).toHaveLength(5)
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c rolled_back'])
    })

    test('switch follows the files: the other branch goes, this one comes, what both have stays', async () => {
      const h = await start()
      await h.up()
      const { a: before } =
        (await h.database.query<{ a: number }>("SELECT 'a'::regclass::oid::int AS a"))[0] ?? {}
      h.files = { '001_a': A, '003_d': B.replaceAll('TABLE b', 'TABLE d') }
      const { plan } = await h.runner().switchToFiles()
      expect(plan.steps.map((step) => `${step.kind} ${step.id}`)).toEqual([
        'roll_back 003_c',
        'roll_back 002_b',
        'apply 003_d',
      ])
      expect([await h.has('b'), await h.has('c'), await h.has('d')]).toEqual([false, false, true])
      expect(await h.database.query("SELECT 'a'::regclass::oid::int AS a")).toEqual([{ a: before }])
      expect((await h.runner().switchToFiles()).outcome).toBe('nothing_to_do')
    })

    test('switch refuses an irreversible migration and a mere rename before it starts', async () => {
      const h = await start({ ...CHAIN, '003_c': C.replace(/-- @down[\s\S]*/, '') })
      await h.up()
      h.files = { '001_a': A }
      expect((await refusal(h.runner().switchToFiles())).code).toBe('TM6001')
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c completed'])
      h.files = { '001_a': A, '002_bee': B, '003_c': C.replace('002_b', '002_bee') }
      expect((await refusal(h.runner().switchToFiles())).code).toBe('TM4012')
      expect([await h.has('a'), await h.has('b'), await h.has('c')]).toEqual([true, true, true])
    })

    test('marks are audited with who and why, and marking twice is refused', async () => {
      const h = await start()
      await h.runner().mark({ ids: ['001_a', '002_b'], as: 'completed', reason: 'by hand, ticket 7' })
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c pending'])
      expect((await refusal(h.runner().mark({ ids: ['002_b'], as: 'completed' }))).code).toBe('TM7014')
      await h.runner().mark({ ids: ['002_b'], as: 'pending' })
      await h.runner().mark({ ids: ['001_a'], as: 'rolled_back', reason: 'dropped by hand' })
      expect(await h.rows()).toEqual(['001_a rolled_back', '002_b pending', '003_c pending'])
      const audited = await audit(h)
      // The two of one statement may have the same time.
      expect([...audited.slice(0, 2).sort(), ...audited.slice(2)]).toEqual([
        '001_a mark completed ada@laptop by hand, ticket 7',
        '002_b mark completed ada@laptop by hand, ticket 7',
        '002_b mark pending ada@laptop',
        '001_a mark rolled_back ada@laptop dropped by hand',
      ])
      expect((await h.up()).done).toEqual(['001_a', '002_b', '003_c'])
    })

    test('a baseline records a closed set at once and the next migration applies', async () => {
      const h = await start()
      await h.database.query('CREATE TABLE a (id int)')
      await h.database.query('CREATE TABLE b (id int)')
      const preview = await h.runner().baseline({ through: ['002_b'], dryRun: true })
      expect(preview.plan.steps.map((step) => step.id)).toEqual(['001_a', '002_b'])
      await h.runner().baseline({ through: ['002_b'], reason: 'adopted' })
      expect(await h.rows()).toEqual(['001_a completed', '002_b completed', '003_c pending'])
      expect((await h.up()).done).toEqual(['003_c'])
      expect((await audit(h)).slice(0, 2).sort()).toEqual([
        '001_a baseline completed ada@laptop adopted',
        '002_b baseline completed ada@laptop adopted',
      ])
      expect((await h.runner().baseline({ through: ['003_c'] })).outcome).toBe('nothing_to_do')
    })

    test('repair adopts what changes nothing that ran, and the rest only by name', async () => {
      const h = await start()
      await h.up()
      h.files = {
        '001_a': A.replace('DROP TABLE a', 'DROP TABLE IF EXISTS a'),
        '002_b': B.replace('(id int)', '(id bigint)'),
        '003_c': `${C}-- a note\n`,
      }
      const listed = await h.runner().repair({ dryRun: true })
      expect(listed.plan.steps.map((step) => step.id)).toEqual(['001_a', '003_c'])
      expect(listed.plan.findings.map(({ code, severity, detail }) => [code, severity, detail])).toEqual([
        ['TM4001', 'warning', '@down\n- DROP TABLE a;\n+ DROP TABLE IF EXISTS a;'],
        ['TM4001', 'warning', '@up\n- CREATE TABLE b (id int);\n+ CREATE TABLE b (id bigint);'],
        ['TM4001', 'warning', '@down\n  DROP TABLE c;\n+ -- a note'],
      ])
      expect((await h.runner().repair({ reason: 'comments' })).done).toEqual(['001_a', '003_c'])
      expect((await refusal(h.runner().repair({ ids: ['002_b'] }))).code).toBe('TM4001')
      expect((await refusal(h.runner().repair({ ids: ['001_a'], adopt: true }))).code).toBe('TM7015')
      expect((await h.fail()).code).toBe('TM4001')
      expect((await h.runner().repair({ ids: ['002_b'], adopt: true })).done).toEqual(['002_b'])
      expect((await h.up()).outcome).toBe('nothing_to_do')
      expect((await audit(h)).slice(3).sort()).toEqual([
        '001_a repair completed ada@laptop comments',
        '002_b repair completed ada@laptop',
        '003_c repair completed ada@laptop comments',
      ])
      await h.runner().rollBack({ request: { kind: 'all' } })
      expect(await h.has('a')).toBe(false)
    })

    test('repair adopts a renamed file in place of the row without one', async () => {
      const h = await start()
      await h.up()
      h.files = { '001_a': A, '002_b': B, '003_see': C }
      expect((await h.fail()).code).toBe('TM4012')
      expect((await h.runner().repair()).outcome).toBe('nothing_to_do')
      await h.runner().repair({ ids: ['003_see'], adopt: true })
      expect(await h.rows()).toEqual([
        '001_a completed',
        '002_b completed',
        '003_c rolled_back',
        '003_see completed',
      ])
      expect((await h.up()).outcome).toBe('nothing_to_do')
    })

    test('verify runs every stored verify again, read-only, and goes on after one that fails', async () => {
      const h = await start({
        ...CHAIN,
        '002_b': `${B}-- @verify\nSELECT true; SELECT count(*) < 3 FROM a;\n`,
      })
      await h.up()
      const kinds = async () => (await h.runner().verify()).outcomes.map(({ id, kind }) => `${id} ${kind}`)
      expect(await kinds()).toEqual(['001_a held', '002_b held', '003_c none'])
      await h.database.query('INSERT INTO a VALUES (1)')
      expect(await kinds()).toEqual(['001_a failed', '002_b held', '003_c none'])
      const { outcomes } = await h.runner().verify({ ids: ['001_a'] })
      expect(outcomes[0]?.error).toMatchObject({
        code: 'TM5005',
        message: '"001_a" verify 1 of 1: failed: row 1 is false, not true',
        details: { query: 'SELECT count(*) = 0 FROM a' },
      })
      await h.database.query('DROP TABLE a')
      expect(await kinds()).toEqual(['001_a failed', '002_b failed', '003_c none'])
      expect((await refusal(h.runner().verify({ ids: ['001_aa'] }))).help).toBe('did you mean "001_a"?')
    })

    test('a squash replaces its originals: they are no targets, and go when it goes', async () => {
      const h = await start()
      await h.up()
      const squash = '-- Replaces: [001_a, 002_b, 003_c]\n-- @up\nCREATE TABLE a (id int);\n'
      h.files = { '010_all': `${squash}-- @down\nDROP TABLE a, b, c;\n` }
      await h.up()
      const target = (id: string) => ({ request: { kind: 'target', id, dependents: 'refuse' } }) as const
      expect((await refusal(h.runner().rollBack(target('002_b')))).code).toBe('TM6005')
      expect((await h.runner().switchToFiles()).outcome).toBe('nothing_to_do')
      expect((await h.runner().rollBack()).done).toEqual(['010_all'])
      expect(await h.rows()).toEqual([
        '001_a rolled_back',
        '002_b rolled_back',
        '003_c rolled_back',
        '010_all rolled_back',
      ])
    })

    test('a squash that takes the place of another one leaves nothing applied when it is rolled back', async () => {
      const h = await start()
      await h.up()
      const squash = '-- Replaces: [001_a, 002_b, 003_c]\n-- @up\nCREATE TABLE a (id int);\n'
      h.files = { '010_all': squash }
      await h.up()
      h.files = { '020_all': `${squash}-- @down\nDROP TABLE a, b, c;\n` }
      await h.up()
      expect((await h.runner().rollBack()).done).toEqual(['020_all'])
      expect((await h.rows()).filter((row) => !row.endsWith(' rolled_back'))).toEqual([])
      expect((await h.up()).plan.steps.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['apply 020_all'])
      expect(await h.has('a')).toBe(true)
    })

    test('a rollback without a transaction that stopped goes on after what is done', async () => {
      const down = 'DROP INDEX CONCURRENTLY a_id;\nDROP TABLE gate;\nDROP TABLE a;'
      const h = await start({
        '001_a': `-- Transaction: none\n-- @up\nCREATE TABLE a (id int);\nCREATE INDEX a_id ON a (id);\n-- @down\n${down}\n`,
      })
      await h.up()
      const error = await refusal(h.runner().rollBack())
      expect([error.code, error.details['databaseState']]).toEqual([
        'TM5004',
        '1 of 3 statements of the @down of "001_a" is done and stays; the next "tidemark down" continues after it.',
      ])
      expect([await h.has('a'), await h.has('a_id')]).toEqual([true, false])
      expect((await h.fail()).code).toBe('TM4009')
      h.files = {}
      await h.database.query('CREATE TABLE gate (id int)')
      expect((await h.runner().rollBack()).done).toEqual(['001_a'])
      expect([await h.has('a'), await h.has('gate'), await h.rows()]).toEqual([
        false,
        false,
        ['001_a rolled_back'],
      ])
    })

    test('an on_change migration that ran again keeps its place in the order of rolling back', async () => {
      const view = (sql: string) =>
        `-- Run: on_change\n-- Depends on: [001_a]\n-- @up\nCREATE OR REPLACE VIEW v AS ${sql};\n-- @down\nDROP VIEW v;\n`
      const h = await start({ '001_a': A, '002_v': view('SELECT 1 AS x') })
      await h.up()
      h.files = { ...h.files, '003_b': B }
      await h.up()
      h.files = { ...h.files, '002_v': view('SELECT 2 AS x') }
      expect((await h.up()).done).toEqual(['002_v'])
      expect((await h.runner().rollBack()).done).toEqual(['003_b'])
      expect((await h.runner().redo()).done).toEqual(['002_v', '002_v'])
      expect(await h.database.query('SELECT x FROM v')).toEqual([{ x: 2 }])
      expect((await h.runner().repair()).outcome).toBe('nothing_to_do')
    })

    test('an on_change migration whose re-run failed is still there for rolling back', async () => {
      const view = (sql: string) =>
        `-- Run: on_change\n-- Depends on: [001_a]\n-- @up\nCREATE OR REPLACE VIEW v AS ${sql};\n-- @down\nDROP VIEW v;\n`
      const h = await start({ '001_a': A, '002_v': view('SELECT 1 AS x') })
      await h.up()
      h.files = { ...h.files, '002_v': view('SELECT nope') }
      expect((await h.fail()).code).toBe('TM5004')
      const target = { request: { kind: 'target', id: '001_a', dependents: 'refuse' } } as const
      expect((await refusal(h.runner().rollBack(target))).code).toBe('TM6002')
      expect((await h.runner().status()).states.get('002_v')?.kind).toBe('failed')
      h.files = { '001_a': A }
      expect((await h.runner().status()).states.get('002_v')?.kind).toBe('orphaned')
      expect((await h.runner().switchToFiles()).done).toEqual(['002_v'])
      expect(await h.has('v')).toBe(false)
      h.files = { ...h.files, '002_v': view('SELECT nope') }
      expect((await h.fail()).code).toBe('TM5004')
      expect((await h.runner().rollBack()).done).toEqual(['001_a'])
    })

    test('what a hand edit says is honoured before an operation decides', async () => {
      const h = await start()
      await h.up()
      await h.database.query("UPDATE schema_migrations SET status = 'pending' WHERE id = '003_c'")
      expect((await h.runner().rollBack()).done).toEqual(['002_b'])
      const { states } = await h.runner().status()
      expect([...states].map(([id, { kind }]) => `${id} ${kind}`)).toEqual([
        '001_a applied',
        '002_b pending',
        '003_c pending',
      ])
    })

    test('the history keeps slow statements', async () => {
      const h = await start({ '001_slow': 'SELECT 1;\nSELECT pg_sleep(0.05);' })
      await h.up()
      const { attempts } = await h.runner().history({ id: '001_slow' })
      expect(attempts[0]?.details).toEqual({
        statements: [{ statement: 2, durationMs: expect.any(Number) }],
      })
    })

    test('branches tell heads, fork point and what both sides touch', async () => {
      const h = await start({
        '001_a': A,
        '002_b': B.replace('CREATE TABLE b', 'ALTER TABLE a ADD x int; CREATE TABLE b'),
        '002_c': C.replace('002_b', '001_a').replace(
          'CREATE TABLE c',
          'ALTER TABLE public.a ADD y int; CREATE TABLE c',
        ),
      })
      expect(await h.runner().listBranches()).toEqual({
        branches: [
          { head: '002_b', brings: ['002_b'] },
          { head: '002_c', brings: ['002_c'] },
        ],
        pairs: [
          {
            heads: ['002_b', '002_c'],
            forkPoint: '001_a',
            brings: [['002_b'], ['002_c']],
            touchedByBoth: [{ object: 'a', by: [['002_b'], ['002_c']] }],
          },
        ],
        touchedBySeveral: [
          {
            object: 'a',
            by: [
              { head: '002_b', ids: ['002_b'] },
              { head: '002_c', ids: ['002_c'] },
            ],
          },
        ],
      })
    })
  })
}

async function refusal(run: Promise<unknown>): Promise<TidemarkError> {
  const error = await run.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof TidemarkError) return error
  throw error
}

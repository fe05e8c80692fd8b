import { afterEach, describe, expect, test } from 'vitest'
import { createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

const A = '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n'
const B = '-- @up\nCREATE TABLE b (id int);\n-- @down\nDROP TABLE b;\n'
const view = (n: number | string) =>
  `-- Run: on_change\n-- @up\nCREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\n-- @down\nDROP VIEW v; INSERT INTO gone VALUES ('${n}');\n`
const BROKEN = view('nope')

/**
 * `Run: on_change` files that ran again, or should have: what is applied, what is left alone, what is rolled
 * back; on every engine.
 */
export function describeReruns(engine: SuiteEngine): void {
  describe(`re-runs on ${engine.name}`, () => {
    let harness: Harness | undefined
    /** With version 1 and then version 2 of the view applied. */
    const start = async (files: Files = {}) => {
      harness = createHarness(await engine.create(), { ...files, '002_v': view(1) })
      await harness.database.query('CREATE TABLE gone (version text)')
      await harness.up()
      harness.files = { ...files, '002_v': view(2) }
      await harness.up()
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })

    const shown = async (h: Harness) =>
      (await h.database.query<{ n: number }>('SELECT n FROM v')).map(({ n }) => n)[0]
    const gone = async (h: Harness) =>
      (await h.database.query<{ version: string }>('SELECT version FROM gone')).map(({ version }) => version)
    const withView = (h: Harness, text: string) => ({ ...h.files, '002_v': text })

    test('an old image leaves what is in force alone after the newest one failed', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = withView(h, view(1))
      const { outcome, plan } = await h.up()
      expect([outcome, plan.findings.map(({ code }) => code), await shown(h)]).toEqual([
        'nothing_to_do',
        ['TM4004'],
        2,
      ])
      const status = await h.runner().status()
      expect([status.states.get('002_v')?.kind, status.pending]).toEqual(['older', []])
      h.files = withView(h, BROKEN)
      expect((await h.runner().status()).states.get('002_v')?.kind).toBe('failed')
      h.files = withView(h, view(3))
      expect((await h.up()).done).toEqual(['002_v'])
      expect(await shown(h)).toBe(3)
    })

    test('the image whose version is in force has nothing to do, and the newest one is applied once it is fixed', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = withView(h, view(2))
      const { outcome, plan } = await h.up()
      expect([outcome, plan.findings, await h.rows()]).toEqual(['nothing_to_do', [], ['002_v failed']])
      const { states, pending } = await h.runner().status()
      expect([states.get('002_v')?.kind, pending]).toEqual(['applied', []])
      expect((await h.up(undefined, { rerun: ['002_v'] })).done).toEqual(['002_v'])
      expect(await h.rows()).toEqual(['002_v completed'])
      h.files = withView(h, view(1))
      expect((await h.up()).outcome).toBe('nothing_to_do')
      h.files = withView(h, BROKEN)
      expect((await h.fail()).code).toBe('TM5004')
      h.files = withView(h, view(3))
      expect((await h.up()).done).toEqual(['002_v'])
    })

    test('an old image is asked to run again after the newest one failed, and does', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = withView(h, view(1))
      expect((await h.up(undefined, { rerun: ['002_v'] })).done).toEqual(['002_v'])
      expect([await shown(h), await h.rows()]).toEqual([1, ['002_v completed']])
      h.files = withView(h, view(2))
      expect((await h.up()).outcome).toBe('nothing_to_do')
    })

    test('an old image that was asked to run again and failed is left alone the next time', async () => {
      const h = await start()
      await h.database.query('CREATE VIEW w AS SELECT n FROM v; ALTER VIEW v RENAME n TO m')
      h.files = withView(h, view(1))
      expect((await h.fail(undefined, { rerun: ['002_v'] })).code).toBe('TM5004')
      const { outcome, plan } = await h.up()
      expect([outcome, plan.findings.map(({ code }) => code)]).toEqual(['nothing_to_do', ['TM4004']])
      expect(await h.rows()).toEqual(['002_v failed'])
    })

    test('what depends on it is applied by an old image, and nothing is said to be late', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = {
        '002_v': view(1),
        '003_w':
          '-- Depends on: [002_v]\n-- @up\nCREATE VIEW w AS SELECT n FROM v;\n-- @down\nDROP VIEW w;\n',
      }
      const { done, plan } = await h.up()
      expect([done, plan.findings.map(({ code }) => code)]).toEqual([['003_w'], ['TM4004']])
      expect((await h.up()).plan.findings.map(({ code }) => code)).toEqual(['TM4004'])
    })

    test('a rollback after a failed re-run runs what was stored of the version in force', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      await h.fail()
      expect((await h.runner().rollBack()).done).toEqual(['002_v'])
      expect([await gone(h), await h.rows()]).toEqual([['2'], ['002_v rolled_back']])
      h.files = withView(h, view(1))
      expect((await h.up()).done).toEqual(['002_v'])
      expect(await shown(h)).toBe(1)
    })

    test('redo and switch go by the version in force, too', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = withView(h, view(3))
      expect((await h.runner().redo()).done).toEqual(['002_v', '002_v'])
      expect([await gone(h), await shown(h)]).toEqual([['2'], 3])
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = { '001_a': A }
      expect((await h.runner().switchToFiles()).done).toEqual(['002_v', '001_a'])
      expect(await gone(h)).toEqual(['2', '3'])
    })

    test('what the version in force depends on is not rolled back under it', async () => {
      const needs = (text: string) => text.replace('-- @up', '-- Depends on: [001_a]\n-- @up')
      const h = await start({ '001_a': A })
      h.files = withView(h, needs(view(3)))
      await h.up()
      h.files = withView(h, BROKEN)
      await h.fail()
      const request = { kind: 'target', id: '001_a', dependents: 'refuse' } as const
      await expect(h.runner().rollBack({ request })).rejects.toMatchObject({ code: 'TM6002' })
    })

    test('the verify of the version in force is the one that is asked again', async () => {
      const h = await start()
      h.files = withView(h, `${view(3)}-- @verify\nSELECT n = 3 FROM v;\n`)
      await h.up()
      h.files = withView(h, `${view(4)}-- @verify\nSELECT n = 5 FROM v;\n`)
      expect((await h.fail()).code).toBe('TM5005')
      const { outcomes } = await h.runner().verify()
      expect(outcomes.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['002_v held'])
    })

    test('a mark after a failed re-run is all that is known then', async () => {
      const h = await start()
      h.files = withView(h, BROKEN)
      await h.fail()
      await h.runner().mark({ ids: ['002_v'], as: 'completed' })
      h.files = withView(h, view(2))
      expect((await h.up()).plan.findings.map(({ code }) => code)).toEqual(['TM4004'])
      await h.runner().mark({ ids: ['002_v'], as: 'pending' })
      expect((await h.up()).done).toEqual(['002_v'])
    })

    test('a plan that was saved before the newest one failed is refused, and one that was saved after it holds', async () => {
      const h = await start({ '001_a': A })
      const newer = withView(h, view(3))
      h.files = newer
      const before = await h.runner().createMigrationPlan()
      h.files = withView(h, BROKEN)
      await h.fail()
      h.files = { ...withView(h, view(1)), '003_b': B }
      const plan = await h.runner().createMigrationPlan()
      expect(plan.steps.map(({ id }) => id)).toEqual(['003_b'])
      const again = await h.up()
      expect(again.plan.digest).toBe(plan.digest)
      h.files = newer
      expect((await h.runner().createMigrationPlan()).digest).not.toBe(before.digest)
    })

    test('a file that could not run again without a transaction stays older for the image before', async () => {
      const none = (n: number, more = '') =>
        `-- Run: on_change\n-- Transaction: none\n-- @up\nCREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\n${more}`
      const h = await start()
      h.files = withView(h, none(3))
      await h.up()
      h.files = withView(h, none(4, 'SELECT nope;\n'))
      expect((await h.fail()).code).toBe('TM5004')
      h.files = withView(h, view(2))
      const { outcome, plan } = await h.up()
      expect([outcome, plan.findings.map(({ code }) => code), await shown(h)]).toEqual([
        'nothing_to_do',
        ['TM4004'],
        4,
      ])
      h.files = withView(h, none(4, 'SELECT 1;\n'))
      expect([(await h.up()).done, await h.rows()]).toEqual([['002_v'], ['002_v completed']])
    })

    test('a run is rolled back without what it only ran again', async () => {
      const h = await start({ '001_a': A })
      h.files = { '001_a': A, '002_v': view(3), '003_b': B }
      expect((await h.up()).done).toEqual(['003_b', '002_v'].sort())
      expect((await h.runner().rollBack({ request: { kind: 'run', runId: 'last' } })).done).toEqual(['003_b'])
      expect(await shown(h)).toBe(3)
    })

    test('what ran again still belongs to the run that applied it', async () => {
      const h = createHarness(await engine.create(), { '001_a': A, '002_v': view(1) })
      harness = h
      await h.database.query('CREATE TABLE gone (version text)')
      const first = (await h.up()).runId
      h.files = withView(h, view(2))
      const second = (await h.up()).runId
      h.files = withView(h, BROKEN)
      const third = await h.up().catch(() => undefined)
      expect(third).toBeUndefined()
      const roll = (runId: string, dryRun: boolean) =>
        h.runner().rollBack({ request: { kind: 'run', runId }, dryRun })
      await expect(roll(second, true)).rejects.toMatchObject({ code: 'TM6004' })
      const chosen = ['002_v', '001_a']
      await expect(roll('last', true)).rejects.toMatchObject({
        code: 'TM6010',
        help: expect.stringContaining(`tidemark down --run ${first}`),
      })
      expect((await roll(first, false)).done).toEqual(chosen)
      expect(await gone(h)).toEqual(['2'])
    })

    test('a rollback that failed, and a repair, leave a migration with the run that applied it', async () => {
      const h = createHarness(await engine.create(), {
        '001_a': A,
        '002_b': `${B.replace('DROP TABLE b', 'SELECT 1 / count(*) FROM b; DROP TABLE b')}`,
      })
      harness = h
      const { runId } = await h.up()
      const request = { kind: 'run', runId } as const
      await expect(h.runner().rollBack({ request })).rejects.toMatchObject({ code: 'TM5004' })
      h.files = { ...h.files, '001_a': `${A}-- a remark\n` }
      expect((await h.runner().repair()).done).toEqual(['001_a'])
      await h.database.query('INSERT INTO b VALUES (1)')
      expect(
        (await h.runner().rollBack({ request: { kind: 'run', runId: 'last' }, dryRun: true })).plan.steps.map(
          ({ id }) => id,
        ),
      ).toEqual(['002_b', '001_a'])
      expect((await h.runner().rollBack({ request })).done).toEqual(['002_b', '001_a'])
      const again = await h.up()
      await h.database.query('INSERT INTO b VALUES (1)')
      expect((await h.runner().rollBack({ request: { kind: 'run', runId: again.runId } })).done).toEqual([
        '002_b',
        '001_a',
      ])
    })

    test('a rollback without a transaction that stopped belongs to the run that applied it', async () => {
      const down = 'DROP INDEX CONCURRENTLY a_id;\nDROP TABLE gate;\nDROP TABLE a;'
      const h = createHarness(await engine.create(), {
        '001_a': `-- Transaction: none\n-- @up\nCREATE TABLE a (id int);\nCREATE INDEX a_id ON a (id);\n-- @down\n${down}\n`,
      })
      harness = h
      const { runId } = await h.up()
      const request = { kind: 'run', runId } as const
      await expect(h.runner().rollBack({ request })).rejects.toMatchObject({ code: 'TM5004' })
      await h.database.query('CREATE TABLE gate (id int)')
      expect((await h.runner().rollBack({ request })).done).toEqual(['001_a'])
    })
  })
}

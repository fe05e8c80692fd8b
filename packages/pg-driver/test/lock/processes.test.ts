import { createTestDatabase, startServer } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/index.ts'
import { createMigrationFolder } from '../support/migration-files.ts'
import { startRunnerWorker } from '../support/runner-process.ts'
import { until } from '../support/server-harness.ts'

const FILES = {
  '001_a': 'CREATE TABLE a (id int);',
  '002_b': '-- Depends on: [001_a]\n-- @up\nINSERT INTO a VALUES (1);',
  '003_c': 'CREATE TABLE c (id int);',
}

test('I1: 16 processes at once on an empty database, 20 rounds: each migration commits once, nobody fails', async () => {
  const folder = await createMigrationFolder(FILES)
  const workers = await Promise.all(Array.from({ length: 16 }, () => startRunnerWorker(folder.path)))
  try {
    for (let round = 0; round < 20; round += 1) {
      const database = await createTestDatabase()
      const told = await Promise.all(workers.map((worker) => worker.run(database.url)))
      expect(told.filter((answer) => typeof answer === 'string')).toEqual([])
      expect(told.flat()).toEqual(Object.keys(FILES))
      expect(await database.query('SELECT count(*)::int AS n FROM a')).toEqual([{ n: 1 }])
      expect(
        await database.query(
          "SELECT migration_id AS id, string_agg(status::text, ' ') AS attempts FROM migration_history GROUP BY 1 ORDER BY 1",
        ),
      ).toEqual(Object.keys(FILES).map((id) => ({ id, attempts: 'completed' })))
      await database.drop()
    }
  } finally {
    for (const worker of workers) worker.end()
    await folder.drop()
  }
})

test.each(['fast', 'immediate'] as const)(
  'I2: a server that stops (%s) under a run: what was told is there afterwards, and the rest is applied by the next run',
  async (mode) => {
    const server = await startServer({ settings: { fsync: 'on' } })
    const folder = await createMigrationFolder({
      ...FILES,
      '004_slow': 'CREATE TABLE d (id int);\nSELECT pg_sleep(600);',
      '005_e': 'CREATE TABLE e (id int);',
    })
    const options = { database: server.url(), migrations: folder.path }
    const started: string[] = []
    const run = createMigrationRunner(options)
      .runMigrations({
        onEvent(event) {
          if (event.kind === 'statement_started') started.push(`${event.id}/${event.index}`)
        },
      })
      .catch((error: unknown) => error)
    await until(() => started.includes('004_slow/1'))
    await server.stop(mode)
    expect(await run).toMatchObject({
      code: 'TM5007',
      details: { applied: ['001_a', '002_b', '003_c'] },
    })
    await server.start()
    await folder.write({ '004_slow': 'CREATE TABLE d (id int);' })
    const { done } = await createMigrationRunner({ ...options, connectTimeout: '60s' }).runMigrations()
    expect(done).toEqual(['004_slow', '005_e'])
    await folder.drop()
    await server.remove()
  },
)

import { startServer } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/index.ts'
import { createMigrationFolder } from '../support/migration-files.ts'
import { FILES, raceProcesses } from '../support/race-processes.ts'
import { until } from '../support/server-harness.ts'

test('I1: 16 processes at once on an empty database, 3 rounds: each migration commits once, nobody fails', () =>
  raceProcesses(3))

test.each(['fast', 'immediate'] as const)(
  'I2: a server that stops (%s) under a run: what was reported is there afterwards, and the rest is applied by the next run',
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

import { createMigrationRunner } from '@tidemark/pg-driver'
import { openArena } from '../arena.ts'
import { expectNothing, type Scenario } from '../scenario.ts'

const RUNNERS = 50

/** Starts 50 runners at once on an empty database: each migration commits once, all of them succeed (I1). */
export const manyScenario: Scenario = {
  name: 'many',
  about: '50 runners start at once on an empty database',
  count: 20,
  async run({ count, isOver }) {
    const arena = await openArena()
    let rounds = 0
    try {
      for (; rounds < count && !isOver(); rounds += 1) {
        const database = await arena.createDatabase()
        const options = { database: database.url, migrations: arena.folder, connectTimeout: '60s' }
        const results = await Promise.all(
          Array.from({ length: RUNNERS }, () => createMigrationRunner(options).runMigrations()),
        )
        const done = results.flatMap((result) => result.done).toSorted()
        const ids = results[0]?.plan.total === done.length ? [...new Set(done)] : []
        expectNothing('done more than once, or not at all', ids.length === done.length ? [] : done)
        expectNothing(`after round ${rounds + 1}`, await database.judge())
        await database.drop()
      }
      return { rounds, runs: rounds * RUNNERS }
    } finally {
      await arena.close()
    }
  },
}

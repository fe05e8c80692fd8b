import { createTestDatabase } from '@tidemark/test-servers'
import { expect } from 'vitest'
import { createMigrationFolder } from './migration-files.ts'
import { startRunnerWorker } from './runner-process.ts'

/** Three migrations, of which one inserts a row into what another makes. */
export const FILES = {
  '001_a': 'CREATE TABLE a (id int);',
  '002_b': '-- Depends on: [001_a]\n-- @up\nINSERT INTO a VALUES (1);',
  '003_c': 'CREATE TABLE c (id int);',
}

/**
 * Lets 16 processes apply {@link FILES} at once, each round on an empty database; each migration has to
 * commit once.
 */
export async function raceProcesses(rounds: number): Promise<void> {
  const folder = await createMigrationFolder(FILES)
  const workers = await Promise.all(Array.from({ length: 16 }, () => startRunnerWorker(folder.path)))
  try {
    for (let round = 0; round < rounds; round += 1) {
      const database = await createTestDatabase()
      const answers = await Promise.all(workers.map((worker) => worker.run(database.url)))
      expect(answers.filter((answer) => typeof answer === 'string')).toEqual([])
      expect(answers.flat()).toEqual(Object.keys(FILES))
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
}

import { spawn } from 'node:child_process'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

test('I2: after kill -9 in a statement the next up gets the lock within 5 s and applies what was cut off', async () => {
  const database = await createTestDatabase()
  const { run, write, folder } = await openProject({
    'migrations/001_slow.sql': '-- @up\nCREATE TABLE a (id int);\nSELECT pg_sleep(600);\n',
  })
  const child = spawn(process.execPath, [ENTRY, 'up', '--database-url', database.url], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))
  const sleeping = () =>
    database.query(
      "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND datname = current_database()",
    )
  while ((await sleeping()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  await write('migrations/001_slow.sql', '-- @up\nCREATE TABLE a (id int);\n')
  const outcome = await run(['up', '--lock-wait', '5s', '--database-url', database.url])
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ 1 migration applied') })
  expect(
    await database.query(
      "SELECT status, (SELECT count(*)::int FROM pg_class WHERE relname = 'a') AS tables FROM schema_migrations",
    ),
  ).toEqual([{ status: 'completed', tables: 1 }])
  await database.drop()
})

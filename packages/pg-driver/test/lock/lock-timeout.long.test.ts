import { expect, test } from 'vitest'
import { createServerHarness, until } from '../support/server-harness.ts'

test('I8: a reader holds the table with the default limits: others are served after each try, and the migration is applied', async () => {
  const h = await createServerHarness({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  const reader = await h.connect()
  await reader.query('BEGIN; SELECT * FROM a')
  const innocent = await h.connect()
  h.files = { ...h.files, '002_b': 'ALTER TABLE a ADD COLUMN b int;' }
  const run = h.up()
  for (const tries of [1, 2, 3]) {
    await until(() => h.events.filter((event) => event.kind === 'step_retry').length >= tries)
    await innocent.query('SELECT * FROM a')
  }
  await reader.query('COMMIT')
  expect((await run).done).toEqual(['002_b'])
  await h.database.drop()
})

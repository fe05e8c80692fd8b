import { describe, expect, test } from 'vitest'
import { checkMigrations, followSchema } from '../src/index.ts'
import { interruptible } from '../src/port/interruptible.ts'
import { pglite, useServer } from './support/engines.ts'
import { migrationOf } from './support/migrations.ts'

const server = useServer()

const FIRST = migrationOf('001_t', { up: 'CREATE TABLE t (id int);' })
const ENDLESS = [
  ['in a transaction', migrationOf('002_never', { dependsOn: ['001_t'], up: 'SELECT pg_sleep(1e9);' })],
  [
    'without a transaction',
    migrationOf('002_never', { dependsOn: ['001_t'], up: 'SELECT pg_sleep(1e9);', transaction: 'none' }),
  ],
] as const

describe.each([server, pglite])('on $name a statement that does not end', (engine) => {
  test.each(ENDLESS)('%s, is ended by the signal', async (_, endless) => {
    for (const execute of [checkMigrations, followSchema]) {
      const stop = new AbortController()
      const executed = execute({
        migrations: [FIRST, endless],
        open: engine.open,
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done === 1) setTimeout(() => stop.abort(), 100)
        },
      })
      await expect(executed).rejects.toMatchObject({ name: 'AbortError' })
    }
  })
})

test('a signal that comes while a connection is opened ends it', async () => {
  const shadow = await server.open()
  const stop = new AbortController()
  const opened = interruptible(shadow, stop.signal).connect()
  stop.abort()
  const connection = await opened
  await expect(connection.query('SELECT pg_sleep(1e9)')).rejects.toThrow()
  await shadow.close()
})

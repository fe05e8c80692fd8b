import { expect, test } from 'vitest'
import { createEmbeddedMigrationRunner } from './create-embedded-migration-runner.ts'

test('the options of the database are no unknown options of the runner', () => {
  const runner = createEmbeddedMigrationRunner({
    database: 'pglite:memory',
    migrations: 'migrations',
    profile: 'supabase',
    extensions: {},
    projectFolder: '.',
    templatePath: undefined,
  })
  expect(runner).toHaveProperty('runMigrations')
})

import { type Migration, parseMigration, type RunIdentity } from '@tidemark/core'

/** Parses a migration from its header lines and sections; throws when it is wrong, since then the test is. */
export function testMigration(id: string, text: string): Migration {
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

/** Makes the run number `n` of a test. */
export function testRun(n: number): RunIdentity {
  return {
    runId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    executedBy: 'ada@laptop',
    toolVersion: '1.0.0',
  }
}

import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

test('what the encoding of the database lacks is shown before it is met, and stops only its file', async () => {
  const database = await createTestDatabase({ encoding: 'LATIN1' })
  onTestFinished(() => database.drop())
  const project = await openProject({
    'migrations/001_notes.sql': '-- @up\n-- see → wiki\nSELECT 1;\n',
    'migrations/002_tags.sql': '-- @up\nCREATE TABLE tags ();\n-- @down\nDROP TABLE tags;\n',
  })
  const run = (...args: readonly string[]) =>
    project.run(args, { env: { TIDEMARK_DATABASE_URL: database.url } })
  const place =
    'migrations/001_notes.sql:2:8 error TM3009: "→" (U+2192) cannot be stored in this database, whose encoding is LATIN1'
  const codes = []
  for (const args of [['plan'], ['status'], ['up', '--dry-run'], ['up']]) {
    const { code, stdout, stderr } = await run(...args)
    expect({ args, output: stdout + stderr }).toEqual({ args, output: expect.stringContaining(place) })
    codes.push(code)
  }
  expect(codes).toEqual([2, 3, 2, 2])
  expect(await database.query("SELECT FROM pg_class WHERE relname = 'tags'")).toEqual([])
  // As that run will: it goes on with the others.
  const shown = await run('up', '--keep-going', '--dry-run')
  expect([shown.code, shown.stdout + shown.stderr]).toEqual([
    0,
    expect.stringContaining(place.replace('error', 'warning')),
  ])
  const kept = await run('up', '--keep-going')
  expect([kept.code, kept.stdout + kept.stderr]).toEqual([
    1,
    expect.stringMatching(/migrations\/001_notes\.sql:2:8\n[\s\S]* > 2 │ -- see → wiki\n[\s\S]* \(TM3009\)/),
  ])
  expect(await database.query('SELECT id, status::text FROM schema_migrations')).toEqual([
    { id: '002_tags', status: 'completed' },
  ])
  const backup = await run('down', '--target', '002_tags', '--backup', '--yes')
  expect(backup.code).toBe(0)
  expect(await run('restore', 'last', '--reason', 'ticket → 5', '--yes')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error TM3009: "→" (U+2192) of the reason cannot be stored'),
  })
})

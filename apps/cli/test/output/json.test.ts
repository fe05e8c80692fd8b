import { beforeAll, expect, test } from 'vitest'
import type * as z from 'zod'
import { GraphSchema, ShowSchema, WrittenSchema } from '../../src/schema/file-schemas.ts'
import { HistorySchema, PlanSchema, RunSchema, StatusSchema } from '../../src/schema/run-schemas.ts'
import { ErrorSchema, ValidateSchema } from '../../src/schema/schemas.ts'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

test('each --json is one document of its schema on stdout, with the exit code of the text', async () => {
  const { run } = await openProject(SHOP, 'server')
  const steps: readonly (readonly [readonly string[], z.ZodType, number])[] = [
    [['validate'], ValidateSchema, 0],
    [['graph'], GraphSchema, 0],
    [['show', '002'], ShowSchema, 0],
    [['status'], StatusSchema, 3],
    [['plan'], PlanSchema, 0],
    [['up', '--dry-run'], PlanSchema, 0],
    [['up', '--steps', '2'], RunSchema, 0],
    [['migrate', '--execute'], RunSchema, 0],
    [['status'], StatusSchema, 0],
    [['history'], HistorySchema, 0],
    [['down', '--dry-run'], PlanSchema, 0],
    [['down'], ErrorSchema, 2],
    [['down', '--yes'], RunSchema, 0],
    [['new', 'broken'], WrittenSchema, 0],
    [['validate'], ErrorSchema, 2],
    [['up'], ErrorSchema, 2],
    [['up', '--nonsense'], ErrorSchema, 2],
    [['nonsense'], ErrorSchema, 2],
  ]
  for (const [args, schema, code] of steps) {
    const outcome = await run([...args, '--json'])
    expect({ args, code: outcome.code }).toEqual({ args, code })
    const parsed = schema.safeParse(JSON.parse(outcome.stdout))
    expect({ args, error: parsed.error }).toEqual({ args, error: undefined })
  }
})

test('with --json the progress goes to stderr, and the failure has place and details', async () => {
  const { run, write } = await openProject(SHOP, 'embedded')
  await write('migrations/004_broken.sql', '-- Depends on: [003_posts_author]\n-- @up\nSELECT 1 / 0;\n')
  const { code, stdout, stderr } = await run(['up', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      code: 'TM5004',
      message: '"004_broken" statement 1 of 1: division by zero',
      location: { path: 'migrations/004_broken.sql', line: 3, column: 1 },
      details: {
        sqlState: '22012',
        applied: ['001_users', '002_posts', '003_posts_author'],
        failed: ['004_broken'],
      },
    },
  })
  expect(stderr).toContain(' ✓ 001_users')
  expect(stderr).toContain(' ✗ 004_broken')
})

test('commands that a document suggests repeat the target flags, as in the text', async () => {
  const { run, write } = await openProject(SHOP, 'server')
  const target = ['--schema', 'ops', '--dir', 'migrations']
  await run(['up', ...target])
  await write('migrations/001_users.sql', '-- Type: create_table\n-- @up\nSELECT 1;\n')
  const adopt =
    'restore the file and put the change into a new migration; if the database already matches the file: tidemark repair 001_users --adopt --dir migrations --schema ops'
  const parse = async (...args: string[]) => JSON.parse((await run([...args, ...target, '--json'])).stdout)
  expect((await parse('status')).findings).toMatchObject([{ code: 'TM4001', help: adopt }])
  expect((await parse('wait')).findings).toMatchObject([{ code: 'TM4001', help: adopt }])
  expect((await parse('up')).error).toMatchObject({
    code: 'TM4001',
    help: adopt,
    details: { diagnostics: [{ help: adopt }] },
  })
  expect((await parse('down')).error).toMatchObject({
    code: 'TM7010',
    help: 'look at the plan, then run `tidemark down --schema ops --dir migrations --json --yes`',
  })
})

test('every diagnostic of a failed validate is in the document, with its place', async () => {
  const { run } = await openProject({ 'migrations/001_a.sql': '-- Type: x\n-- @up\nCOMMIT;\n' })
  expect(JSON.parse((await run(['validate', '--json'])).stdout)).toMatchObject({
    error: {
      code: 'TM1006',
      details: {
        diagnostics: [
          { code: 'TM1006', path: 'migrations/001_a.sql', line: 1, column: 10 },
          { code: 'TM1018', path: 'migrations/001_a.sql', line: 3, column: 1 },
        ],
      },
    },
  })
})

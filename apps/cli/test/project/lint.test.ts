import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const INDEX = 'CREATE INDEX orders_customer_idx ON orders (customer_id);\n'
const FILES = {
  'migrations/001_orders.sql':
    '-- @up\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL);\n-- @down\nDROP TABLE orders;\n',
  'migrations/002_index.sql': `-- Depends on: [001_orders]\n-- @up\n${INDEX}-- @down\nDROP INDEX orders_customer_idx;\n`,
}
const LINT = ['check', '002_index', '--only', 'lint'] as const

test('lint shows what blocks writes, the safe way for the table at hand, and where to read more', async () => {
  const { run, folder } = await openProject(FILES)
  const { code, stdout, stderr } = await run([...LINT, '--report', 'sarif=lint.sarif'], {
    env: { COLUMNS: '100' },
  })
  expect(stdout.replace(/PostgreSQL [\d.]+/, 'PostgreSQL 18')).toBe(
    `tidemark  1 migration checked (named) on PostgreSQL 18

migrations/002_index.sql:3 error index-not-concurrent: building the index orders_customer_idx blocks
writes to orders until it is done
  3 | CREATE INDEX orders_customer_idx ON orders (customer_id);
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: without harm:
    -- Transaction: none
    -- @up
    CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders USING btree (customer_id);
  see: https://your-organization.github.io/tidemark/rules/index-not-concurrent

✗ 1 error
`,
  )
  expect({ code, stderr }).toEqual({ code: 7, stderr: '' })

  const sarif: unknown = JSON.parse(await readFile(join(folder, 'lint.sarif'), 'utf8'))
  expect(sarif).toMatchObject({
    runs: [
      {
        tool: {
          driver: {
            rules: [
              {
                id: 'index-not-concurrent',
                helpUri: 'https://your-organization.github.io/tidemark/rules/index-not-concurrent',
                defaultConfiguration: { level: 'error' },
              },
            ],
          },
        },
        results: [{ ruleId: 'index-not-concurrent', level: 'error' }],
      },
    ],
  })
})

test('lint is silent where the table comes with the same check', async () => {
  const { run } = await openProject(FILES)
  const { code, stdout } = await run(['check', '--only', 'lint', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ result: 'proven', parts: ['lint'], findings: [] })
})

test('a comment with a reason allows a finding, and one without allows nothing', async () => {
  const { run, write } = await openProject(FILES)
  const withComment = (comment: string) =>
    `-- Depends on: [001_orders]\n-- @up\n${comment}\n${INDEX}-- @down\nDROP INDEX orders_customer_idx;\n`

  await write(
    'migrations/002_index.sql',
    withComment('-- tidemark: allow index-not-concurrent: the table has 40 rows'),
  )
  expect((await run([...LINT, '--fail-on', 'note'])).code).toBe(0)

  await write('migrations/002_index.sql', withComment('-- tidemark: allow index-not-concurrent'))
  const { code, stdout } = await run([...LINT, '--json'])
  expect(code).toBe(7)
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [{ rule: 'index-not-concurrent' }, { rule: 'invalid-allowance', severity: 'warning' }],
  })
})

test('the configuration changes the weight of a rule, and refuses one that there is not', async () => {
  const { run, write } = await openProject(FILES)
  const configure = (rules: object) => write('tidemark.config.json', JSON.stringify({ lint: { rules } }))

  await configure({ 'index-not-concurrent': 'warning' })
  expect((await run(LINT)).code).toBe(0)
  expect((await run([...LINT, '--fail-on', 'warning'])).code).toBe(7)

  await configure({ 'index-not-concurrent': 'off' })
  expect((await run([...LINT, '--fail-on', 'note'])).code).toBe(0)

  await configure({ 'index-not-concurent': 'off' })
  const { code, stderr } = await run(LINT)
  expect(code).toBe(2)
  expect(stderr).toContain('index-not-concurent')
})

test("the parser is loaded by no command that does not lint, and is found beside the program's bundle", async () => {
  const { run, write } = await openProject(FILES)
  await write(
    'trace.cjs',
    `const { Module } = require('node:module')
const load = Module._load
Module._load = (name, ...rest) => {
  if (name.includes('libpg-query')) process.stderr.write('loads ' + name + '\\n')
  return load(name, ...rest)
}
`,
  )
  const env = { NODE_OPTIONS: '--require ./trace.cjs' }
  expect((await run(['check', '--only', 'runs'], { env })).stderr).toBe('')
  expect((await run(['validate'], { env })).stderr).toBe('')
  expect((await run(['check', '--only', 'lint'], { env })).stderr).toContain('libpg-query')
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const CONFIG = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration replaces it
  variables: { tbl: 'plain', pw: '${PW_OF_APP}' },
  environments: { production: { variables: { tbl: 'in_production' } }, other: {} },
}
const FILES = {
  'tidemark.config.json': JSON.stringify(CONFIG),
  'migrations/001_x.sql': `-- Variables: [tbl, pw secret]
-- @up
CREATE TABLE :"tbl" (pw text);
INSERT INTO :"tbl" VALUES (:'pw');
-- @down
DROP TABLE :"tbl";
SELECT :'pw';
`,
}

test('values are those of the environment, and a secret is in no output', async () => {
  const { run, folder, server } = await openProject(FILES, 'server')
  const env = { PW_OF_APP: 'kept-from-all' }
  const outputs: unknown[] = []
  const tell = async (...args: string[]) => {
    const outcome = await run([...args, '--log-file', 'log', '--log-level', 'debug'], { env })
    outputs.push(outcome)
    return outcome
  }
  expect(await run(['status', '--env', 'production'])).toMatchObject({ code: 3 })
  expect(await run(['up', '--env', 'production'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'error TM7036: "001_x" needs the variable "pw", which has no value: "PW_OF_APP" is not set',
    ),
  })
  await tell('plan', '--env', 'production', '--out', 'plan.json')
  expect((await tell('up', '--env', 'other', '--plan', 'plan.json')).code).toBe(4)
  expect((await tell('up', '--env', 'production', '--plan', 'plan.json', '--verbose')).code).toBe(0)
  expect(await server?.query('SELECT * FROM in_production')).toEqual([{ pw: 'kept-from-all' }])
  await tell('history', '--verbose', '--json')
  expect((await tell('show', '001_x')).stdout).toMatch(/variables +tbl, pw \(secret\)/)
  await tell('doctor', '--json')
  expect(await run(['down', '--yes'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error TM7036'),
  })
  expect((await tell('down', '--yes')).code).toBe(0)
  for (const name of ['log', 'plan.json']) outputs.push(await readFile(join(folder, name), 'utf8'))
  expect(JSON.stringify(outputs)).not.toContain('kept-from-all')
})

test('a value that is no text is named by its place', async () => {
  const { run } = await openProject({ ...FILES, 'tidemark.config.json': '{"variables": {"tbl": 1}}' })
  expect(await run(['validate'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('TM7003: "variables.tbl" must be a string'),
  })
})

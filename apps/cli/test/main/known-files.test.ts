import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const COUNT = 40
const id = (index: number) => `${String(index).padStart(3, '0')}_t`
const fileOf = (index: number) =>
  `-- Type: create_table\n${index === 0 ? '' : `-- Depends on: [${id(index - 1)}]\n`}-- @up\nCREATE TABLE t${index} (id int);\n-- @down\nDROP TABLE t${index};\n`

async function projectOfMany(engine: 'embedded' | 'none') {
  const files = Array.from({ length: COUNT }, (_, index) => [`migrations/${id(index)}.sql`, fileOf(index)])
  const project = await openProject(Object.fromEntries(files), engine)
  const cache = join(project.folder, 'cache')
  const run = (...args: readonly string[]) => project.run(args, { env: { XDG_CACHE_HOME: cache } })
  return { ...project, run, known: join(cache, 'tidemark/files') }
}

test('files that are known are applied, rolled back and told as if they were parsed', async () => {
  const { run, known } = await projectOfMany('embedded')
  const first = await run('validate')
  expect(first).toMatchObject({
    code: 0,
    stdout: `✓ ${COUNT} migrations, no problem; head: ${id(COUNT - 1)}\n`,
  })
  expect(await readdir(known)).toHaveLength(1)
  expect(await run('validate')).toEqual(first)
  expect((await run('up')).stdout).toContain(`✓ ${COUNT} migrations applied`)
  expect((await run('down', '--yes')).stdout).toContain('✓ 1 migration rolled back')
  expect((await run('status')).stdout).toContain(`${COUNT - 1} applied, 1 pending`)
  expect((await run('show', id(3))).stdout).toContain('CREATE TABLE t3 (id int);')
})

test('a known file that changes is told, whatever it becomes', async () => {
  const { run, write } = await projectOfMany('embedded')
  await run('up')
  await write(`migrations/${id(5)}.sql`, fileOf(5).replace('id int', 'id text'))
  const changed = await run('up')
  expect(changed.code).toBe(4)
  expect(changed.stderr).toContain(`TM4001: "${id(5)}" has changed since it was applied: @up`)
  await write(`migrations/${id(5)}.sql`, `${fileOf(5)}-- @dwon\n`)
  expect(await run('validate')).toMatchObject({ code: 2, stderr: expect.stringContaining('TM1010') })
  await write(`migrations/${id(5)}.sql`, fileOf(5).replaceAll('\n', '\r\n'))
  expect((await run('status')).code).toBe(0)
})

test('what is known and damaged is not believed', async () => {
  const { run, known } = await projectOfMany('none')
  const right = await run('validate')
  const [name = ''] = await readdir(known)
  const whole = await readFile(join(known, name))
  await writeFile(
    join(known, name),
    Buffer.concat([whole.subarray(0, 60), Buffer.from('}'), whole.subarray(61)]),
  )
  expect(await run('validate')).toEqual(right)
})

test('what another tracking schema lets a file do is known of that schema alone', async () => {
  const { run, write } = await projectOfMany('none')
  await write('migrations/900_drop.sql', '-- @up\nDROP SCHEMA tracked;\n')
  expect((await run('validate')).code).toBe(0)
  const refused = await run('validate', '--schema', 'tracked')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('TM1022') })
})

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PAIRED, REFUSED, type TwoWayProject } from '@tidemark/import/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'

beforeAll(buildWhenStale)

/** The files in a folder `old`, beside a database in which the table is in use. */
async function openInUse(files: Readonly<Record<string, string>>): Promise<Project> {
  const placed = Object.entries(files).map(([path, text]) => [`old/${path}`, text])
  const project = await openProject(Object.fromEntries(placed), 'server')
  await project.server?.query('CREATE TABLE kept (id int)')
  await project.server?.query('INSERT INTO kept SELECT generate_series(1, 1000)')
  return project
}

async function countRows(project: Project): Promise<unknown> {
  return (await project.server?.query('SELECT count(*)::text AS rows FROM kept'))?.[0]
}

const OUT = ['--from', 'old', '--out', 'new']

describe('a way back never runs as a way forward', () => {
  test.each(REFUSED)('files of $title are refused by name', async ({ title, files }: TwoWayProject) => {
    const project = await openInUse(files)
    for (const format of [[], ['plain']]) {
      const { code, stdout, stderr } = await project.run(['import', ...format, ...OUT])
      expect({ code, stdout, names: stderr.includes(title) }).toEqual({ code: 2, stdout: '', names: true })
    }
    expect(existsSync(join(project.folder, 'new'))).toBe(false)
    expect((await project.run(['up', '--dir', 'new'])).code).toBe(2)
    expect(await countRows(project)).toEqual({ rows: '1000' })
  })

  test.each(PAIRED)('the layout of $title is read in pairs', async ({ files, id }) => {
    const project = await openInUse(files)
    const { code, stdout } = await project.run(['import', ...OUT, '--json'])
    const { migrations } = JSON.parse(stdout)
    expect({ code, migrations }).toMatchObject({ code: 0, migrations: [{ id, reversible: true }] })
    expect(await project.run(['up', '--dir', 'new', '--quiet'])).toMatchObject({ code: 0 })
    expect(await countRows(project)).toEqual({ rows: '1000' })
    expect((await project.run(['down', '--dir', 'new', '--yes'])).code).toBe(0)
    await expect(countRows(project)).rejects.toThrow('"kept" does not exist')
  })
})

test('init names a tool whose files import does not read', async () => {
  const project = await openProject({ 'migrations/1.sql': '-- !Ups\nSELECT 1;\n-- !Downs\nSELECT 2;\n' })
  const { code, stdout } = await project.run(['init'])
  expect({ code, says: stdout.split('\n').filter((line) => /Found|tidemark /.test(line)) }).toEqual({
    code: 0,
    says: [
      'Found migrations of Play evolutions, which `tidemark import` does not read.',
      '  tidemark new add_orders  write the next one',
      '  tidemark help format     what a file looks like',
    ],
  })
})

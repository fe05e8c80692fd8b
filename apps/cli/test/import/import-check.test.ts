import { existsSync } from 'node:fs'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { originalFolder } from '@tidemark/import/testing'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, type Project } from '../support/project.ts'

let project: Project
beforeAll(buildWhenStale)
afterEach(() => project.remove())

const lastLines = (text: string, count: number): readonly string[] => text.trimEnd().split('\n').slice(-count)

test('an import that makes the same schema is proved, and nothing is written', async () => {
  project = await createProject({})
  await cp(originalFolder('graphile-migrate'), project.folder, { recursive: true })
  const before = await readdir(project.folder)
  const { code, stdout, stderr } = await project.run(['import', '--check', '--out', 'tidemark'])
  expect({ code, stderr, end: lastLines(stdout, 2) }).toEqual({
    code: 0,
    stderr: '',
    end: [
      expect.stringMatching(
        /^✓ equal: the originals and the 3 imported files make the same schema \(PostgreSQL [\d.]+, embedded\)$/,
      ),
      'Nothing was written. Leave out `--check` to write the files.',
    ],
  })
  expect(await readdir(project.folder)).toEqual(before)
  expect(existsSync(join(project.folder, '.tidemark'))).toBe(false)
})

test('a difference is shown, with exit code 7', async () => {
  const go = `CREATE SCHEMA app;
CREATE FUNCTION go() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'app', false); END $$;
SELECT go();
`
  project = await createProject({
    'old/1_a.sql': `${go}BEGIN;\nCREATE TABLE a ();\nCOMMIT;\nBEGIN;\nCREATE TABLE b ();\nCOMMIT;\n`,
  })
  const args = ['import', '--check', '--from', 'old', '--out', 'new']
  const { code, stdout } = await project.run(args)
  expect({ code, end: lastLines(stdout, 6) }).toEqual({
    code: 7,
    end: [
      expect.stringMatching(/^✗ 4 differences from what the originals make \(PostgreSQL [\d.]+, embedded\)$/),
      '   table app.a is missing',
      '   table app.b is missing',
      '   table public.a was added',
      '   table public.b was added',
      'Nothing was written. Leave out `--check` to write the files.',
    ],
  })
  const { check } = JSON.parse((await project.run([...args, '--json'])).stdout)
  expect(check).toMatchObject({ engine: 'pglite', equal: false, notChecked: null })
})

test('an original that cannot be executed there is not checked, with exit code 6', async () => {
  project = await createProject({ 'old/1_a.sql': 'CREATE TABLE a (b int);\nCOPY a FROM stdin;\n1\n\\.\n' })
  const { code, stdout } = await project.run(['import', '--check', '--from', 'old', '--out', 'new'])
  expect({ code, says: lastLines(stdout, 2)[0] }).toEqual({
    code: 6,
    says: '! not checked: the original "old/1_a.sql" cannot be executed here: it has a COPY with data',
  })
})

import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../apps/cli/test/support/build-when-stale.ts'
import { openProject, SHOP } from '../apps/cli/test/support/project.ts'

beforeAll(buildWhenStale)

const MODULES = fileURLToPath(new URL('node_modules', import.meta.url))
const DOCS = await readFile(new URL('../docs/shadow.md', import.meta.url), 'utf8')

/** The arguments that the documentation gives to a tool. */
function argumentsOf(tool: string): readonly string[] {
  const [, given = ''] = new RegExp(String.raw`\| \`npx ${tool}([^\`]*)\``).exec(DOCS) ?? []
  return given
    .replaceAll('\\|', '|')
    .replaceAll("'", '')
    .split(' ')
    .filter((word) => word !== '')
}

test('the recipe of kysely-codegen writes the types', async () => {
  const { run, folder } = await openProject(SHOP)
  await mkdir(join(folder, 'src'))
  const program = join(MODULES, '.bin/kysely-codegen')
  const recipe = argumentsOf('kysely-codegen')
  expect(recipe).toContain('--out-file')
  expect((await run(['shadow', 'serve', '--', program, ...recipe])).code).toBe(0)
  expect(await readFile(join(folder, 'src/db.d.ts'), 'utf8')).toMatch(
    /export interface Posts \{\n {2}author: number \| null;\n {2}id: number;\n\}[\s\S]*export interface DB \{\n {2}posts: Posts;\n {2}users: Users;\n\}\n$/,
  )
})

test('the recipe of kanel writes the types', async () => {
  const { run, folder, write } = await openProject(SHOP)
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(MODULES, 'kanel'), join(folder, 'node_modules/kanel'), 'junction')
  const [, configuration = ''] = /```js\n\/\/ kanel\.config\.js\n([\s\S]*?)```/.exec(DOCS) ?? []
  await write('kanel.config.js', configuration)
  const program = join(MODULES, '.bin/kanel')
  expect((await run(['shadow', 'serve', '--', program, ...argumentsOf('kanel')])).code).toBe(0)
  const models = join(folder, 'src/models/public')
  expect(await readFile(join(models, 'Posts.ts'), 'utf8')).toContain('author: UsersId | null;')
  expect((await readdir(models)).toSorted()).toEqual([
    'MigrationStatus.ts',
    'MigrationType.ts',
    'Posts.ts',
    'Users.ts',
  ])
})

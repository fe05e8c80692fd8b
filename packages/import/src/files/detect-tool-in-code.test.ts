import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { detectToolInCode } from './detect-tool-in-code.ts'

async function openFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-tools-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

test.each([
  ['Knex', { 'knexfile.js': '' }],
  ['Knex', { 'migrations/20240101000000_users.js': '' }],
  ['TypeORM', { 'package.json': '{ "dependencies": { "typeorm": "^0.3.0" } }' }],
  ['TypeORM', { 'src/migrations/1700000000000-Users.ts': '' }],
  ['Sequelize', { '.sequelizerc': '', 'migrations/20240101000000-users.js': '' }],
  ['umzug', { 'package.json': '{ "dependencies": { "umzug": "^3.0.0" } }' }],
  ['Alembic', { 'alembic.ini': '', 'alembic/versions/0123456789ab_users.py': '' }],
  ['Django', { 'manage.py': '' }],
  ['Django', { '0001_initial.py': '', '__init__.py': '' }],
  ['Rails', { 'db/migrate/20240101000000_create_users.rb': '' }],
  ['Rails', { '20240101000000_create_users.rb': '' }],
  ['MyBatis Migrations', { 'migration.properties': '' }],
  ['Postgrator', { 'package.json': '{ "devDependencies": { "postgrator": "7.0.0" } }' }],
  ['tern', { 'tern.conf': '' }],
  ['Play evolutions', { 'conf/evolutions/default/1.sql': '' }],
])('%s is named by its configuration, its files or its package: %o', async (title, files) => {
  const found = await detectToolInCode(await openFolder(files))
  expect(found).toMatchObject({
    title,
    wayOver: expect.stringContaining('tidemark import --record'),
  })
})

test('a folder with none of them names no tool', async () => {
  expect(
    await detectToolInCode(await openFolder({ 'package.json': '{ "dependencies": { "pg": "8.0.0" } }' })),
  ).toBeUndefined()
})

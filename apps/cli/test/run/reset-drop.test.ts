import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Connection, connectToServer } from '@tidemark/pg-driver/engine'
import { createTestDatabase, sharedServerUrl, type TestDatabase } from '@tidemark/test-servers'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

/** As an import leaves it: nothing can be rolled back. */
const IMPORTED = {
  'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int PRIMARY KEY);\n',
  'migrations/002_posts.sql':
    '-- Depends on: [001_users]\n-- @up\nCREATE TABLE posts (id int PRIMARY KEY);\n',
}
const DEVELOPMENT = { 'tidemark.config.json': '{ "development": true }' }

function serverOf({ server }: Project): TestDatabase {
  if (server === undefined) throw new Error('the project is on no server')
  return server
}

function connect(url: string, applicationName: string): Promise<Connection> {
  return connectToServer({ url, applicationName, timeoutMs: 10_000 })
}

/** Makes a role that may log in, and gives the URL of the project's database with it. */
async function urlOfRole(server: TestDatabase, attributes: string): Promise<string> {
  const role = `r_${server.name}`
  await server.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' ${attributes}`)
  onTestFinished(async () => {
    await server.drop()
    const connection = await connect(sharedServerUrl(), 'tidemark test')
    await connection.query(`DROP ROLE ${role}`)
    await connection.close()
  })
  await server.query(`ALTER DATABASE ${server.name} OWNER TO ${role}`)
  const url = new URL(server.url)
  url.username = role
  url.password = 'secret'
  return url.href
}

describe('on a server', () => {
  test('the database is dropped, created and migrated, also where nothing can be rolled back', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'server')
    const { name, query } = serverOf(project)
    await project.run(['up'])
    await query('INSERT INTO users VALUES (1); CREATE TABLE by_hand (id int)')
    const refused = (await project.run(['reset', '--yes'])).stderr
    expect(refused).toContain('error TM6001')
    expect(refused).toContain(`help: drop the database and apply all again: tidemark reset --drop ${name}\n`)
    await project.write('tidemark.config.json', '{}')
    expect((await project.run(['reset', '--yes'])).stderr).not.toContain('--drop')
    await project.write('tidemark.config.json', DEVELOPMENT['tidemark.config.json'])
    expect(await project.run(['reset', '--drop', name])).toEqual({
      code: 0,
      stdout: `tidemark  <database>  2 pending of 2
 ✓ 001_users <time>
 ✓ 002_posts <time>
✓ 2 migrations applied in <time>, nothing pending
`,
      stderr: `dropped the database "${name}" and created it again\n`,
    })
    expect(await query('SELECT count(*)::int FROM users')).toEqual([{ count: 0 }])
    expect(await query("SELECT to_regclass('by_hand') AS by_hand")).toEqual([{ by_hand: null }])
  })

  test('a dry run shows what would be applied and drops nothing', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'server')
    const { name, query } = serverOf(project)
    await project.run(['up'])
    const { code, stdout, stderr } = await project.run(['reset', '--drop', name, '--dry-run'])
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `would drop the database "${name}" with everything in it, and create it again\n`,
    })
    expect(stdout).toContain('tidemark  <database>  2 pending of 2\n')
    expect(stdout).toContain(`Execute it with \`tidemark reset --drop ${name}\`.\n`)
    expect(await query('SELECT count(*)::int FROM migration_history')).toEqual([{ count: 2 }])
  })

  test('a database that is missing is created', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'server')
    const server = serverOf(project)
    await server.drop()
    const { code, stderr } = await project.run(['reset', '--drop', server.name])
    expect({ code, stderr }).toEqual({ code: 0, stderr: `created the database "${server.name}"\n` })
    expect(await server.query('SELECT count(*)::int FROM users')).toEqual([{ count: 0 }])
  })

  test('owner, encoding and locale stay, and what does not is said', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'none')
    const server = await createTestDatabase({ encoding: 'LATIN1' })
    onTestFinished(() => server.drop())
    const url = await urlOfRole(server, 'CREATEDB')
    await server.query(`ALTER DATABASE ${server.name} SET timezone = 'Asia/Tokyo'`)
    const { code, stderr } = await project.run(['reset', '--drop', server.name, '--database-url', url])
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `dropped the database "${server.name}" and created it again
its settings are gone (ALTER DATABASE ... SET): TimeZone=Asia/Tokyo
`,
    })
    expect(
      await server.query(`SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding, datcollate
        FROM pg_database WHERE datname = current_database()`),
    ).toEqual([{ owner: `r_${server.name}`, encoding: 'LATIN1', datcollate: 'C' }])
  })

  test('a role that could not create it again drops nothing', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'server')
    const server = serverOf(project)
    const url = await urlOfRole(server, 'NOCREATEDB')
    const { code, stderr } = await project.run(['reset', '--drop', server.name, '--database-url', url])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error TM7038: the role "r_${server.name}" may not create databases, so "${server.name}" is not dropped
help: connect as a role with CREATEDB, or: ALTER ROLE "r_${server.name}" CREATEDB
`,
    })
    expect(await server.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('who is connected is named, and stays connected', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'server')
    const server = serverOf(project)
    const other = await connect(server.url, 'shop server')
    onTestFinished(() => other.close())
    expect(await project.run(['reset', '--drop', server.name])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error TM5001: cannot drop the database "${server.name}": database "${server.name}" is being accessed by other users
help: nothing was changed; end these connections first: pid ${other.processId}, shop server, role ${new URL(server.url).username}
`,
    })
    expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  test('files that are wrong are found before anything is dropped', async () => {
    const project = await openProject(
      { ...IMPORTED, ...DEVELOPMENT, 'migrations/003_x.sql': '-- Depends on: [009]\n-- @up\nSELECT 1;\n' },
      'server',
    )
    const server = serverOf(project)
    await server.query('CREATE TABLE kept ()')
    expect(await project.run(['reset', '--drop', server.name])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error TM2002'),
    })
    expect(await server.query("SELECT to_regclass('kept')::text AS kept")).toEqual([{ kept: 'kept' }])
  })
})

describe('refused, whatever is said with --yes', () => {
  test.each([
    [
      'no environment says development',
      '{}',
      {},
      2,
      'TM7038: the configuration does not say that the database "<name>" is for development',
    ],
    [
      'the chosen environment does not say so itself',
      '{ "development": true, "environments": { "staging": {} } }',
      { TIDEMARK_ENV: 'staging' },
      2,
      'TM7038: the environment "staging" does not say that the database "<name>" is for development',
    ],
    [
      'protected wins over development',
      '{ "development": true, "protected": true }',
      {},
      2,
      'TM7013: the database is protected, and `tidemark reset` is for development databases',
    ],
    [
      'NODE_ENV is production',
      '{ "development": true }',
      { NODE_ENV: 'production' },
      2,
      'TM7038: NODE_ENV is "production", so the database "<name>" is not dropped',
    ],
  ])('%s', async (_, config, env, code, message) => {
    const project = await openProject({ ...IMPORTED, 'tidemark.config.json': config }, 'server')
    const server = serverOf(project)
    const outcome = await project.run(['reset', '--drop', server.name, '--yes'], { env })
    expect(outcome.code).toBe(code)
    expect(outcome.stderr.split('\n')[0]).toBe(`error ${message.replace('<name>', server.name)}`)
    expect(await server.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test.each(['db.example', '10.1.2.3', 'localhost.example'])('the host %s', async (host) => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT })
    const url = `postgres://app@${host}:5433/shop`
    expect(await project.run(['reset', '--drop', 'shop', '--yes', '--database-url', url])).toMatchObject({
      code: 2,
      stderr: `error TM7038: the database "shop" is on "${host}", which is not this machine
help: --drop is for localhost or a Unix socket; elsewhere drop it by hand, with dropdb
`,
    })
  })

  test('an address that is not that of the host it is said to be', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT })
    const url = 'postgres://app@localhost/shop?hostaddr=10.1.2.3'
    expect((await project.run(['reset', '--drop', 'shop', '--database-url', url])).stderr).toContain(
      'error TM7038: the database "shop" is on "10.1.2.3"',
    )
  })

  test('another name than that of the database', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT }, 'server')
    const { name } = serverOf(project)
    for (const given of [`${name}2`, name.toUpperCase(), '']) {
      expect(await project.run(['reset', '--drop', given, '--yes'])).toMatchObject({
        code: 2,
        stderr: `error TM7010: the name of the database is "${name}", not "${given}"
help: nothing was changed; check that it is the database that you mean
`,
      })
    }
  })

  test('together with what rolls back', async () => {
    const project = await openProject({ ...IMPORTED, ...DEVELOPMENT })
    for (const flag of ['--backup', '--beyond-baseline=001_users'])
      expect((await project.run(['reset', '--drop', 'x', flag])).stderr).toContain('error TM7008')
  })
})

describe('an embedded database', () => {
  test('is emptied and migrated; its name is that of its folder', async () => {
    const project = await openProject(IMPORTED, 'embedded')
    await project.run(['up'])
    expect((await project.run(['reset', '--drop', 'postgres'])).stderr).toContain(
      'error TM7010: the name of the database is "data", not "postgres"',
    )
    expect(await project.run(['reset', '--drop', 'data'])).toMatchObject({
      code: 0,
      stderr: 'dropped the database "data" and created it again\n',
    })
    expect((await project.run(['status'])).stdout).toContain('2 applied')
    expect(existsSync(join(project.folder, 'data', 'tidemark.layout'))).toBe(false)
  })

  test('that is missing is made', async () => {
    const project = await openProject(SHOP, 'embedded')
    expect(await project.run(['reset', '--drop', 'data'])).toMatchObject({
      code: 0,
      stderr: 'created the database "data"\n',
    })
  })

  test('is never a folder with other things', async () => {
    const project = await openProject(SHOP, 'embedded')
    await mkdir(join(project.folder, 'data'))
    await writeFile(join(project.folder, 'data', 'thesis.txt'), 'years of work')
    expect(await project.run(['reset', '--drop', 'data'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error TM5031'),
    })
    expect(await readdir(join(project.folder, 'data'))).toEqual(['thesis.txt'])
  })

  test('is refused where it is protected, and in production', async () => {
    const project = await openProject(SHOP, 'embedded')
    await project.run(['up'])
    const inProduction = await project.run(['reset', '--drop', 'data'], { env: { NODE_ENV: 'production' } })
    expect(inProduction).toMatchObject({ code: 2, stderr: expect.stringContaining('error TM7038') })
    const isProtected = await project.run(['reset', '--drop', 'data'], {
      env: { TIDEMARK_PROTECTED: 'true' },
    })
    expect(isProtected).toMatchObject({ code: 2, stderr: expect.stringContaining('error TM7013') })
    expect((await project.run(['status'])).stdout).toContain('3 applied')
  })
})

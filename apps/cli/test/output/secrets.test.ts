import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { runTidemark } from '../support/run-tidemark.ts'

/**
 * Everything that an unescaped URL, a form, a shell or a log could take for something else, and parts that
 * would stand out.
 */
const PASSWORDS = [
  '@:/?#%^&+ é',
  'p@ssw0rd/with?every#thing%20&more+',
  '%41%42',
  '100% sure',
  'o\'clock "quoted" \\back',
  ':@colon:first@',
  'x^y&&z=1?sslmode=disable#frag',
]

let database: TestDatabase
let roles: { readonly name: string; readonly password: string }[]
beforeAll(async () => {
  await buildWhenStale()
  database = await createTestDatabase()
  roles = PASSWORDS.map((password) => ({ name: `secret_${randomBytes(4).toString('hex')}`, password }))
  for (const { name, password } of roles) {
    await database.query(`CREATE ROLE ${name} LOGIN SUPERUSER PASSWORD '${password.replaceAll("'", "''")}'`)
  }
})
afterAll(async () => {
  for (const { name } of roles) await database.query(`DROP ROLE ${name}`)
  await database.drop()
})

/**
 * The forms in which a password could leak: as it is, encoded, quoted, and what a parser would cut out of it.
 */
function formsOf(password: string): readonly string[] {
  const parts = password.split(/[@/?#:&]/).filter((part) => part.length >= 5)
  const forms = [
    password,
    encodeURIComponent(password),
    encodeURI(password),
    JSON.stringify(password).slice(1, -1),
    new URLSearchParams({ p: password }).toString().slice(2),
    password.replaceAll("'", "'\\''"),
    encodeURIComponent(password).replaceAll("'", "'\\''"),
    Buffer.from(password).toString('base64'),
    ...parts,
  ]
  return [...new Set(forms)]
}

async function readFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.sql'))
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join(
    '\n',
  )
}

function urlOf(role: string, credentials: string): string {
  return database.url.replace(/\/\/[^@]*@/, `//${role}${credentials}@`)
}

test.each(PASSWORDS.map((password, index) => [password, index] as const))(
  'I11: the password %j works in URL and PGPASSWORD, and is in no output, log or stack trace',
  async (password, index) => {
    const role = roles[index]?.name ?? ''
    const project = await openProject({
      ...SHOP,
      'migrations/004_broken.sql': '-- @up\nSELECT 1 / 0;\n',
    })
    const encoded = urlOf(role, `:${encodeURIComponent(password)}`)
    const schema = `s_${randomBytes(4).toString('hex')}`
    const outputs: string[] = []
    const run = async (args: readonly string[], env: Readonly<Record<string, string>>, code: number) => {
      const outcome = await runTidemark(args, { cwd: project.folder, env: { DEBUG: '*', ...env } })
      outputs.push(outcome.stdout, outcome.stderr)
      expect({ args, code: outcome.code }).toEqual({ args, code })
    }
    const wrong = urlOf('postgres', `:${encodeURIComponent(password)}`)
    const log = ['--log-file', 'run.log', '--log-level', 'debug', '--schema', schema]
    await run(['up', '--verbose', '--database-url', encoded, ...log], {}, 1)
    await run(
      ['status', '--json'],
      { TIDEMARK_DATABASE_URL: urlOf(role, ''), PGPASSWORD: password, TIDEMARK_SCHEMA: schema },
      3,
    )
    await run(['doctor', '--json'], { DATABASE_URL: encoded, TIDEMARK_SCHEMA: schema }, 0)
    await run(
      ['doctor'],
      { TIDEMARK_DATABASE_URL: urlOf(role, ''), PGPASSWORD: password, TIDEMARK_SCHEMA: schema },
      0,
    )
    await run(['up', '--verbose', '--json', '--database-url', wrong, ...log], {}, 1)
    await run(
      ['up', '--verbose', '--database-url', encoded.replace('127.0.0.1', 'no-such-host.invalid')],
      {},
      1,
    )
    await run(
      ['up', '--verbose', '--create-db', '--database-url', wrong.replace(database.name, 'elsewhere')],
      {},
      1,
    )
    // As people paste it: some are read in another way, none may be shown.
    const pasted = await runTidemark(
      ['up', '--verbose', '--database-url', urlOf(role, `:${password}`), '--connect-timeout', '2s'],
      { cwd: project.folder, env: { DEBUG: '*' } },
    )
    outputs.push(pasted.stdout, pasted.stderr, await readFiles(project.folder))
    const all = outputs.join('\n')
    expect(all).toMatch(/\n +at \S.*\.c?js:\d+:\d+/) // stack traces are among what is scanned
    expect(formsOf(password).filter((form) => all.includes(form))).toEqual([])
    await database.query(
      `DROP SCHEMA IF EXISTS ${schema} CASCADE; DROP TABLE IF EXISTS posts, users; DROP OWNED BY ${role} CASCADE`,
    )
  },
)

test.each([
  'true',
  'false',
  'null',
  '1234',
  '12345678',
  'execution',
  'security',
  'time',
  'level',
  'lockTimeoutMs',
])('a password that is "%s" leaves documents and logs what they are', async (password) => {
  const files = {
    'migrations/001_a.sql': '-- Lock timeout: 1234ms\n-- @up\nSELECT 12345678;\n-- @down\nSELECT 1;\n',
  }
  const { run, folder } = await openProject(files)
  const other = (word: string) =>
    run(['show', '001_a', '--json', '--log-file', `${word}.log`, '--log-level', 'debug'], {
      env: { TIDEMARK_DATABASE_URL: `postgres://ada:${word}@db.example/shop` },
    })
  const [shown, expected] = [await other(password), await other('hunter22')]
  expect([shown.code, JSON.parse(shown.stdout)]).toEqual([0, maskIn(JSON.parse(expected.stdout), password)])
  const keysOf = async (word: string) =>
    (await readFile(join(folder, `${word}.log`), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => Object.keys(JSON.parse(line)))
  expect(await keysOf(password)).toEqual(await keysOf('hunter22'))
  expect(
    shown.stderr
      .trim()
      .split('\n')
      .map((line) => Object.keys(JSON.parse(line))),
  ).toEqual(await keysOf(password))
  const failed = await run(['show', 'nobody', '--json'], {
    env: { TIDEMARK_DATABASE_URL: `postgres://ada:${password}@db.example/shop` },
  })
  expect(JSON.parse(failed.stdout).error.code).toBe('TM2007')
})

/** What is masked is a text that holds the password, and nothing else. */
function maskIn(document: unknown, password: string): unknown {
  const text = JSON.stringify(document, (_, value) =>
    typeof value === 'string' && value.includes('SELECT')
      ? value.replaceAll(new RegExp(`\\b${password}\\b`, 'g'), '***')
      : value,
  )
  return JSON.parse(text)
}

test.each(["tide'mark9secret", 'o\'clock "quoted" \\back'])(
  'a suggested command repeats the URL that was given, quoted for a shell, without the password %s',
  async (password) => {
    const { run } = await openProject({ 'migrations/001_a.sql': '-- @up\nSELECT 1/0;\n' })
    const role = `secret_${randomBytes(4).toString('hex')}`
    await database.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password.replaceAll("'", "''")}'`)
    try {
      for (const credentials of [
        `:${encodeURIComponent(password)}`,
        `:${password.replaceAll(/[ "\\]/g, '')}`,
      ]) {
        const url = ['--database-url', urlOf(role, credentials)]
        for (const args of [['plan'], ['up'], ['up', '--json'], ['down', '--json'], ['doctor']]) {
          const { stdout, stderr } = await run([...args, ...url])
          const written = stdout + stderr
          expect(written).not.toBe('')
          for (const form of [...formsOf(password), 'mark9secret', 'clock'])
            expect(written).not.toContain(form)
        }
      }
    } finally {
      await database.query(`REASSIGN OWNED BY ${role} TO postgres; DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  },
)

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Diagnostic, formatDiagnostic, TidemarkError } from '@tidemark/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadSettings } from './load-settings.ts'
import type { Settings } from './settings.ts'

let folder = ''

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-settings-')))
})
afterEach(() => rm(folder, { recursive: true }))

const write = (name: string, text: string) => writeFile(join(folder, name), text)
const load = (flags = {}, variables = {}): Promise<Settings> => loadSettings({ flags, variables, folder })
const problemsOf = async (loading: Promise<Settings>): Promise<readonly string[]> => {
  const error: unknown = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof TidemarkError)) throw error
  if (error.diagnostics.length > 0) return error.diagnostics.map((one: Diagnostic) => formatDiagnostic(one))
  return [`${error.code}: ${error.message} | ${error.help}`]
}

test('without anything the defaults hold', async () => {
  expect(await load()).toEqual({
    folder,
    configPath: undefined,
    environment: undefined,
    environments: [],
    database: undefined,
    directUrl: undefined,
    migrations: join(folder, 'migrations'),
    schema: 'public',
    searchPath: undefined,
    createSchema: false,
    usesSearchPaths: false,
    lockTimeoutMs: 5000,
    lockRetries: 10,
    lockWaitMs: 600_000,
    statementTimeoutMs: 0,
    batchTimeMs: 500,
    maxLagMs: 10_000,
    connectTimeoutMs: 10_000,
    readers: [],
    protected: false,
    development: false,
    rowSecurity: 'auto',
    trackDrift: false,
    drift: {},
    lint: {},
    commits: 'each',
    backup: 'never',
    shadow: 'pglite',
    shadowDisposable: false,
    embeddedProfile: 'plain',
    variables: {},
    hooks: {},
    hookTimeoutMs: 60_000,
    fleet: undefined,
    logFile: undefined,
    logLevel: undefined,
    origins: expect.objectContaining({ schema: { kind: 'default' } }),
  })
})

describe('precedence', () => {
  beforeEach(() =>
    write(
      'tidemark.config.json',
      JSON.stringify({
        database: 'postgres://file/x',
        schema: 'of_file',
        environments: { staging: { schema: 'of_staging' } },
      }),
    ),
  )

  test('flags win over variables, variables over the file, the file over DATABASE_URL', async () => {
    const DATABASE_URL = 'postgres://heroku/x'
    const variables = { DATABASE_URL, TIDEMARK_DATABASE_URL: 'postgres://variable/x' }
    const database = async (flags: object, given: object) => (await load(flags, given)).database
    expect(await database({ 'database-url': 'postgres://flag/x' }, variables)).toBe('postgres://flag/x')
    expect(await database({}, variables)).toBe('postgres://variable/x')
    expect(await database({}, { DATABASE_URL })).toBe('postgres://file/x')
    await rm(join(folder, 'tidemark.config.json'))
    expect(await database({}, { DATABASE_URL })).toBe('postgres://heroku/x')
  })

  test('an environment wins over the file, and is named as the origin', async () => {
    const settings = await load({ env: 'staging' })
    expect(settings.schema).toBe('of_staging')
    expect(settings.origins.schema).toEqual({ kind: 'environment', name: 'staging' })
    expect(settings.origins.database).toEqual({ kind: 'file', name: 'tidemark.config.json' })
  })

  test('an environment that is not there is TM7006', async () => {
    expect(await problemsOf(load({}, { TIDEMARK_ENV: 'stagign' }))).toEqual([
      'TM7006: "tidemark.config.json" has no environment "stagign" | did you mean "staging"?',
    ])
  })
})

describe('the search path', () => {
  const url = 'postgres://db/x'
  const searchPath = async (flags: object, variables: object, config: object = {}) => {
    await write('tidemark.config.json', JSON.stringify(config))
    return (await load(flags, variables)).searchPath
  }

  test('flags win over variables, variables over an environment, that over the file', async () => {
    const config = {
      searchPath: ['of_file', 'public'],
      environments: { staging: { searchPath: 'of_staging,public' } },
    }
    const variables = { TIDEMARK_SEARCH_PATH: 'of_variable, public' }
    expect(await searchPath({ 'search-path': 'Of-Flag,"a,b"' }, variables, config)).toEqual([
      'Of-Flag',
      'a,b',
    ])
    expect(await searchPath({}, variables, config)).toEqual(['of_variable', 'public'])
    expect(await searchPath({ env: 'staging' }, {}, config)).toEqual(['of_staging', 'public'])
    expect(await searchPath({}, {}, config)).toEqual(['of_file', 'public'])
    expect(await searchPath({}, {})).toBeUndefined()
  })

  test('of one source, searchPath wins over the URL; a source that comes first wins with its URL', async () => {
    const file = { database: `${url}?search_path=of_url`, searchPath: ['of_file'] }
    expect(await searchPath({}, {}, file)).toEqual(['of_file'])
    for (const named of ['search_path=x', 'schema=x', 'currentSchema=x', 'options=-csearch_path%3Dx']) {
      expect(await searchPath({ 'database-url': `${url}?${named}` }, {}, file)).toBeUndefined()
      expect(await searchPath({}, { TIDEMARK_DATABASE_URL: `${url}?${named}` }, file)).toBeUndefined()
      expect(
        await searchPath({ 'database-url': `${url}?${named}`, 'search-path': 'of_flag' }, {}, file),
      ).toEqual(['of_flag'])
    }
    expect(await searchPath({ 'database-url': url }, {}, file)).toEqual(['of_file'])
    expect(await searchPath({ 'database-url': `${url}?options=-cgeqo%3Doff` }, {}, file)).toEqual(['of_file'])
    expect(await searchPath({}, { PGOPTIONS: '-c search_path=x' }, file)).toEqual(['of_file'])
    expect(await searchPath({ 'database-url': 'pglite:memory' }, {}, file)).toEqual(['of_file'])
  })

  test.each([
    ['a,,b', 'has an empty name of a schema'],
    ['"a', 'needs the names of schemas, such as "tenant_a,public"'],
    ['ä'.repeat(32), `has the name "${'ä'.repeat(32)}", which is longer than 63 bytes`],
  ])('%j is TM7003', async (given, reason) => {
    const help = 'see `tidemark help config` for every setting and its values'
    expect(await problemsOf(load({ 'search-path': given }))).toEqual([
      `error TM7003: "--search-path" ${reason}\nhelp: ${help}`,
    ])
    expect(await problemsOf(load({}, { TIDEMARK_SEARCH_PATH: given }))).toEqual([
      `error TM7003: "TIDEMARK_SEARCH_PATH" ${reason}\nhelp: ${help}`,
    ])
  })
})

test('paths belong to the file, paths in flags to the working directory', async () => {
  await mkdir(join(folder, 'sub'))
  await mkdir(join(folder, '.git'))
  await write(
    'tidemark.config.json',
    '{ "migrations": "db", "database": "pglite:.tidemark/db", "logFile": "x.log" }',
  )
  const sub = join(folder, 'sub')
  const settings = await loadSettings({ flags: {}, variables: {}, folder: sub })
  expect(settings).toMatchObject({
    migrations: join(folder, 'db'),
    database: `pglite:${join(folder, '.tidemark/db')}`,
    logFile: join(folder, 'x.log'),
  })
  const flags = { dir: 'db', 'database-url': 'pglite:data' }
  const flagged = await loadSettings({ flags, variables: {}, folder: sub })
  expect(flagged).toMatchObject({ migrations: join(sub, 'db'), database: `pglite:${join(sub, 'data')}` })
})

describe.each(['module', 'commonjs'])('in a project of type %s', (type) => {
  beforeEach(() => write('package.json', JSON.stringify({ type })))
  const config = "{ schema: 'found', migrations: 'db' }"
  const own = type === 'module' ? `export default ${config}` : `module.exports = ${config}`

  test.each([
    ['tidemark.config.ts', `const schema: string = 'found'\nexport default { schema, migrations: 'db' }`],
    ['tidemark.config.mjs', `export default ${config}`],
    ['tidemark.config.js', own],
    ['tidemark.config.cjs', `module.exports = ${config}`],
    ['tidemark.config.json', `{ "schema": "found", "migrations": "db" }`],
    ['tidemark.config.mjs', `export const schema = 'found'\nexport const migrations = 'db'`],
    ['tidemark.config.mjs', `export default async () => (${config})`],
    ['tidemark.config.mjs', `export default Promise.resolve(${config})`],
    ['tidemark.config.mjs', `export default () => import('./settings.mjs')`],
    ['tidemark.config.cjs', `module.exports = Promise.resolve(${config})`],
    ['tidemark.config.cjs', `module.exports = ${config}; module.exports.default = module.exports`],
    ['tidemark.config.cjs', `exports.__esModule = true; exports.schema = 'found'; exports.migrations = 'db'`],
    ['tidemark.config.ts', `export default Promise.resolve(${config})`],
  ])('%s is loaded', async (name, text) => {
    await write('settings.mjs', `export default ${config}`)
    await write(name, text)
    expect(await load()).toMatchObject({ schema: 'found', migrations: join(folder, 'db') })
  })
})

test('every wrong key and value is reported at once, with its place', async () => {
  await write(
    'tidemark.config.json',
    `{
  "migratons": "db",
  "lockTimeout": "5 seconds",
  "embedded": { "profil": "plain" },
  "environments": { "staging": { "schema": 7 } }
}`,
  )
  expect(await problemsOf(load())).toEqual([
    `tidemark.config.json:3:4 error TM7003: "lockTimeout" must be a number with a unit, such as "500ms", "5s" or "10min", or 0
3 |   "lockTimeout": "5 seconds",
  |    ^^^^^^^^^^^
help: see \`tidemark help config\` for every key and its values`,
    `tidemark.config.json:4:18 error TM7002: unknown key "embedded.profil"
4 |   "embedded": { "profil": "plain" },
  |                  ^^^^^^
help: did you mean "profile"?`,
    `tidemark.config.json:5:35 error TM7003: "environments.staging.schema" must be a string
5 |   "environments": { "staging": { "schema": 7 } }
  |                                   ^^^^^^
help: see \`tidemark help config\` for every key and its values`,
    `tidemark.config.json:2:4 error TM7002: unknown key "migratons"
2 |   "migratons": "db",
  |    ^^^^^^^^^
help: did you mean "migrations"?`,
  ])
})

test('an unknown key within a setting names the keys of that setting', async () => {
  await write(
    'tidemark.config.json',
    '{ "lint": { "rulez": {}, "rules": { "rewrites": "off" } }, "drift": { "owner": "compared" } }',
  )
  const problems = await problemsOf(load())
  expect(problems.flatMap((problem) => /^help: .*$/m.exec(problem)?.[0] ?? [])).toEqual([
    'help: did you mean "owners"?',
    'help: did you mean "rewrite"?',
    'help: did you mean "rules"?',
  ])
})

test('defaults within defaults are followed so far, and not dropped', async () => {
  await write('tidemark.config.mjs', 'export default { default: { default: { default: { schema: 7 } } } }')
  expect(await problemsOf(load())).toEqual([expect.stringContaining('unknown key "default"')])
})

test('a list of environments is reported', async () => {
  await write('tidemark.config.mjs', 'export default { environments: [{}] }')
  expect(await problemsOf(load())).toEqual([
    expect.stringContaining('"environments" must be an object with the name of each environment as a key'),
  ])
})

test.each(['new Map()', 'new Date()', '[]', '7', 'Promise.resolve(new Map())', "'x'"])(
  'a configuration that is %s is reported as one without settings',
  async (value) => {
    await write('tidemark.config.mjs', `export default ${value}`)
    expect(await problemsOf(load())).toEqual([
      'error TM7003: the configuration in "tidemark.config.mjs" is not an object\n' +
        'help: export an object with the settings as its keys',
    ])
  },
)

test.each(['new Map()', 'new Date()', '[]', 'Promise.resolve({})'])(
  'an environment that is %s is reported, and so are embedded options',
  async (value) => {
    await write('tidemark.config.mjs', `export default { embedded: ${value}, environments: { a: ${value} } }`)
    const problems = await problemsOf(load())
    expect(problems.map((problem) => problem.split('\n')[0]?.replace(/^.*?error/, 'error'))).toEqual([
      'error TM7003: "embedded" must be an object of settings',
      'error TM7003: "environments.a" must be an object of settings',
    ])
  },
)

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'an environment that nobody wrote is not found under the name %s',
  async (name) => {
    await write('tidemark.config.json', '{ "environments": { "production": {} } }')
    expect(await problemsOf(load({ env: name }))).toEqual([
      `TM7006: "tidemark.config.json" has no environment "${name}" | the environments are production`,
    ])
  },
)

test('a list with a hole has a value that is no text', async () => {
  await write('tidemark.config.mjs', `export default { readers: ['a', , 'b'] }`)
  expect(await problemsOf(load())).toEqual([expect.stringContaining('"readers.1" must be a string')])
})

test('wrong flags and variables are reported together', async () => {
  const problems = await problemsOf(
    load({ 'lock-wait': 'long' }, { TIDEMARK_LOCK_RETRIES: '-1', TIDEMARK_DATABASE_URL: 'mysql://db/x' }),
  )
  expect(problems).toEqual([
    `error TM7003: "--lock-wait" must be a number with a unit, such as "500ms", "5s" or "10min", or 0
help: see \`tidemark help config\` for every setting and its values`,
    `error TM7003: "TIDEMARK_LOCK_RETRIES" must be a whole number
help: see \`tidemark help config\` for every setting and its values`,
    `error TM7003: "TIDEMARK_DATABASE_URL" starts with "mysql:", which is not PostgreSQL
help: write \`postgres://…\`, \`pglite:PATH\` or \`pglite:memory\``,
  ])
})

test('a URL whose password is not encoded gets the hint, and is not repeated', async () => {
  const problems = await problemsOf(load({ 'database-url': 'postgres://ada:p%ss/word@db/shop' }))
  expect(problems).toEqual([
    'error TM7003: "--database-url" is not a URL that can be read\n' +
      'help: percent-encode special characters in the password: `%` is %25, `@` is %40, `:` is %3A, `/` is %2F, `?` is %3F, `#` is %23',
  ])
})

test.each(['99999', 'five'])(
  'a wrong port (%s) is reported as a port, and not as a password',
  async (port) => {
    const problems = await problemsOf(load({ 'database-url': `postgres://ada:pw@db:${port}/shop` }))
    expect(problems).toEqual([
      'error TM7003: "--database-url" has a port that is not a number from 1 to 65535\n' +
        'help: write it as postgres://user:password@host:5432/database; PGPORT fills in what the URL leaves out',
    ])
  },
)

test('a password with a colon, a slash and an at sign is no port', async () => {
  const problems = await problemsOf(load({ 'database-url': 'postgres://ada:p:1/w@db/shop' }))
  expect(problems).toEqual([expect.stringContaining('percent-encode special characters')])
})

test('a configuration that cannot be parsed says where as far as known, and quotes nothing of it', async () => {
  await write('broken.json', '{\n  "database": "postgres://ada:hunter22@db/shop",,\n}')
  await write('broken.ts', 'export default {\n  database: ,\n}\n')
  const [json] = await problemsOf(load({ config: 'broken.json' }))
  expect(json).toMatch(/^TM7004: "broken\.json" cannot be loaded: [^\n"]+ \| fix the file/)
  const [module] = await problemsOf(load({ config: 'broken.ts' }))
  expect(module).toMatch(/^TM7004: "broken\.ts" cannot be loaded: [^\n]+\S \| fix the file/)
})

test('a configuration that throws, or is no JSON, or is not there, is TM7004', async () => {
  await write('throws.mjs', "throw new Error('DATABASE_PASSWORD is not set')")
  expect(await problemsOf(load({ config: 'throws.mjs' }))).toEqual([
    'TM7004: "throws.mjs" cannot be loaded: DATABASE_PASSWORD is not set | fix the file; `--verbose` shows the stack',
  ])
  expect(await problemsOf(load({ config: 'gone.json' }))).toEqual([
    `TM7004: "gone.json" cannot be loaded: ENOENT: no such file or directory, open '${folder}/gone.json' | name an existing file with \`--config\``,
  ])
})

describe('the environment file', () => {
  beforeEach(() => write('.env', 'DATABASE_URL=postgres://env/file\nTIDEMARK_SCHEMA=of_file\nPGUSER=ada'))

  test('is .env beside the configuration, and variables that are set win', async () => {
    expect(await load()).toMatchObject({ database: 'postgres://env/file?user=ada', schema: 'of_file' })
    const set = await load({}, { TIDEMARK_SCHEMA: 'set', PGUSER: 'eve' })
    expect(set).toMatchObject({ database: 'postgres://env/file?user=eve', schema: 'set' })
    await mkdir(join(folder, 'sub'))
    await mkdir(join(folder, '.git'))
    await write('sub/.env', 'TIDEMARK_SCHEMA=elsewhere')
    await write('tidemark.config.json', '{}')
    const below = await loadSettings({ flags: {}, variables: {}, folder: join(folder, 'sub') })
    expect(below.schema).toBe('of_file')
  })

  test('chooses the environment', async () => {
    await write('.env', 'TIDEMARK_ENV=staging')
    await write('tidemark.config.json', '{ "environments": { "staging": { "schema": "of_staging" } } }')
    expect(await load()).toMatchObject({ environment: 'staging', schema: 'of_staging' })
    expect(await problemsOf(load({ env: 'prod' }))).toEqual([expect.stringContaining('TM7006')])
  })

  test('another that is named takes its place', async () => {
    await write('other.env', 'TIDEMARK_SCHEMA=other')
    const other = { schema: 'other', database: undefined }
    expect(await load({ 'env-file': 'other.env' })).toMatchObject(other)
    expect(await load({}, { TIDEMARK_ENV_FILE: 'other.env' })).toMatchObject(other)
    await write('tidemark.config.json', `{ "envFile": "$\{NAME:-other}.env" }`)
    expect(await load()).toMatchObject(other)
    expect(await problemsOf(load({ 'env-file': 'gone' }))).toEqual([
      'TM7007: the environment file "gone" cannot be read (ENOENT) | check `--env-file`, `TIDEMARK_ENV_FILE` or the key `envFile`',
    ])
  })

  test('is not read with --no-env-file, nor with envFile: false', async () => {
    const without = { schema: 'public', database: undefined }
    expect(await load({ 'no-env-file': true }, { TIDEMARK_ENV_FILE: 'gone' })).toMatchObject(without)
    await write(
      'tidemark.config.json',
      '{ "envFile": "gone", "environments": { "a": { "envFile": false } } }',
    )
    expect(await load({ 'no-env-file': true })).toMatchObject(without)
    expect(await load({ env: 'a' })).toMatchObject(without)
    await write('tidemark.config.json', '{ "envFile": false }')
    expect(await load()).toMatchObject(without)
    await write('tidemark.config.json', '{ "envFile": true }')
    expect(await problemsOf(load())).toEqual([
      expect.stringContaining('"envFile" must be the path of a file, or false'),
    ])
  })

  test('may be missing, or a folder', async () => {
    await rm(join(folder, '.env'))
    expect((await load()).schema).toBe('public')
    await mkdir(join(folder, '.env'))
    expect((await load()).schema).toBe('public')
  })

  test('is seen by a configuration that is code, while it is loaded', async () => {
    await write('.env', 'TIDEMARK_TEST_ONLY_URL=postgres://env/code')
    await write(
      'tidemark.config.mjs',
      'export default () => ({ database: process.env.TIDEMARK_TEST_ONLY_URL })',
    )
    expect((await load()).database).toBe('postgres://env/code')
    expect(process.env['TIDEMARK_TEST_ONLY_URL']).toBeUndefined()
    expect((await load({ 'no-env-file': true })).unsetDatabase).toBeInstanceOf(TidemarkError)
  })
})

describe('variables in JSON', () => {
  const config = (text: string) => write('tidemark.config.json', text)

  test('are replaced, from .env too, and by their default where they are unset or empty', async () => {
    await write('.env', 'HOST=db.example')
    await config(`{
      "database": "postgres://\${USER_NAME}@\${HOST}/\${DB:-shop}", "schema": "$\${X}\${Y:-}", "readers": ["\${ROLE}"],
      "lockRetries": "\${RETRIES:-3}", "protected": "\${PROTECTED:-true}", "lockTimeout": "\${T:-7s}",
      "environments": { "a": { "schema": "\${YEAR}" } }
    }`)
    const variables = { USER_NAME: 'ada', DB: '', ROLE: 'app', YEAR: '2024' }
    expect(await load({}, variables)).toMatchObject({
      database: 'postgres://ada@db.example/shop',
      schema: `$\{X}`,
      readers: ['app'],
      lockRetries: 3,
      protected: true,
      lockTimeoutMs: 7000,
    })
    expect((await load({ env: 'a' }, variables)).schema).toBe('2024')
  })

  test('that are empty in a database URL are an error where it is used, since it would lead elsewhere', async () => {
    await config(`{
      "database": "postgres://db/app$\{TAIL:-}",
      "environments": { "live": { "database": "postgres://db/$\{DB_NAME}" } }
    }`)
    expect((await load({}, { DB_NAME: '', TAIL: '' })).database).toBe('postgres://db/app')
    const { database, unsetDatabase } = await load({ env: 'live' }, { DB_NAME: '' })
    expect(database).toBeUndefined()
    expect(unsetDatabase?.diagnostics.map(({ code, message, help }) => [code, message, help])).toEqual([
      [
        'TM7003',
        '"environments.live.database" contains "${DB_NAME}", and "DB_NAME" is set but empty',
        'give DB_NAME a value; where it may be empty, write "${DB_NAME:-}"',
      ],
    ])
  })

  test('may stand in a default, as in a shell', async () => {
    await config(`{ "schema": "$\{A:-$\{B:-of_$\{C}}}", "readers": ["$\{R:-$\{MISSING:-}}x"] }`)
    expect((await load({}, { A: 'a' })).schema).toBe('a')
    expect((await load({}, { B: 'b' })).schema).toBe('b')
    expect(await load({}, { C: 'c' })).toMatchObject({ schema: 'of_c', readers: ['x'] })
    expect(await problemsOf(load())).toEqual([expect.stringContaining('the variable "C" is not set')])
  })

  test.each([
    [`$\{A:?must be set}`, `$\{A…`],
    [`app_$\{A-secret}`, `$\{A…`],
    [`$\{}`, `$\{…`],
    [`$\{ A }`, `$\{ A…`],
    [`$\{A`, `$\{A…`],
    [`$\{X:-$\{B-x}}`, `$\{B…`],
  ])('in another form are refused at their place, also where they are not used: %s', async (text, form) => {
    await config(JSON.stringify({ environments: { a: { schema: text } } }))
    const [problem = ''] = await problemsOf(load({}, { A: 'a' }))
    expect(problem.split('\n')).toEqual([
      `tidemark.config.json:1:24 error TM7003: "environments.a.schema" contains "${form}", which is no form of a variable`,
      expect.stringContaining('1 | '),
      expect.stringContaining('^^^^^^'),
      `help: write \`$\{NAME}\` or \`$\{NAME:-default}\`; "$$\{" gives "$\{"`,
    ])
  })

  test('that are not set are named, with their place', async () => {
    await config(`{\n  "schema": "app_$\{A:-x}_$\{MISSING}",\n  "readers": ["$\{ROLE}"]\n}`)
    expect(await problemsOf(load())).toEqual([
      expect.stringMatching(
        /^tidemark\.config\.json:2:4 error TM7003: "schema" is undefined: the variable "MISSING" is not set/,
      ),
      expect.stringMatching(
        /^tidemark\.config\.json:3:4 error TM7003: "readers" is undefined: the variable "ROLE" is not set/,
      ),
    ])
  })

  test('matter only where they are used', async () => {
    await config(`{
      "database": "\${MISSING_URL}",
      "environments": { "a": { "database": "postgres://db/a" }, "b": { "schema": "\${MISSING}", "lockRetries": "\${N}" } }
    }`)
    const { database, unsetDatabase } = await load({ env: 'a' })
    expect({ database, unsetDatabase }).toEqual({ database: 'postgres://db/a', unsetDatabase: undefined })
    const problems = (await load()).unsetDatabase?.diagnostics.map(({ message }) => message)
    expect(problems).toEqual(['"database" is undefined: the variable "MISSING_URL" is not set'])
  })
})

test('a variable of migrations without a value has the name of what would have given it', async () => {
  await write(
    'tidemark.config.mjs',
    `export default {
  variables: { pw: process.env.PW_THAT_IS_NOT_SET, role: 'app', pin: undefined },
  environments: { a: { variables: { role: process.env['ROLE_THAT_IS_NOT_SET'] } }, b: {} },
}`,
  )
  const shared = { pw: { unset: 'PW_THAT_IS_NOT_SET' }, pin: undefined }
  expect((await load({ env: 'a' })).variables).toEqual({ ...shared, role: { unset: 'ROLE_THAT_IS_NOT_SET' } })
  expect((await load({ env: 'b' })).variables).toEqual({ ...shared, role: 'app' })
  await write('tidemark.config.json', `{ "variables": { "pw": "a-$\{MISSING}", "pin": "$\{PIN:-1}" } }`)
  const json = await load({ config: 'tidemark.config.json' })
  expect(json.variables).toEqual({ pw: { unset: 'MISSING' }, pin: '1' })
})

describe('a URL', () => {
  const problemOf = async (url: string, variables = {}) =>
    (await problemsOf(load({ 'database-url': url }, variables)))[0]?.replace(
      'error TM7003: "--database-url" ',
      '',
    )

  test.each([
    [
      'postgres://ada@db/shop?ssl_mode=verify-full',
      'has the unknown parameter "ssl_mode"\nhelp: did you mean "sslmode"?',
    ],
    [
      'postgres://ada@db/shop?timezone=UTC',
      'has the unknown parameter "timezone"\nhelp: remove it; a setting of the server is written options=-c%20NAME%3DVALUE',
    ],
    [
      '"postgres://ada:secret@db/shop"',
      'is in quotes\nhelp: remove them: `docker --env-file` and others take quotes as part of the value',
    ],
    [
      "'postgres://ada:secret@db/shop'",
      'is in quotes\nhelp: remove them: `docker --env-file` and others take quotes as part of the value',
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what nothing has replaced
      'postgres://ada@${PGHOST:-db}/shop',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
      'contains ${PGHOST}, which nothing has replaced\nhelp: write the value of PGHOST, or let a shell replace it; in a password "${" is written "%24%7B"',
    ],
    [
      'postgres://ada@one:5432,two:5432/shop',
      'names several hosts\nhelp: name one host only: the primary, where migrations run',
    ],
    ['postgres://ada@db/sh%op', 'is not a URL that can be read\nhelp: percent-encode a `%` as %25'],
    [
      'postgres://ada@[::1/shop',
      'is not a URL that can be read\nhelp: write it as postgres://user:password@host:5432/database',
    ],
    [
      'postgresql+psycopg2://ada:secret@db/shop',
      'starts with "postgresql+psycopg2:", which only another tool understands\nhelp: write `postgresql://`',
    ],
    [
      'postgres://ada@db/shop?search_path=a&options=-csearch_path%3Db',
      'sets search_path by "search_path" and by "options"\nhelp: remove one of them',
    ],
    [
      'postgres://ada@db/shop?schema=a&currentSchema=b',
      'has both "schema" and "currentSchema", with different values\nhelp: remove one of them',
    ],
    [
      'postgres://ada@db/shop?service=nowhere',
      'names the service "nowhere", which no service file defines\nhelp: add the section [nowhere] to ~/.pg_service.conf, or name its file with PGSERVICEFILE',
    ],
  ])('%s is refused, and the message repeats no more than it needs', async (url, expected) => {
    expect(await problemOf(url, { HOME: folder, PGSYSCONFDIR: folder })).toBe(expected)
  })

  test.each([
    'postgres://ada@db/shop?pgbouncer=true&connection_limit=5&pool_timeout=10',
    'postgres://ada@db/shop?serverVersion=16&charset=utf8',
    'postgres://ada@db/shop?x-migrations-table=old&prepareThreshold=0',
  ])('%s is taken as it is: its parameters mean nothing here', async (url) => {
    expect((await load({ 'database-url': url })).database).toBe(url)
  })

  test('what a service and variables fill in is added as parameters, in the order of libpq', async () => {
    await write('services.conf', '[shop]\nhost=db\nuser=of_service\npassword=p@ss\n')
    const variables = { PGSERVICEFILE: join(folder, 'services.conf'), PGUSER: 'of_variable', PGPORT: '6000' }
    const { database } = await load({ 'database-url': 'postgres:///own?service=shop' }, variables)
    expect(database).toBe(
      `postgres:///own?service=shop&servicefile=${encodeURIComponent(join(folder, 'services.conf'))}&host=db&user=of_service&password=p%40ss&port=6000`,
    )
  })

  test('connect_timeout is the limit where no setting gives one', async () => {
    const url = 'postgres://ada@db/shop?connect_timeout=3'
    expect((await load({ 'database-url': url })).connectTimeoutMs).toBe(3000)
    expect((await load({ 'database-url': url, 'connect-timeout': '7s' })).connectTimeoutMs).toBe(7000)
    expect(
      (await load({ 'database-url': 'postgres://db/x' }, { PGCONNECT_TIMEOUT: '4' })).connectTimeoutMs,
    ).toBe(4000)
  })
})

describe('a setting that is present and empty', () => {
  const DATABASE_URL = 'postgres://heroku/x'
  const config = `export default {
  schema: 'of_file',
  environments: {
    production: {
      database: process.env.PROD_URL_THAT_IS_NOT_SET,
      schema: process.env['PROD_SCHEMA_THAT_IS_NOT_SET'],
    },
    staging: { database: 'postgres://staging/x' },
  },
}
`
  const unsetDatabaseOf = async (loading: Promise<Settings>) => {
    const { database, unsetDatabase } = await loading
    return { database, problems: unsetDatabase?.diagnostics.map((one) => formatDiagnostic(one)) }
  }

  test('is an error that names key and variable, and no other source takes its place', async () => {
    await write('tidemark.config.mjs', config.replace(/ *schema: process.*\n/, ''))
    expect(await unsetDatabaseOf(load({ env: 'production' }, { DATABASE_URL }))).toEqual({
      database: undefined,
      problems: [
        `tidemark.config.mjs:5:7 error TM7003: "environments.production.database" is undefined: the variable "PROD_URL_THAT_IS_NOT_SET" is not set
5 |       database: process.env.PROD_URL_THAT_IS_NOT_SET,
  |       ^^^^^^^^
help: set PROD_URL_THAT_IS_NOT_SET, or remove the key`,
      ],
    })
    expect(await unsetDatabaseOf(load({ env: 'staging' }, { DATABASE_URL }))).toEqual({
      database: 'postgres://staging/x',
      problems: undefined,
    })
    const flag = { env: 'production', 'database-url': 'postgres://flag/x' }
    expect(await unsetDatabaseOf(load(flag, { DATABASE_URL }))).toEqual({
      database: 'postgres://flag/x',
      problems: undefined,
    })
  })

  test('is an error for settings other than the database too', async () => {
    await write('tidemark.config.mjs', config)
    expect(await problemsOf(load({ env: 'production' }))).toEqual([
      `tidemark.config.mjs:6:7 error TM7003: "environments.production.schema" is undefined: the variable "PROD_SCHEMA_THAT_IS_NOT_SET" is not set
6 |       schema: process.env['PROD_SCHEMA_THAT_IS_NOT_SET'],
  |       ^^^^^^
help: set PROD_SCHEMA_THAT_IS_NOT_SET, or remove the key`,
    ])
  })

  test.each(['null', "''"])('%s is an error as well', async (value) => {
    await write('tidemark.config.mjs', config.replace('process.env.PROD_URL_THAT_IS_NOT_SET', value))
    const problems = await problemsOf(load({ env: 'production' }, { DATABASE_URL }))
    expect(problems).toEqual([
      expect.stringMatching(
        /^tidemark\.config\.mjs:5:7 error TM7003: "environments\.production\.database" must /,
      ),
    ])
  })

  test.each(['TIDEMARK_DATABASE_URL', 'TIDEMARK_DIRECT_URL', 'DATABASE_URL'])(
    '%s names itself, for commands that need a database',
    async (name) => {
      const { problems } = await unsetDatabaseOf(load({}, { [name]: '' }))
      expect(problems).toEqual([
        `error TM7003: "${name}" is set but empty\nhelp: give ${name} a value, or unset it`,
      ])
    },
  )

  test.each([
    'TIDEMARK_SCHEMA',
    'TIDEMARK_MIGRATIONS',
    'TIDEMARK_READERS',
    'TIDEMARK_LOCK_RETRIES',
    'TIDEMARK_CONNECT_TIMEOUT',
    'TIDEMARK_ENV',
    'TIDEMARK_CONFIG',
    'TIDEMARK_ENV_FILE',
  ])('%s names itself', async (name) => {
    expect(await problemsOf(load({}, { [name]: '' }))).toEqual([
      `error TM7003: "${name}" is set but empty\nhelp: give ${name} a value, or unset it`,
    ])
  })

  test('the environment file is one of the settings', async () => {
    await write('.env', 'DATABASE_URL=postgres://env/file')
    await write(
      'tidemark.config.mjs',
      `export default { envFile: '.env', environments: { production: { envFile: process.env.NOT_SET } } }`,
    )
    expect(await problemsOf(load({ env: 'production' }))).toEqual([
      expect.stringContaining(
        '"environments.production.envFile" is undefined: the variable "NOT_SET" is not set',
      ),
    ])
  })
})

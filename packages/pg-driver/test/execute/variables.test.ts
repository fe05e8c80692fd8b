import { type RunEvent, savePlan, TidemarkError } from '@tidemark/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'

const VALUES = { tbl: 'odd "name"', who: "O'Hara\\", pw: 's3cret-täst' }

const FILE = `-- Variables: [tbl, who, pw secret]
-- @up
CREATE TABLE :"tbl" (who text, pw text);
INSERT INTO :"tbl" VALUES (:'who', :'pw');
-- @down
SELECT count(*) FROM :"tbl" WHERE pw = :'pw' AND 1 = 1 / (SELECT count(*) FROM :"tbl" WHERE pw = :'pw');
DROP TABLE :"tbl";
-- @verify
SELECT pw = :'pw' AND who = :'who' FROM :"tbl";
`

let harness: ServerHarness

beforeEach(async () => {
  harness = await createServerHarness({ '001_x': FILE })
})
afterEach(() => harness.database.drop())

function runner(variables: Readonly<Record<string, string>> = VALUES) {
  return harness.runner({}, { variables })
}

async function up(variables: Readonly<Record<string, string>> = VALUES) {
  const events: RunEvent[] = []
  const outcome = await runner(variables)
    .runMigrations({ onEvent: (event) => events.push(event) })
    .catch((error: unknown) => error)
  return { outcome, events }
}

async function failure(running: Promise<unknown>): Promise<TidemarkError> {
  const error = await running.catch((thrown: unknown) => thrown)
  if (error instanceof TidemarkError) return error
  throw new Error('it did not fail')
}

/** Everything that the database keeps about migrations. */
async function everythingStored(): Promise<string> {
  const rows = await harness.database.query(
    `SELECT (SELECT json_agg(m) FROM schema_migrations m) AS rows, (SELECT json_agg(h) FROM migration_history h) AS history,
       (SELECT json_agg(s) FROM database_schema s) AS summary`,
  )
  return JSON.stringify(rows)
}

/** An error with all that people and logs see of it. */
function everythingShown(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) {
    parts.push(at.message, String(at.stack), JSON.stringify(at), JSON.stringify({ ...at }))
  }
  return parts.join('\n')
}

const hidesSecret = (text: string) => expect(text).not.toMatch(/s3cret|t(ä|\\u00e4)st/)

describe.each(['required', 'none'])('Transaction: %s', (transaction) => {
  const file = FILE.replace('-- @up', `-- Transaction: ${transaction}\n-- @up`)
  beforeEach(() => {
    harness.files = { '001_x': file }
  })

  test('values reach the server, and what is secret is stored and reported nowhere', async () => {
    const { outcome, events } = await up()
    expect(outcome).toMatchObject({ outcome: 'done' })
    expect(await harness.database.query('SELECT * FROM "odd ""name"""')).toEqual([
      { who: VALUES.who, pw: VALUES.pw },
    ])
    const [row] = await harness.database.query<Record<string, string>>(
      'SELECT up_sql, down_sql, verify_sql, header FROM schema_migrations',
    )
    expect(row).toMatchObject({
      up_sql: `CREATE TABLE "odd ""name""" (who text, pw text);\nINSERT INTO "odd ""name""" VALUES ( E'O''Hara\\\\', :'pw');`,
      verify_sql: `SELECT pw = :'pw' AND who =  E'O''Hara\\\\' FROM "odd ""name""";`,
      header: {
        variables: [
          { name: 'tbl', secret: false },
          { name: 'who', secret: false },
          { name: 'pw', secret: true },
        ],
        template: { up_sql: expect.stringContaining(`:"tbl"`) },
      },
    })
    expect(row?.['down_sql']).toContain(`pw = :'pw'`)
    hidesSecret(await everythingStored())
    hidesSecret(JSON.stringify(events))
    hidesSecret(JSON.stringify(outcome))
    const started = events.filter(({ kind }) => kind === 'statement_started')
    expect(started[1]).toMatchObject({ summary: `INSERT INTO :"tbl" VALUES (:'who', :'pw');` })
    if (started[1]?.kind !== 'statement_started') throw new Error('no statement')
    expect(file.slice(started[1].span.start, started[1].span.end)).toBe(started[1].summary)
  })

  test('a rollback asks for the secret, and for nothing that is stored', async () => {
    await up()
    const refused = await failure(runner({ tbl: 'other' }).rollBack())
    expect([refused.code, refused.message]).toEqual([
      'TM7036',
      '"001_x" needs the variable "pw", which has no value',
    ])
    expect(await harness.rows()).toEqual(['001_x completed'])
    await runner({ pw: VALUES.pw, tbl: 'other' }).rollBack()
    expect(await harness.rows()).toEqual(['001_x rolled_back'])
    hidesSecret(await everythingStored())
  })

  test('verify asks for the secret too', async () => {
    await up()
    expect((await failure(runner({}).verify())).code).toBe('TM7036')
    expect((await runner({ pw: VALUES.pw }).verify()).outcomes).toMatchObject([{ kind: 'held' }])
    const { outcomes } = await runner({ pw: 'another-s3cret' }).verify()
    expect(outcomes).toMatchObject([
      { kind: 'failed', error: { details: { query: expect.stringContaining(`:'pw'`) } } },
    ])
    hidesSecret(outcomes.map(({ error }) => everythingShown(error)).join())
  })

  test('an error is at its place in the file, and its words hold no secret', async () => {
    harness.files = {
      '001_x': `-- Variables: [tbl, who, pw secret]
-- Transaction: ${transaction}
-- @up
CREATE TABLE :"tbl" (who text);
SELECT :'who', :'pw' AS "ü", nothing FROM :"tbl";
`,
    }
    const { outcome } = await up()
    expect(outcome).toMatchObject({
      code: 'TM5004',
      location: { path: 'migrations/001_x.sql', line: 5, column: 30 },
      frame: expect.stringContaining(`SELECT :'who', :'pw' AS "ü", nothing FROM :"tbl";`),
    })
    harness.files = {
      '002_x': `-- Variables: [pw secret]
-- Transaction: ${transaction}
-- @up
SELECT :'pw'::int;
`,
    }
    const failed = await up()
    expect(failed.outcome).toMatchObject({ message: expect.stringContaining(`":'pw'"`) })
    hidesSecret(everythingShown(failed.outcome))
    hidesSecret(JSON.stringify(failed.events))
    hidesSecret(await everythingStored())
  })

  test('a notice holds no secret', async () => {
    harness.files = {
      '001_x': `-- Variables: [pw secret]
-- Transaction: ${transaction}
-- @up
CREATE FUNCTION say(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'it is %', $1; END $$;
SELECT say(:'pw');
`,
    }
    const { events } = await up()
    expect(events.filter(({ kind }) => kind === 'notice')).toMatchObject([
      { notice: { message: `it is :'pw'` } },
    ])
  })
})

test('a value that is missing stops before anything runs, also what needs none', async () => {
  harness.files = { '000_first': 'CREATE TABLE first (id int);', '001_x': FILE }
  const { outcome } = await up({ tbl: 'a', who: 'b' })
  expect(outcome).toMatchObject({ code: 'TM7036' })
  expect(await harness.has('first')).toBe(false)
  expect((await up({ ...VALUES, pw: 'a\0' })).outcome).toMatchObject({ code: 'TM7037' })
  expect(await harness.has('first')).toBe(false)
  await runner({}).status()
})

test('a value that changes after a failed attempt is what is stored', async () => {
  harness.files = { '001_x': FILE.replace("pw = :'pw' AND who", 'false AND who') }
  await up({ ...VALUES, tbl: 'first_try' })
  harness.files = { '001_x': FILE }
  await up({ ...VALUES, tbl: 'second_try' })
  const rows = await harness.database.query<{ up_sql: string }>('SELECT up_sql FROM schema_migrations')
  expect(rows[0]?.up_sql).toContain('CREATE TABLE "second_try"')
})

test('a saved plan is stale after a value has changed, but not after a secret has', async () => {
  const planned = await runner().runMigrations({ dryRun: true })
  const plan = savePlan(planned.plan, planned.target)
  expect((await failure(runner({ ...VALUES, who: 'x' }).runMigrations({ plan }))).code).toBe('TM4006')
  await runner({ ...VALUES, pw: 'rotated' }).runMigrations({ plan })
})

test('other values change nothing of what is applied', async () => {
  await up()
  const { outcome } = await up({ tbl: 'a', who: 'b', pw: 'c' })
  expect(outcome).toMatchObject({ outcome: 'nothing_to_do' })
  expect((await runner({}).status()).findings).toEqual([])
  expect((await runner({}).repair({ dryRun: true })).plan.steps).toEqual([])
})

test('without the header the same text reaches the server byte for byte', async () => {
  const text = `SELECT ':''pw''', $$ :'pw' :"who" $$, 'a' AS ":'pw'";`
  harness.files = { '001_x': text }
  await up()
  const rows = await harness.database.query<{ up_sql: string }>('SELECT up_sql FROM schema_migrations')
  expect(rows[0]?.up_sql).toBe(text)
  harness.files = { '001_x': text, '002_y': "SELECT :'pw';" }
  expect((await up()).outcome).toMatchObject({
    code: 'TM5004',
    message: expect.stringContaining('syntax error at or near ":"'),
  })
})

test('a baseline, a mark and a repair store what is not secret', async () => {
  await runner().baseline({ through: ['001_x'] })
  const read = () => harness.database.query<{ down_sql: string }>('SELECT down_sql FROM schema_migrations')
  expect((await read())[0]?.down_sql).toContain('DROP TABLE "odd ""name"""')
  hidesSecret(await everythingStored())
  harness.files = { '001_x': `${FILE}-- more\n` }
  await runner({ ...VALUES, tbl: 'third' }).repair({ ids: ['001_x'], adopt: true })
  expect((await read())[0]?.down_sql).toContain('DROP TABLE "third"')
})

describe('a syntax error at a colon', () => {
  test.each([
    [
      'of a name that is not declared',
      "SELECT :'password';",
      `"password" is not a variable of this file: add it to "Variables" in the header, and write :'password' for a value, :"password" for a name`,
    ],
    [
      'of a misspelt name',
      'GRANT pg_monitor TO :"app_rol";',
      '"app_rol" is not a variable of this file: did you mean "app_role"?',
    ],
    [
      'of a declared name without quotes',
      "SELECT now()::text, :'app_role', :app_role;",
      `":app_role" is not replaced: write :'app_role' for a value, :"app_role" for a name`,
    ],
    ['of something else', 'SELECT 1 : 2;', 'fix the file and run "tidemark up" again'],
  ])('%s', async (_, sql, help) => {
    harness.files = { '001_a': `-- Variables: [app_role]\n-- @up\n${sql}\n` }
    const run = runner({ app_role: 'web' }).runMigrations()
    await expect(run).rejects.toMatchObject({ details: { sqlState: '42601' }, help })
  })

  test('in a file without variables has no hint about them', async () => {
    harness.files = { '001_a': 'SELECT :x;' }
    await expect(runner().runMigrations()).rejects.toMatchObject({
      help: 'fix the file and run "tidemark up" again',
    })
  })
})

import { randomBytes } from 'node:crypto'
import { sharedServerUrl } from '@tidemark/test-servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createEngineDatabase } from '../../src/database/create-engine-database.ts'
import { createServerEngine } from '../../src/engine/server-engine.ts'
import { createHarness } from '../support/engine-harness.ts'
import type { Relay } from '../support/relay.ts'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'
import { startTranslatingRelay } from '../support/translating-relay.ts'

let relay: Relay
let harness: ServerHarness | undefined

beforeAll(async () => {
  relay = await startTranslatingRelay(sharedServerUrl())
})
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})
afterAll(() => relay.close())

const start = async (files: Parameters<typeof createServerHarness>[0]) => {
  harness = await createServerHarness(files, (direct) => relay.url(direct))
  return harness
}
const helpOf = async (h: Pick<ServerHarness, 'fail'>) => (await h.fail()).help

test('a timeout is that of the header, and a SET TRANSACTION comes too late', async () => {
  const h = await start({ '001_a': '-- Statement timeout: 100ms\n-- @up\nSELECT pg_sleep(30);\n' })
  expect(await helpOf(h)).toContain('the header has "Statement timeout: 100ms"')
  h.files = { '001_a': 'SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;' }
  expect(await helpOf(h)).toContain('begin "@up" with SET TRANSACTION ISOLATION LEVEL')
})

test('notices have the severity that the server means, not the word for it', async () => {
  const h = await start({
    '001_a': `DROP TABLE IF EXISTS nope; DO $$ BEGIN RAISE WARNING 'careful'; RAISE INFO 'told'; END $$;
      ROLLBACK TO SAVEPOINT a;`,
  })
  await h.fail()
  const severities = h.events.flatMap((event) => (event.kind === 'notice' ? [event.notice.severity] : []))
  expect(severities).toEqual(['NOTICE', 'WARNING', 'INFO'])
})

describe('what the guard of a migration found is never told as an error of the server', () => {
  test('a file that ends its transaction', async () => {
    const off = "SELECT set_config('standard_conforming_strings', 'off', false);"
    const h = await start({ '001_a': `${off}\nSELECT 'a\\', '; COMMIT; --';\nCREATE TABLE t ();` })
    const error = await h.fail()
    expect(error.code).toBe('TM5006')
    expect(error.message).toContain('its transaction was ended by the file itself')
  })

  test('a function that clears all settings is tried again and applied', async () => {
    const h = await start({
      '001_a': `CREATE FUNCTION clear() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'RESET ALL'; END $$;`,
      '002_b': '-- Depends on: [001_a]\n-- @up\nSELECT clear();\n',
    })
    expect((await h.up()).done).toEqual(['001_a', '002_b'])
  })

  test('a trigger that leaves a prepared statement behind is tried again and applied', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`00${at + 1}_x`, `INSERT INTO t VALUES (${at});`]),
    )
    const h = await start(files)
    await h.server.query(`CREATE TABLE t (id int);
      CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE format('PREPARE left_%s AS SELECT 1', NEW.id); RETURN NEW; END $$;
      CREATE TRIGGER leave BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION leave()`)
    expect((await h.up()).done).toHaveLength(6)
  })

  test('a row that the file itself completes', async () => {
    const h = await start({ '001_a': "UPDATE schema_migrations SET status = 'completed';" })
    expect(await h.fail()).toMatchObject({ code: 'TM5011' })
  })
})

test('a line of COPY data is found, with the field', async () => {
  const text = '-- @up\nCREATE TABLE t (a int, b int);\nCOPY t FROM stdin;\n1\t2\n3\tbad\n\\.\n'
  const h = await start({ '001_a': text })
  expect(await h.fail()).toMatchObject({ location: { line: 5, column: 3 } })
})

describe('42501 says who owns what', () => {
  const role = `deploy ${randomBytes(3).toString('hex')}`

  async function failAs(text: string, prepare = ''): Promise<string> {
    const h = await start({})
    await h.server.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'secret';
      CREATE SCHEMA tidemark AUTHORIZATION "${role}"; CREATE TABLE owned (id int); CREATE SCHEMA store;
      CREATE FUNCTION add_one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mood AS ENUM ('ok'); ${prepare}`)
    try {
      const url = new URL(relay.url(h.server.url))
      Object.assign(url, { username: encodeURIComponent(role), password: 'secret' })
      const options = { url: url.href, directUrl: undefined, connectTimeoutMs: 10_000, ssl: undefined }
      const own = createHarness(
        {
          ...h.database,
          open: (settings) => createEngineDatabase(createServerEngine(options, settings), settings),
        },
        { '001_a': text },
      )
      return (await own.fail({ schema: 'tidemark' })).help ?? ''
    } finally {
      await h.server.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`)
    }
  }

  test.each([
    ['a table', 'ALTER TABLE owned ADD a int;', 'table "owned" belongs to "postgres"'],
    ['a table with a schema', 'ALTER TABLE public.owned ADD a int;', 'table "owned" belongs to "postgres"'],
    ['a schema that is named', 'CREATE TABLE store.x ();', 'schema "store" belongs to "postgres"'],
    ['a function', 'DROP FUNCTION add_one();', 'function "add_one" belongs to "postgres"'],
    ['a type', "ALTER TYPE mood ADD VALUE 'bad';", 'type "mood" belongs to "postgres"'],
  ])('%s', async (_, text, owner) => {
    expect(await failAs(text)).toContain(owner)
  })
})

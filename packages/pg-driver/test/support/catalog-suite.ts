import {
  type Catalog,
  type CatalogSession,
  compareCatalogs,
  describeCatalogDifference,
  fingerprintCatalog,
  readCatalog,
} from '@tidemark/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG_CASES } from './catalog-cases.ts'

/** A connection of a superuser to an empty database. */
export interface CatalogSuiteSession extends CatalogSession {
  /** Runs one or more statements. */
  execute(sql: string): Promise<void>
  /** The major of the server. */
  readonly major: number
  /** PGlite has no library for it. */
  readonly subscriptions: 'has them' | 'has none'
  close(): Promise<void>
}

/** Registers what holds of the catalog on every engine. Each case runs in a transaction that is rolled back. */
export function describeCatalog(engine: string, open: () => Promise<CatalogSuiteSession>): void {
  describe(`the catalog on ${engine}`, () => {
    let session: CatalogSuiteSession
    beforeAll(async () => {
      session = await open()
    })
    afterAll(() => session.close())

    const read = () => readCatalog(session, { transaction: 'caller', secretKey: 'key' })
    const inTransaction = async (work: () => Promise<void>) => {
      await session.execute('BEGIN')
      try {
        await work()
      } finally {
        await session.execute('ROLLBACK')
      }
    }

    /** Makes a subscription where that can be had, and gives how many there are. */
    const subscribe = async () => {
      if (session.subscriptions === 'has none') return 0
      await session.execute(
        "CREATE SUBSCRIPTION sub CONNECTION 'dbname=x password=hunter2' PUBLICATION a WITH (connect = false, slot_name = NONE)",
      )
      return 1
    }

    test.each(CATALOG_CASES)('shows $name', async ({ setup = '', change, says, since = 14, needs }) => {
      if (session.major < since || (needs && session.subscriptions === 'has none')) return
      await inTransaction(async () => {
        await session.execute(setup)
        const before = await read()
        await session.execute(change)
        expect(compareCatalogs(before, await read()).flatMap(describeCatalogDifference)).toEqual(says)
      })
    })

    test('has a fingerprint that object ids and the order of creation do not change', async () => {
      const create = (order: readonly string[]) => order.join(';')
      const parts = [
        'CREATE TABLE t (a int PRIMARY KEY)',
        'CREATE VIEW v AS SELECT 1 AS x',
        'CREATE SCHEMA s',
      ]
      const fingerprints: string[] = []
      for (const order of [parts, parts.toReversed()]) {
        await inTransaction(async () => {
          await session.execute(create(order))
          fingerprints.push(fingerprintCatalog(await read()))
        })
      }
      expect(fingerprints[1]).toBe(fingerprints[0])
    })

    test('has no value of an option that may be a secret', async () => {
      await inTransaction(async () => {
        await session.execute(
          `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (password 'hunter2');
           CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'hunter2');`,
        )
        const number = await subscribe()
        const values = [await read(), await readCatalog(session, { transaction: 'caller' })].flatMap(
          listValues,
        )
        expect(values.filter((value) => value.startsWith('hash '))).toHaveLength(2 + number)
        expect(values.filter((value) => value === '(hidden)')).toHaveLength(2 + number)
        expect(values.filter((value) => /hunter2|68756e74657232/.test(value))).toEqual([])
      })
    })

    test('is read by a role without privileges, which sees no options of subscriptions and mappings', async () => {
      await inTransaction(async () => {
        await session.execute(
          `CREATE ROLE cat_nobody; CREATE SCHEMA hidden; REVOKE ALL ON SCHEMA public FROM PUBLIC;
           CREATE TABLE hidden.t (a int PRIMARY KEY); CREATE VIEW hidden.v AS SELECT a FROM hidden.t;
           CREATE FUNCTION hidden.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
           REVOKE ALL ON FUNCTION hidden.f() FROM PUBLIC;
           CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
           CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'x');`,
        )
        const number = await subscribe()
        const all = await read()
        await session.execute('SET LOCAL ROLE cat_nobody')
        const seen = await read()
        await session.execute('RESET ROLE')
        expect(compareCatalogs(all, seen).flatMap(describeCatalogDifference)).toEqual([
          ...(number === 0 ? [] : ['subscription sub: option connection is missing']),
          'user mapping PUBLIC on s: option password is missing',
        ])
      })
    })

    test('is read in a transaction of its own that leaves the session as it was', async () => {
      await session.execute("SET search_path = pg_temp, public; SET datestyle = 'German'")
      const catalog = await readCatalog(session)
      expect(catalog.objects.has('schema public')).toBe(true)
      const { rows } = await session.query(
        "SELECT current_setting('search_path') AS path, current_setting('datestyle') AS style, current_setting('transaction_read_only') AS read_only",
      )
      expect(rows).toEqual([{ path: 'pg_temp, public', style: 'German, DMY', read_only: 'off' }])
      await session.execute('RESET ALL')
    })

    test('is the one of the server, whatever tables a session has made for itself', async () => {
      await inTransaction(async () => {
        const before = await read()
        await session.execute('CREATE TEMP TABLE pg_class (a int); CREATE TEMP TABLE pg_namespace (a int)')
        const after = await read()
        expect([...after.objects.keys()].filter((key) => !before.objects.has(key))).toEqual([])
      })
    })

    test('is prepared once a session, and again when that is gone', async () => {
      const count = async () =>
        (
          await session.query(
            "SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name LIKE 'tidemark_catalog%'",
          )
        ).rows
      // For other kinds of objects it is another query.
      await session.execute('DEALLOCATE ALL')
      await readCatalog(session)
      await readCatalog(session)
      expect(await count()).toEqual([{ n: 1 }])
      await session.execute('DEALLOCATE ALL')
      expect((await readCatalog(session)).objects.has('schema public')).toBe(true)
      expect(await count()).toEqual([{ n: 1 }])
    })

    test('leaves the transaction of the caller usable when reading fails', async () => {
      await inTransaction(async () => {
        await session.execute('CREATE TABLE kept (a int)')
        const failing: CatalogSession = {
          query: (text) => session.query(text.startsWith('EXECUTE') ? 'SELECT 1/0' : text),
        }
        await expect(readCatalog(failing, { transaction: 'caller' })).rejects.toThrow()
        expect((await read()).objects.has('table public.kept')).toBe(true)
      })
    })
  })
}

function listValues(catalog: Catalog): readonly string[] {
  return [...catalog.objects.values()].flatMap(({ facets }) => [...facets.values()])
}

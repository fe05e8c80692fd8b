import { afterEach, describe, expect, test } from 'vitest'
import { none } from '../support/autocommit-suite.ts'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})
const start = async (files: Parameters<typeof createServerHarness>[0], encoding: string) => {
  harness = await createServerHarness(files, undefined, encoding)
  return harness
}

/**
 * SQL_ASCII counts bytes: this name is cut within a character, and the server sends it to no client in UTF-8.
 */
const BROKEN = 'é'.repeat(40)
/**
 * Names that are cut at other places in each encoding; `é` has one byte in LATIN1, two in UTF-8, three in
 * EUC_JP.
 */
const WHOLE = [`a${'é'.repeat(80)}`, `"É${'é'.repeat(29)} xy"`, 'short']

const CASES = [
  { encoding: 'LATIN1', names: [BROKEN, ...WHOLE] },
  { encoding: 'EUC_JP', names: [BROKEN, ...WHOLE] },
  { encoding: 'UTF8', names: [BROKEN, ...WHOLE] },
  { encoding: 'SQL_ASCII', names: WHOLE },
]

test('in SQL_ASCII a build whose name the server cuts within a character fails, and is not recorded', async () => {
  const build = none(`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${BROKEN} ON t (id);`)
  const h = await start({ '001_a': build }, 'SQL_ASCII')
  await h.database.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)')
  for (const _ of ['first', 'second']) {
    expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { sqlState: '22021' } })
    expect(await h.rows()).toEqual(['001_a failed'])
  }
})

describe.each(CASES)('in a database in $encoding', ({ encoding, names }) => {
  test.each(names)('an invalid unique index %s is never recorded as applied', async (name) => {
    const build = none(`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON t (id);`)
    const h = await start({ '001_a': build }, encoding)
    await h.database.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)')
    expect(await h.fail()).toMatchObject({ code: 'TM5004', details: { sqlState: '23505' } })
    expect((await h.fail()).code).toBe('TM5004')
    await h.database.query('DELETE FROM t')
    expect((await h.up()).done).toEqual(['001_a'])
    const indexes = "SELECT indisvalid AS valid FROM pg_index WHERE indrelid = 't'::regclass"
    expect(await h.database.query(indexes)).toEqual([{ valid: true }])
  })

  test.each(names)('an index %s that was left invalid by others is refused', async (name) => {
    const build = none(`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON t (id);`)
    const h = await start({ '001_a': build }, encoding)
    await h.database.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)')
    await expect(h.server.query(`CREATE UNIQUE INDEX CONCURRENTLY ${name} ON t (id)`)).rejects.toThrow()
    expect((await h.fail()).code).toBe('TM5020')
    expect(await h.rows()).toEqual(['001_a failed'])
  })

  test.each(names)('an index %s that is dropped by one run is dropped for the next', async (name) => {
    const drop = `DROP INDEX CONCURRENTLY ${name};\nSELECT 1 / (SELECT count(*) FROM t);`
    const h = await start({ '001_a': none(drop) }, encoding)
    await h.database.query(`CREATE TABLE t (id int); CREATE INDEX ${name} ON t (id)`)
    expect((await h.fail()).code).toBe('TM5004')
    await h.database.query('INSERT INTO t VALUES (1)')
    expect((await h.up()).done).toEqual(['001_a'])
  })

  test.each(names)('a partition %s is detached once', async (name) => {
    const detach = `ALTER TABLE p DETACH PARTITION ${name} CONCURRENTLY;\nSELECT 1 / (SELECT count(*) FROM gate);`
    const h = await start({ '001_a': none(detach) }, encoding)
    await h.database.query(
      `CREATE TABLE gate (); CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE ${name} PARTITION OF p FOR VALUES IN (1)`,
    )
    expect((await h.fail()).code).toBe('TM5004')
    expect(await h.database.query('SELECT FROM pg_inherits')).toEqual([])
    await h.database.query('ALTER TABLE gate ADD a int; INSERT INTO gate VALUES (1)')
    expect((await h.up()).done).toEqual(['001_a'])
  })
})

const ARROW = `-- Migration: 001_notes
-- Description: notes of the shop
-- @up
-- keep in step with the ledger → see wiki
CREATE TABLE notes (body text DEFAULT '“x”');
`
const TAGS = '-- @up\nCREATE TABLE tags ();\n-- @down\nDROP TABLE tags;\n'

test('what the encoding lacks is reported at its place before anything runs, and stops only that file', async () => {
  const h = await start({ '001_notes': ARROW, '002_tags': TAGS }, 'LATIN1')
  expect(await h.fail()).toMatchObject({
    code: 'TM3009',
    message: '"→" (U+2192) cannot be stored in this database, whose encoding is LATIN1',
    diagnostics: [{ code: 'TM3009', span: { start: ARROW.indexOf('→'), end: ARROW.indexOf('→') + 1 } }],
  })
  expect(await h.has('tags')).toBe(false)
  expect((await h.up({}, { target: '002_tags' })).done).toEqual(['002_tags'])
  h.files = { '001_notes': ARROW.replace('→', 'and').replace(/[“”]/g, ''), '002_tags': TAGS }
  expect((await h.up()).done).toEqual(['001_notes'])
})

test('a plan, a status and a dry run report what the encoding lacks, and nothing is written', async () => {
  const h = await start({ '001_notes': ARROW, '002_tags': TAGS }, 'LATIN1')
  const found = [{ code: 'TM3009', severity: 'error', span: { start: ARROW.indexOf('→') } }]
  expect((await h.runner().createMigrationPlan()).findings).toMatchObject(found)
  expect((await h.runner().status()).findings).toMatchObject(found)
  expect((await h.runner().runMigrations({ dryRun: true })).plan.findings).toMatchObject(found)
  expect((await h.runner().baseline({ through: ['001_notes'], dryRun: true })).plan.findings).toMatchObject(
    found,
  )
  expect((await h.runner().createMigrationPlan({ target: '002_tags' })).findings).toEqual([])
  expect((await h.runner().runMigrations({ dryRun: true, keepGoing: true })).plan.findings).toMatchObject([
    { code: 'TM3009', severity: 'warning' },
  ])
  expect(await h.has('schema_migrations')).toBe(false)
})

test('with keepGoing what cannot be stored fails alone, with what depends on it', async () => {
  const after = (id: string, name: string) => `-- Depends on: [${id}]\n${TAGS.replaceAll('tags', name)}`
  const h = await start(
    {
      '001_notes': ARROW,
      '002_tags': TAGS,
      '003_on_notes': after('001_notes', 'x'),
      '004_on_tags': after('002_tags', 'y'),
    },
    'LATIN1',
  )
  const error = await h.fail({}, { keepGoing: true })
  expect([error.code, error.details]).toEqual([
    'TM3009',
    expect.objectContaining({
      applied: ['002_tags', '004_on_tags'],
      failed: ['001_notes'],
      notRun: ['003_on_notes'],
    }),
  ])
  expect(await h.rows()).toEqual(['002_tags completed', '003_on_notes pending', '004_on_tags completed'])
  h.files = { ...h.files, '001_notes': TAGS.replaceAll('tags', 'notes') }
  expect((await h.up()).done).toEqual(['001_notes', '003_on_notes'])
})

test('who runs is recorded as far as the encoding goes', async () => {
  const h = await start({ '002_tags': TAGS }, 'LATIN1')
  const runner = h.runner({}, { executedBy: 'Zoë ☃@büro' })
  await runner.runMigrations()
  await runner.runMigrations()
  await runner.rollBack()
  const { attempts } = await h.runner().history()
  expect(attempts.map(({ executedBy }) => executedBy)).toEqual(['Zoë ?@büro', 'Zoë ?@büro'])
})

test.each([
  ['EUC_JP', 'é', '–', 'U+2013'],
  ['LATIN1', '¤', '€', 'U+20AC'],
  ['LATIN9', '€', '😀', 'U+1F600'],
])('%s stores "%s" and not "%s"', async (encoding, good, bad, point) => {
  const file = (text: string) => `-- @up\nCREATE TABLE t (a text);\nINSERT INTO t VALUES ('${text}');\n`
  const h = await start({ '001_bad': file(good.repeat(3) + bad) }, encoding)
  expect((await h.fail()).message).toBe(
    `"${bad}" (${point}) cannot be stored in this database, whose encoding is ${encoding}`,
  )
  h.files = { '001_good': file(good) }
  expect((await h.up()).done).toEqual(['001_good'])
})

test.each(['UTF8', 'SQL_ASCII'])('%s stores every character', async (encoding) => {
  const h = await start({ '001_notes': ARROW }, encoding)
  expect((await h.up({}, { reason: 'ticket → 5' })).done).toEqual(['001_notes'])
})

test('a reason that cannot be stored is refused before anything runs', async () => {
  const h = await start({ '002_tags': TAGS }, 'LATIN1')
  await h.up()
  const reason = 'ticket → 5'
  await expect(h.runner().rollBack({ reason })).rejects.toMatchObject({
    code: 'TM3009',
    message: '"→" (U+2192) of the reason cannot be stored in this database, whose encoding is LATIN1',
  })
  expect(await h.has('tags')).toBe(true)
})

test('an edited file that cannot be stored is not repaired, and not redone halfway', async () => {
  const h = await start({ '002_tags': TAGS }, 'LATIN1')
  await h.up()
  h.files = { '002_tags': `${TAGS}-- →\n` }
  await expect(h.runner().repair({ ids: ['002_tags'], adopt: true })).rejects.toMatchObject({
    code: 'TM3009',
  })
  await expect(h.runner().redo({ id: '002_tags' })).rejects.toMatchObject({ code: 'TM3009' })
  expect(await h.has('tags')).toBe(true)
  expect(await h.rows()).toEqual(['002_tags completed'])
})

test('a failure with a long statement is recorded', async () => {
  const long = `SELECT 1 / (SELECT count(*) FROM t), '${'é'.repeat(300)}';`
  const h = await start({ '001_a': none(`CREATE TABLE t ();\n${long}`), '002_b': long }, 'LATIN1')
  expect((await h.fail()).code).toBe('TM5004')
  expect(await h.rows()).toEqual(['001_a failed', '002_b pending'])
})

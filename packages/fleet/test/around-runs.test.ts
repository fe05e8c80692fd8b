import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHooks, createServerBackups } from '@tidemark/pg-driver'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, openFleet, tenantsOf } from './support.ts'

const ONE = { '001_a': 'CREATE TABLE a (id int); INSERT INTO a VALUES (1)' }

test('hooks are called for each target, once, and one that fails stops its target alone', async () => {
  const names = ['a', 'b', 'c', 'd']
  const database = await openDatabase(names)
  await database.query('CREATE TABLE d.a ()')
  const calls: string[] = []
  const note = ({
    hook,
    target,
  }: {
    readonly hook: string
    readonly target: { readonly schema: string }
  }): void => {
    calls.push(`${target.schema} ${hook}`)
    if (hook === 'beforeUp' && target.schema === 'b') throw new Error('not now')
  }
  const hooks = createHooks({ beforeUp: note, afterEach: note, afterUp: note, onError: note })
  const options = { targets: tenantsOf(database, names), maxFailures: 4, hooks }
  const { outcomes } = await openFleet(ONE, options).up()
  expect(outcomes.map((one) => [one.name, one.kind === 'failed' ? one.error.code : one.kind])).toEqual([
    ['a', 'done'],
    ['b', 'TM7039'],
    ['c', 'done'],
    ['d', 'TM5004'],
  ])
  expect([...calls].sort()).toEqual([
    'a afterEach',
    'a afterUp',
    'a beforeUp',
    'b beforeUp',
    'b onError',
    'c afterEach',
    'c afterUp',
    'c beforeUp',
    'd beforeUp',
    'd onError',
  ])
  expect(await database.query(`SELECT relname FROM pg_class WHERE oid = to_regclass('b.a')`)).toEqual([])
  calls.length = 0
  // Those that are current call none.
  await openFleet(ONE, { ...options, targets: tenantsOf(database, ['a', 'c']) }).up()
  expect(calls).toEqual([])
})

test('what destructive steps take away is saved for each target, and a backup that fails stops its target alone', async () => {
  const names = ['a', 'b', 'c']
  const database = await openDatabase(names)
  const backups = await mkdtemp(join(tmpdir(), 'tidemark-fleet-'))
  onTestFinished(() => rm(backups, { recursive: true }))
  const targets = tenantsOf(database, names)
  await openFleet(ONE, { targets }).up()
  for (const name of names) await database.query(`UPDATE ${name}.a SET id = ${name.charCodeAt(0)}`)
  // What the file of one target would be is a folder already.
  const first = openFleet(ONE, { targets, backup: 'destructive', backups, maxFailures: 3 })
  expect((await first.up()).outcomes.map(({ kind }) => kind)).toEqual(['current', 'current', 'current'])
  await mkdir(join(backups, 'fleet'), { recursive: true })
  await writeFile(join(backups, 'fleet', 'c-2e7d2c03'), '')
  const drops = { ...ONE, '002_drop': 'DROP TABLE a' }
  const fleet = openFleet(drops, { targets, backup: 'destructive', backups, maxFailures: 3 })
  const { outcomes, rolloutId } = await fleet.up()
  expect(outcomes.map((one) => [one.name, one.kind === 'failed' ? one.error.code : one.kind])).toEqual([
    ['a', 'done'],
    ['b', 'done'],
    ['c', 'TM7017'],
  ])
  expect(await database.query(`SELECT to_regclass('c.a')::text AS kept`)).toEqual([{ kept: 'c.a' }])
  for (const name of ['a', 'b']) {
    const folder = (await readdir(join(backups, 'fleet'))).find((one) => one.startsWith(`${name}-`)) ?? ''
    const { restorer } = createServerBackups({
      database: database.url,
      schema: name,
      backups: join(backups, 'fleet', folder),
    })
    await restorer.restore(rolloutId, { runId: randomUUID(), executedBy: 'test', toolVersion: '0' })
    expect(await database.query(`SELECT id FROM ${name}.a`)).toEqual([{ id: name.charCodeAt(0) }])
  }
})

test('names that differ only in signs or in case have folders of their own', async () => {
  const names = ['Acme', 'acme', '../acme', 'a/cme']
  const schemas = ['a', 'b', 'c', 'd']
  const database = await openDatabase(schemas)
  const backups = await mkdtemp(join(tmpdir(), 'tidemark-fleet-'))
  onTestFinished(() => rm(backups, { recursive: true }))
  const targets = names.map((name, at) => ({ name, database: database.url, schema: schemas[at] }))
  const fleet = openFleet({ ...ONE, '002_drop': 'DROP TABLE a' }, { targets, backup: 'destructive', backups })
  expect((await fleet.up()).outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done'])
  expect(await readdir(backups)).toEqual(['fleet'])
  expect(
    (await readdir(join(backups, 'fleet'))).map((one) => one.replace(/-[0-9a-f]{8}$/, '')).sort(),
  ).toEqual(['Acme', '_acme', 'a_cme', 'acme'])
})

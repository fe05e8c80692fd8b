import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, openFleet } from './support.ts'

const FILES = { '001_a': 'CREATE TABLE a (id int)' }

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-fleet-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'targets'), text)
  return join(folder, 'targets')
}

test('targets come from a query, read-only, and only to hosts that are allowed', async () => {
  const database = await openDatabase(['one', 'two'])
  await database.query(
    `CREATE TABLE public.tenants (slug text, url text, schema text, tags text[]);
     INSERT INTO public.tenants VALUES ('one', '${database.url}', 'one', '{eu}'), ('two', '${database.url}', 'two', NULL),
       ('elsewhere', 'postgres://app:x@evil.example/x', NULL, NULL)`,
  )
  const query =
    'SELECT slug AS name, url AS database, schema, schema AS searchPath, tags FROM tenants ORDER BY slug DESC'
  const host = new URL(database.url).hostname
  const fleet = openFleet(FILES, {
    targets: { query, database: database.url },
    hosts: [host],
    maxFailures: 1,
  })
  const { outcomes } = await fleet.up()
  expect(outcomes.map(({ name, kind }) => [name, kind])).toEqual([
    ['two', 'done'],
    ['one', 'done'],
    ['elsewhere', 'failed'],
  ])
  expect((await fleet.status({ tags: ['eu'] })).map(({ name }) => name)).toEqual(['one'])
  const writing = openFleet(FILES, {
    targets: { query: 'DELETE FROM tenants RETURNING slug AS name', database: database.url },
    hosts: [host],
  })
  await expect(writing.targets()).rejects.toMatchObject({
    code: 'TM7071',
    message:
      'the targets of the fleet cannot be read: the query failed: cannot execute DELETE in a read-only transaction',
  })
  const several = openFleet(FILES, {
    targets: { query: 'SELECT 1; SELECT 2', database: database.url },
    hosts: [host],
  })
  await expect(several.targets()).rejects.toMatchObject({ code: 'TM7071' })
})

test('targets come from a file with one list, or with one object a line', async () => {
  const entry = (name: string) => ({ name, database: 'postgres://app@db.internal/x' })
  for (const text of [
    JSON.stringify([entry('a'), entry('b')], null, 2),
    `${JSON.stringify(entry('a'))}\r\n\n${JSON.stringify(entry('b'))}\n`,
    `\uFEFF${JSON.stringify([entry('a'), entry('b')])}`,
  ]) {
    const fleet = openFleet(FILES, { targets: { file: await fileWith(text) }, hosts: ['db.internal'] })
    expect((await fleet.targets()).map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'sound'],
      ['b', 'sound'],
    ])
  }
})

test('what cannot be read is said without what is in it', async () => {
  const file = await fileWith('{"name": "a", "database": "postgres://app:hidden@db/x"}\n{"name: hidden')
  const reading = openFleet(FILES, { targets: { file }, hosts: ['db'] }).targets()
  await expect(reading).rejects.toMatchObject({
    code: 'TM7071',
    message: `the targets of the fleet cannot be read: "${file}:2" is not JSON`,
  })
  const missing = openFleet(FILES, { targets: { file: `${file}x` }, hosts: ['db'] }).targets()
  await expect(missing).rejects.toMatchObject({ code: 'TM7071' })
  const failing = openFleet(FILES, { targets: () => Promise.reject(new Error('no vault')) }).targets()
  await expect(failing).rejects.toMatchObject({
    message: 'the targets of the fleet cannot be read: the function failed: no vault',
  })
})

test('a query and a file need hosts', async () => {
  const reading = openFleet(FILES, { targets: { file: 'targets.json' } }).targets()
  await expect(reading).rejects.toMatchObject({ code: 'TM7003' })
})

test('files that are wrong are refused once, before any target is asked', async () => {
  const files = {
    '001_a': '-- Migration: 001_a\n-- Type: custom_sql\n-- Depends on: [000_none]\n\n-- @up\nSELECT 1;\n',
  }
  const fleet = openFleet(files, { targets: [{ name: 'acme', database: 'postgres://app@db.invalid/x' }] })
  for (const ask of [fleet.up, fleet.plan, fleet.status])
    await expect(ask()).rejects.toMatchObject({ code: 'TM2002' })
})

test('an unknown name or tag is refused with the near miss', async () => {
  const fleet = openFleet(FILES, { targets: async () => [{ name: 'acme', database: 'postgres://app@db/x' }] })
  await expect(fleet.targets({ only: ['acne'] })).rejects.toMatchObject({
    code: 'TM7072',
    message: 'there is no target "acne"',
    help: 'did you mean "acme"?',
  })
  await expect(fleet.targets({ tags: ['eu'] })).rejects.toMatchObject({ code: 'TM7072' })
})

test('thousands of targets are read at once', async () => {
  const targets = Array.from({ length: 5000 }, (_, place) => ({
    name: `t${place}`,
    database: `postgres://app@db${place % 50}/x`,
  }))
  expect(await openFleet(FILES, { targets }).targets()).toHaveLength(5000)
})

test('wrong options are refused when the fleet is made', () => {
  const targets: never[] = []
  expect(() => openFleet(FILES, { targets, waves: ['some'] })).toThrow('"some" is not a wave')
  expect(() => openFleet(FILES, { targets, perServer: 0 })).toThrow('"perServer" is not valid: 0')
  expect(() => openFleet(FILES, { targets, maxFailures: 'x%' })).toThrow('"maxFailures" is not valid: "x%"')
  expect(() => openFleet(FILES, { targets, ...{ concurency: 3 } })).toThrow('concurency')
})
